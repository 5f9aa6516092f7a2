"""The commands in pages print what the pages show; `--accept` writes what they print into the pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Accept
from tests.docs.console import played
from tests.docs.pages import DOCS, ROOT, all_pages, blocks, with_blocks_replaced

pytestmark = pytest.mark.docs

_PAGES = [page for page in all_pages() if page == ROOT / "README.md" or page.is_relative_to(DOCS)]
_PLAYED = [page for page in _PAGES if any(block.language == "console" for block in blocks(page))]


@pytest.mark.parametrize("page", _PLAYED, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_print_what_the_page_shows(page: Path, tmp_path: Path, accept: Accept) -> None:
    accept(with_blocks_replaced(page, played(page, tmp_path / "work")), page)


def test_the_tutorial_is_played() -> None:
    assert DOCS / "tutorial.md" in _PLAYED


def test_an_unknown_command_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ rm -r plans\n```\n", encoding="utf-8")
    with pytest.raises(ValueError, match="not run"):
        played(page, tmp_path)


def test_a_marked_block_is_not_run(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- not run: not ours -->\n```console\n$ git clone somewhere\n```\n", encoding="utf-8")
    assert played(page, tmp_path / "work") == {}


def test_an_edit_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    (tmp_path / "plan.spm").write_text("one\n", encoding="utf-8")
    page.write_text("<!-- edit: plan.spm -->\n```diff\n-two\n+three\n```\n", encoding="utf-8")
    with pytest.raises(ValueError, match="0 times"):
        played(page, tmp_path)


def test_a_block_shows_the_columns_it_names(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    (tmp_path / "paid.csv").write_text('payee,why,amount\nann,"first, and last",1.00\n', encoding="utf-8")
    page.write_text("<!-- shows: paid.csv, columns amount why -->\n```csv\n```\n", encoding="utf-8")
    assert list(played(page, tmp_path).values()) == ['amount,why\n1.00,"first, and last"\n']


def test_a_block_with_a_column_that_the_file_has_not_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    (tmp_path / "paid.csv").write_text("payee,amount\n", encoding="utf-8")
    page.write_text("<!-- shows: paid.csv, columns payee paid -->\n```csv\n```\n", encoding="utf-8")
    with pytest.raises(ValueError, match="no column paid"):
        played(page, tmp_path)
