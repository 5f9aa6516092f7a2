"""Mistakes in spm.yaml: each `mistakes/NAME.yaml`, as the file of a project, gives the one message of `NAME.expected`.

The first line of a case says in a comment what is wrong; `# here` marks the line with the mistake. `base.yaml` is what the cases
are made from. Rewrite expected files with `--accept`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from spmlang.diagnostics.diagnostic import Diagnostic, catalogue
from spmlang.diagnostics.terminal import render_terminal
from spmlang.diagnostics.text import Span
from spmlang.project.file import FILE, load_project
from spmlang.syntax.grammar import reserved_words
from tests.conftest import Accept

FOLDER = Path(__file__).parent
BASE = FOLDER / "base.yaml"
CASES = sorted((FOLDER / "mistakes").glob("*.yaml"))
MANY = "seven_mistakes"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, as the working folder."""
    monkeypatch.chdir(tmp_path)
    return Path(".")


def problems(project: Path, content: bytes) -> list[Diagnostic]:
    """What is said about spm.yaml. Errors, and nothing else, stop the project from being read."""
    (project / FILE).write_bytes(content)
    read, found = load_project(project, reserved_words())
    assert (read is None) == bool(found)
    return found


def marked(case: Path) -> list[str]:
    """The lines with `# here`, as `file:line`."""
    lines = case.read_text("utf-8").splitlines()
    assert lines[0].startswith("# ")
    return [f"{FILE}:{number}" for number, line in enumerate(lines, 1) if line.endswith("# here")]


def place(problem: Diagnostic) -> str:
    assert isinstance(problem.where, Span)
    return problem.where.place


def test_the_base_is_correct(project: Path) -> None:
    assert problems(project, BASE.read_bytes()) == []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_mistake(case: Path, project: Path, accept: Accept) -> None:
    accept(render_terminal(problems(project, case.read_bytes())), case.with_suffix(".expected"))


@pytest.mark.parametrize("case", [case for case in CASES if case.stem != MANY], ids=lambda case: case.stem)
def test_one_mistake_gives_one_message_on_its_line_with_a_remedy(case: Path, project: Path) -> None:
    found = problems(project, case.read_bytes())
    assert [place(problem) for problem in found] == marked(case)
    assert len(found) == 1
    assert found[0].remedy


def test_many_mistakes_are_all_told_in_one_go(project: Path) -> None:
    case = FOLDER / "mistakes" / f"{MANY}.yaml"
    found = problems(project, case.read_bytes())
    assert [place(problem) for problem in found] == marked(case)
    assert len({problem.code for problem in found}) == len(found) == 7


def test_a_folder_without_a_project_file_is_told(project: Path) -> None:
    read, found = load_project(project)
    assert read is None
    assert [(problem.slug, problem.where) for problem in found] == [("no-project", None)]
    assert "spm new" in found[0].remedy


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_a_file_of_another_encoding_is_told(project: Path, encoding: str) -> None:
    text = BASE.read_text("utf-8").replace("name: lantern", "name: Käthes Lampen")
    (found,) = problems(project, text.encode(encoding))
    assert found.slug == "yaml-not-utf8"
    assert found.remedy


def test_a_byte_order_mark_is_no_mistake(project: Path) -> None:
    assert problems(project, b"\xef\xbb\xbf" + BASE.read_bytes()) == []


def test_lines_may_end_as_on_windows(project: Path) -> None:
    """The places are those of the same lines."""
    assert problems(project, BASE.read_bytes().replace(b"\n", b"\r\n")) == []
    case = FOLDER / "mistakes" / f"{MANY}.yaml"
    found = problems(project, case.read_bytes().replace(b"\n", b"\r\n"))
    assert [place(problem) for problem in found] == marked(case)


@pytest.mark.parametrize("content", [b"", b"# nothing yet\n", b"lantern\n", b"- lantern\n"])
def test_a_file_without_keys_is_told(project: Path, content: bytes) -> None:
    found = problems(project, content)
    assert len(found) == 1
    assert place(found[0]) == f"{FILE}:1"


def test_every_message_about_the_project_file_has_a_case() -> None:
    """Two are said of what is no text of a project file; tests above have these."""
    told = {line.split("[")[1][:6] for case in CASES for line in expected(case) if line.startswith("error[")}
    codes = {wording.code for wording in catalogue().values() if wording.code.startswith("SPM0")}
    assert told == codes - {catalogue()[slug].code for slug in ("no-project", "yaml-not-utf8")}


def expected(case: Path) -> list[str]:
    return case.with_suffix(".expected").read_text("utf-8").splitlines()
