"""Diagnostics as GitHub workflow commands."""

from __future__ import annotations

from spmlang.diagnostics.diagnostic import Cell
from spmlang.diagnostics.github import render_github

from .cases import ALL, problem


def test_github() -> None:
    assert render_github(ALL).splitlines() == [
        "::error title=SPM001 No project::There is no spm.yaml.%0ARun `spm new`.",
        "::error file=data/deals 2013.csv,title=SPM505 An empty file::"
        "data/deals 2013.csv: The file is empty.%0AExport it again.",
        "::error file=data/deals 2013.csv,title=SPM513 Not a number::"
        "data/deals 2013.csv, row 5, column amount: `x` is not a number.%0AWrite a plain decimal.",
        "::warning file=plans/account executive.spm,line=3,endLine=5,title=SPM103 A block is not closed::"
        "The block is odd: 100%25, say.%0AClose it,%0Athen go on.",
        "::error file=plans/account executive.spm,line=4,endLine=4,col=8,title=SPM101 A word in the wrong place::"
        "There is no measure called `bookingz`.%0Aplans/measures.spm:1: this one is near%0A"
        "plans/account executive.spm:3: the component that asks for it%0A"
        "Check the spelling. Did you mean `bookings`?",
    ]


def test_what_would_end_a_command_or_a_property_is_escaped() -> None:
    item = problem("no-project", "SPM001", message="50%\r\n::error::no", remedy="", where=Cell("C:/a,b%.csv"))
    assert render_github([item]) == (
        "::error file=C%3A/a%2Cb%25.csv,title=SPM001 No project::C:/a,b%25.csv: 50%25%0D%0A::error::no\n"
    )


def test_nothing_to_say() -> None:
    assert render_github([]) == ""
