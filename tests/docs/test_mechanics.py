"""The list of mechanics is whole, its links lead to headings, and every engine computes every page's project alike."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from spmlang.run.open import open_data, open_project
from spmlang.run.run import make_request, run_program
from tests.docs.console import build, commands
from tests.docs.pages import DOCS, anchors, blocks, prose
from tests.engines.every import COMPARED

pytestmark = pytest.mark.docs

_FOLDER = DOCS / "mechanics"
_PAGES = sorted(_FOLDER.glob("[!R]*.md"))
_ROWS = range(1, 63)

_LINK = re.compile(r"\[[^\]]+\]\((?P<page>[\w-]+\.md)#(?P<heading>[\w-]+)\)")
_WITHOUT_PAGE = re.compile(r"to come|not here: .+")


def _listed() -> Iterator[tuple[int, str, str, str]]:
    """The rows of the list: number, what is asked for, how it is said, and where."""
    for _, line in prose(_FOLDER / "README.md"):
        if re.match(r"\| \d", line):
            number, asked, said, where = (cell.strip() for cell in line.strip("|").split("|"))
            yield int(number), asked, said, where


def _from_letters() -> list[tuple[str, str, str]]:
    """The rows of the list of what plan letters ask for: what is asked for, how it is said, and where."""
    lines = [line for _, line in prose(_FOLDER / "README.md")]
    rows = [line for line in lines[lines.index("## From plan letters") :] if line.startswith("| ")]
    found = []
    for line in rows[1:]:  # without the head
        asked, said, where = (cell.strip() for cell in line.strip("|").split("|"))
        found.append((asked, said, where))
    return found


def _name(page: Path) -> str:
    return page.stem


def test_every_mechanic_is_listed_once_and_in_order() -> None:
    assert [number for number, *_ in _listed()] == list(_ROWS)


def test_every_mechanic_has_a_page_or_says_why_not() -> None:
    wrong = [number for number, asked, _, where in _listed() if not (asked and (_leads(where) or _without(where)))]
    assert wrong == []


def test_what_has_a_page_says_how() -> None:
    assert [number for number, _, said, where in _listed() if _leads(where) and not said] == []


def test_what_plan_letters_ask_for_has_a_page_or_says_why_not() -> None:
    rows = _from_letters()
    assert len(rows) > 20
    assert [asked for asked, said, where in rows if not ((said and _leads(where)) or _without(where))] == []


def test_nothing_that_plan_letters_ask_for_is_listed_twice() -> None:
    asked = [asked for asked, *_ in _from_letters()]
    assert len(asked) == len(set(asked))


def test_every_page_is_listed() -> None:
    places = [where for *_, where in _listed()] + [where for *_, where in _from_letters()]
    linked = {match["page"] for where in places if (match := _LINK.fullmatch(where))}
    assert linked == {page.name for page in _PAGES}


@pytest.mark.parametrize("page", _PAGES, ids=_name)
def test_a_page_tests_its_examples_and_shows_what_is_paid(page: Path) -> None:
    run = {words[0] for block in blocks(page) if block.language == "console" for words, _ in commands(block)}
    assert run >= {"test", "run"}
    assert any(block.mark == "shows" and block.what.endswith("payouts.csv") for block in blocks(page))


@pytest.mark.parametrize("engine", COMPARED)
@pytest.mark.parametrize("page", _PAGES, ids=_name)
def test_the_engines_agree_on_every_table(page: Path, engine: str, tmp_path: Path) -> None:
    build(page, tmp_path)
    opened = open_project(tmp_path)
    tables, warnings = open_data(opened, None)
    assert not warnings
    request = make_request(opened.program, tables, lines=True)
    reference, other = (run_program(opened.program, tables, request, name).result for name in ("reference", engine))
    assert reference.payouts.num_rows
    assert reference.payouts.equals(other.payouts)
    assert reference.uncredited.equals(other.uncredited)
    assert reference.credits is not None
    assert reference.credits.num_rows
    assert reference.credits.equals(other.credits)
    assert reference.lines is not None
    assert reference.lines.equals(other.lines)


def _leads(where: str) -> bool:
    match = _LINK.fullmatch(where)
    return match is not None and match["heading"] in anchors(_FOLDER / match["page"])


def _without(where: str) -> bool:
    return _WITHOUT_PAGE.fullmatch(where) is not None
