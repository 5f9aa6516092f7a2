"""Typical mistakes: each `mistakes/NAME.spm`, put into the correct project `base`, gives the one message of `NAME.expected`.

The first line of a case says which file of the base it replaces, or what it is called beside them; `# here` marks the line
with the mistake (a message about the project as a whole is said of spm.yaml). Rewrite expected files with `--accept`.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from spmlang.check.check_project import build_program
from spmlang.diagnostics.diagnostic import Diagnostic
from spmlang.diagnostics.terminal import render_terminal
from spmlang.diagnostics.text import Span
from spmlang.project.file import load_project
from spmlang.syntax.grammar import reserved_words
from tests.conftest import Accept

FOLDER = Path(__file__).parent
CASES = sorted((FOLDER / "mistakes").glob("*.spm"))
_HEADER = re.compile(r"# (?:replaces|adds) (\S+\.(?:spm|yaml))(?:, said of (\S+))?\n")
_MANY = "six_mistakes"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the base, as the working folder."""
    shutil.copytree(FOLDER / "base", tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return Path(".")


def problems(project: Path) -> list[Diagnostic]:
    read, found = load_project(project, reserved_words())
    assert read is not None, found
    program, found = build_program(read)
    assert program is not None or found
    return found


def put(case: Path, project: Path) -> list[str]:
    """Put the case's file into the project; where its messages belong, as `file:line`."""
    text = case.read_text("utf-8")
    header = _HEADER.match(text)
    assert header, f"{case.name} does not say which file it is"
    name, elsewhere = header.groups()
    (project / name).write_text(text, encoding="utf-8", newline="\n")
    marked = [
        f"{name}:{number}" for number, line in enumerate(text.splitlines(), 1) if line.rstrip().endswith("# here")
    ]
    return [elsewhere] if elsewhere else marked


def test_the_base_is_correct(project: Path) -> None:
    assert problems(project) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_mistake(case: Path, project: Path, accept: Accept) -> None:
    put(case, project)
    accept(render_terminal(problems(project)), case.with_suffix(".expected"))


@pytest.mark.parametrize("case", [case for case in CASES if case.stem != _MANY], ids=lambda case: case.stem)
def test_one_mistake_gives_one_message_on_its_line_with_a_remedy(case: Path, project: Path) -> None:
    marked = put(case, project)
    found = problems(project)
    assert [place(problem) for problem in found] == marked
    assert len(marked) == 1
    assert found[0].remedy


def test_six_mistakes_give_six_messages(project: Path) -> None:
    marked = put(FOLDER / "mistakes" / f"{_MANY}.spm", project)
    found = problems(project)
    assert [place(problem) for problem in found] == marked
    assert len({problem.code for problem in found}) == len(marked) == 6


def place(problem: Diagnostic) -> str:
    assert isinstance(problem.where, Span)
    return problem.where.place
