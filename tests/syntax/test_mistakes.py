"""Typical mistakes: each `mistakes/NAME.spm` gives the messages of `mistakes/NAME.expected`. Rewrite those with `--accept`."""

from __future__ import annotations

from pathlib import Path

import pytest

from spmlang.diagnostics.diagnostic import Diagnostic
from spmlang.diagnostics.text import SourceText, Span
from spmlang.syntax.lower import lower
from spmlang.syntax.parse import parse
from tests.conftest import Accept

FILES = sorted((Path(__file__).parent / "mistakes").glob("*.spm"))


def messages(path: Path) -> list[str]:
    parsed = parse(SourceText(path.name, path.read_bytes().decode("utf-8")))
    return [line(problem) for problem in [*parsed.diagnostics, *lower(parsed)[1]]]


def line(problem: Diagnostic) -> str:
    assert isinstance(problem.where, Span)
    return f"{problem.where.line}:{problem.where.column} {problem.code} {problem.message} / {problem.remedy}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_mistake(path: Path, accept: Accept) -> None:
    accept("".join(f"{text}\n" for text in messages(path)), path.with_suffix(".expected"))


@pytest.mark.parametrize("path", [path for path in FILES if path.stem != "six_mistakes"], ids=lambda path: path.stem)
def test_one_mistake_gives_one_message_on_its_line(path: Path) -> None:
    """The line with the mistake says so in a comment, except where a comment would not be one."""
    (text,) = messages(path)
    marked = [number for number, content in enumerate(path.read_text("utf-8").splitlines(), 1) if "# here" in content]
    assert [int(text.split(":")[0])] == marked


def test_six_mistakes_give_six_messages() -> None:
    path = next(path for path in FILES if path.stem == "six_mistakes")
    marked = [number for number, content in enumerate(path.read_text("utf-8").splitlines(), 1) if "# here" in content]
    assert [int(text.split(":")[0]) for text in messages(path)] == marked
    assert len(marked) == 6
