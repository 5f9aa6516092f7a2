"""Plan text that stands in a page."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterator
from pathlib import Path

from spmlang.check.check_project import build_program
from spmlang.diagnostics.diagnostic import Diagnostic, errors
from spmlang.diagnostics.text import SourceText
from spmlang.format.api import format_text
from spmlang.project.file import load_project
from spmlang.syntax.grammar import reserved_words
from spmlang.syntax.lower import lower
from spmlang.syntax.parse import parse

#: A small, correct project, beside whose files a wrong snippet is put.
PROJECT = Path(__file__).parent / "project"

#: Where a piece of a declaration can stand.
_AROUND = (
    "plan piece version 2 changes version 1 {{\n{0}}}\n",
    "measure piece {{\n{0}}}\n",
    "territory piece of rows {{\n{0}}}\n",
    "quota piece {{\n{0}}}\n",
    "calendar piece {{\n{0}}}\n",
    'example "piece" {{\n{0}}}\n',
    "plan piece version 1 {{\n  commission piece {{\n{1}  }}\n}}\n",
)


def mistakes(text: str, name: str = "snippet.spm") -> list[Diagnostic]:
    """What is wrong with the text as a plan file, before anyone asks what its names mean."""
    parsed = parse(SourceText(name, text))
    _, problems = lower(parsed)
    return errors([*parsed.diagnostics, *problems])


def put_beside(text: str, folder: Path) -> None:
    """Make the folder the small project with the text as one more file of it."""
    shutil.copytree(PROJECT, folder)
    (folder / "wrong.spm").write_text(f"use base\n{text}", encoding="utf-8", newline="\n")


def checked(folder: Path) -> set[str]:
    """The codes of what the check finds in a project."""
    project, problems = load_project(folder, reserved_words())
    assert project is not None, problems
    return {problem.code for problem in build_program(project)[1]}


def as_file(text: str) -> str | None:
    """The text as a plan file of its own: itself, or put into the declaration that it is a piece of. None where nothing fits."""
    return next((candidate for candidate in _candidates(textwrap.dedent(text)) if not mistakes(candidate)), None)


def formatted(text: str) -> str | None:
    """The text in the formatter's layout; None where it cannot be formatted."""
    return format_text(SourceText("snippet.spm", text))[0]


def _candidates(text: str) -> Iterator[str]:
    yield text
    for around in _AROUND:
        yield around.format(textwrap.indent(text, "  "), textwrap.indent(text, "    "))
