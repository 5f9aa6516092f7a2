"""How people write in spreadsheets, word processors and plan letters: each row of `rows.txt` gives one message.

Where the message carries a fix, the fix is applied: the project is right then, and says what the row says was meant.
"""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from spmlang.check.check_project import build_program
from spmlang.diagnostics.diagnostic import Diagnostic
from spmlang.diagnostics.text import SourceText
from spmlang.project.contract import Project
from spmlang.project.file import load_project
from spmlang.syntax.grammar import reserved_words
from spmlang.syntax.parse import parse

from .places import FURTHER, PLACES

FOLDER = Path(__file__).parent
_ROW = re.compile(r"(SPM\d{3})  (.*?)  (=[>?])  (.*)")


class Row(NamedTuple):
    """A row of the table: where it stands, its message's code, what was written, and what is right or asked."""

    place: str
    code: str
    wrong: str
    right: str | None
    says: tuple[str, ...]

    def text(self, written: str) -> str:
        """The text of the row's file with that written in its place."""
        return PLACES[self.place][1].replace("@", written.replace("↵", "\n").replace("⍽", "\N{NO-BREAK SPACE}"))


def rows() -> list[Row]:
    """The table."""
    found: list[Row] = []
    place = ""
    for line in (FOLDER / "rows.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            place = line.strip("[]")
        elif match := _ROW.fullmatch(line):
            code, wrong, kind, right = match.groups()
            asked = kind == "=?"
            found.append(Row(place, code, wrong, None if asked else right, tuple(right.split(" | ")) if asked else ()))
    return found


ROWS = rows()


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the correct project, as the working folder."""
    shutil.copytree(FOLDER.parent / "base", tmp_path, dirs_exist_ok=True)
    for name in ("examples.spm",):
        (tmp_path / name).unlink()
    (tmp_path / "further.spm").write_text(FURTHER, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problems(project: Path, row: Row, text: str) -> list[Diagnostic]:
    (project / PLACES[row.place][0]).write_text(text, encoding="utf-8", newline="\n")
    return build_program(project_file())[1]


@cache
def project_file() -> Project:
    """The project file of the working folder, which is the same for all rows."""
    read, found = load_project(Path("."), reserved_words())
    assert read is not None, found
    return read


def words(text: str) -> list[str]:
    parsed = parse(SourceText("a.spm", text))
    assert not parsed.diagnostics
    return [token.text for token in parsed.tokens()]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.place}: {row.wrong}")
def test_a_remedy_leads_to_what_was_meant(row: Row, project: Path) -> None:
    found = problems(project, row, row.text(row.wrong))
    assert [problem.code for problem in found] == [row.code]
    (problem,) = found
    if row.right is None:
        assert problem.fix is None
        for said in row.says:
            assert (said[1:] not in problem.remedy) if said[0] == "!" else (said.lstrip("+") in problem.remedy)
        for offered in (said[1:] for said in row.says if said[0] == "+"):
            assert problems(project, row, row.text(offered)) == []
    else:
        assert problem.fix is not None
        mended = problem.fix.applied()
        assert words(mended) == words(row.text(row.right))
        assert problems(project, row, mended) == []


def test_the_table_is_long_enough() -> None:
    assert len(ROWS) >= 80
