"""The Python sessions in pages print what the pages show."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from spmlang.cli.main import main
from tests.docs.pages import DOCS, all_pages, blocks

pytestmark = pytest.mark.docs

_PAGES = [page for page in all_pages() if any(block.language == "pycon" for block in blocks(page))]


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.relative_to(DOCS).as_posix())
def test_sessions_print_what_the_page_shows(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["new", "acme"]) == 0
    assert main(["run", "acme", "--lines", "--out", "out"]) == 0
    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert (failed, tried > 0) == (0, True), capsys.readouterr().out
