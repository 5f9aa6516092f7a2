"""Reading never fails and never hangs, whatever the text; a mistake is reported inside the file."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spmlang.diagnostics.diagnostic import Diagnostic
from spmlang.diagnostics.text import SourceText, Span
from spmlang.syntax.lower import lower
from spmlang.syntax.parse import parse
from tests.strategies.plan_files import laid_out, tokens

PIECES = [
    "{",
    "}",
    "(",
    ")",
    ",",
    '"',
    "#",
    "%",
    "$",
    "\n",
    "\r",
    "or",
    "else",
    "5",
    "USD",
    "name",
    ".",
    ";",
    "“",
    "\xa0",
]


def read(text: str) -> list[Diagnostic]:
    """Parse and lower; every problem has a place inside the file."""
    source = SourceText("any.spm", text)
    parsed = parse(source)
    problems = [*parsed.diagnostics, *lower(parsed)[1]]
    for problem in problems:
        assert isinstance(problem.where, Span)
        assert 0 <= problem.where.start <= problem.where.end <= len(text)
    return problems


@pytest.mark.properties
@settings(max_examples=300)
@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map(" ".join)))
@example("measure m {\n} }\n\x0c")
@example("plan p version 1 {\n  cap ((((\n")
@example("calendar c\n\n{\n")
def test_any_text_is_read(text: str) -> None:
    read(text)


@pytest.mark.properties
@settings(max_examples=300)
@given(tokens(), st.integers(0, 10_000), st.sampled_from(["leave out", "twice", "swap", *PIECES]))
def test_a_file_with_one_change_is_read(words: list[str], at: int, change: str) -> None:
    place = at % (len(words) + 1)
    before, after = words[:place], words[place:]
    match change:
        case "leave out":
            words = before + after[1:]
        case "twice":
            words = before + after[:1] + after
        case "swap":
            words = before + after[1:2] + after[:1] + after[2:]
        case _:
            words = [*before, change, *after]
    read(laid_out(words, None))


def test_reading_a_file_twice_finds_the_same() -> None:
    text = "measure m {\n  sum 5 %\n  where a = 1\n"
    assert read(text) == read(text)
    assert len(read(text)) == 3


def test_a_calculation_that_is_too_deep_is_refused() -> None:
    for text in ("(" * 5_000 + "1" + ")" * 5_000, "+".join(["1"] * 5_000)):
        (problem,) = read(f"measure m {{\n  sum {text}\n}}\n")
        assert problem.slug == "too-deep"


def test_fifty_mistakes_are_enough() -> None:
    problems = read("measure m {\n" + "  sum ;\n" * 80 + "}\nmeasure n {\n  sum ;\n}\n")
    assert [problem.slug for problem in problems] == ["semicolon"] * 50 + ["too-many-mistakes", "semicolon"]


def test_a_comment_below_a_changed_part_opens_no_block() -> None:
    text = "plan a version 2 changes version 1 {\nreplace bonus a.pays 5.00 USD\n  # as agreed\n}\n"
    assert parse(SourceText("a.spm", text)).diagnostics == ()


def test_lines_of_a_calculation_are_no_outline() -> None:
    text = "measure a in USD {\n  sum (x.a\n    - x.b\n    - x.c)\n  where x.d = true\n}\n"
    found = parse(SourceText("a.spm", text)).diagnostics
    assert [problem.slug for problem in found] == ["single-equals"]


def test_and_beside_or_is_reported_once() -> None:
    (problem,) = read("measure m {\n  where a and b or c and d or e\n}\n")
    assert problem.slug == "mixed-and-or"


def test_names_of_what_cannot_be_read_are_known() -> None:
    parsed = parse(SourceText("lost.spm", "measure good {\n}\nmeasure lost in in {\n  sum orders.a\n}\n"))
    assert [item.node.nodes()[0].kind for item in parsed.items] == ["measure"]
    assert parsed.undeclared_after_error == ("lost",)


def test_an_item_with_a_cut_statement_is_damaged() -> None:
    parsed = parse(SourceText("cut.spm", "measure cut {\n  sum\n}\nmeasure whole {\n}\n"))
    assert [item.damaged for item in parsed.items] == [True, False]
