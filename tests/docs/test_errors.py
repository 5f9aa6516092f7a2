"""Every message has a page that says what the catalogue says, and its snippets are right, or wrong in the way it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from spmlang.diagnostics.diagnostic import Problems, Wording
from spmlang.run.open import open_data, open_project
from spmlang.run.run import make_request, run_program
from tests.conftest import Accept
from tests.docs.error_pages import GROUPS, index, page, snippets, wordings
from tests.docs.pages import DOCS
from tests.docs.snippets import PROJECT, as_file, checked, formatted, mistakes, put_beside

_PAGES = DOCS / "errors"


def _having(language: str) -> list[Wording]:
    return [wording for wording in wordings() if snippets(wording, language)]


def _code(wording: Wording) -> str:
    return wording.code


@pytest.mark.parametrize("wording", wordings(), ids=_code)
def test_a_message_has_its_page(wording: Wording, accept: Accept) -> None:
    accept(page(wording), _PAGES / f"{wording.code}.md")


def test_the_index_names_every_message(accept: Accept) -> None:
    accept(index(), _PAGES / "README.md")


def test_there_is_no_page_without_a_message() -> None:
    assert {path.name for path in _PAGES.iterdir()} - {f"{item.code}.md" for item in wordings()} == {"README.md"}


def test_codes_are_told_once_and_belong_to_a_group() -> None:
    codes = [wording.code for wording in wordings()]
    assert len(codes) == len(set(codes))
    assert {code[3] for code in codes} == set(GROUPS)


def test_no_two_messages_of_a_group_have_the_same_title() -> None:
    titles = Counter((wording.code[3], wording.title) for wording in wordings())
    assert [title for title, count in titles.items() if count > 1] == []


@pytest.mark.parametrize("wording", _having("spm"), ids=_code)
def test_a_snippet_is_plan_text_in_the_one_layout(wording: Wording) -> None:
    for text in snippets(wording, "spm"):
        assert mistakes(text) == []
        assert formatted(text) == text


@pytest.mark.parametrize("wording", _having("spm-part"), ids=_code)
def test_a_part_can_stand_in_a_declaration(wording: Wording) -> None:
    for text in snippets(wording, "spm-part"):
        assert as_file(text) is not None


@pytest.mark.parametrize("wording", _having("spm-wrong"), ids=_code)
def test_a_wrong_snippet_gives_the_message_it_explains(wording: Wording, tmp_path: Path) -> None:
    for number, text in enumerate(snippets(wording, "spm-wrong")):
        folder = tmp_path / str(number)
        put_beside(text, folder)
        found: set[str] = set()
        for ask in (checked, _run):
            found |= found or ask(folder)
        assert wording.code in found


def _run(folder: Path) -> set[str]:
    try:
        opened = open_project(folder)
        tables, _ = open_data(opened, None)
        run_program(opened.program, tables, make_request(opened.program, tables))
    except Problems as stopped:
        return {problem.code for problem in stopped.diagnostics}
    return set()


@pytest.mark.parametrize("ask", [checked, _run])
def test_the_project_around_wrong_snippets_is_right(ask: Callable[[Path], set[str]]) -> None:
    assert ask(PROJECT) == set()
