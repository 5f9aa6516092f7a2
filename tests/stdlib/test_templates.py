"""Every template of the standard library is applied, has an example, is paid alike by both engines, and stands in the docs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spmlang.diagnostics.text import SourceText
from spmlang.run.examples import run_examples
from spmlang.run.open import open_data, open_project
from spmlang.run.run import make_request, run_program
from spmlang.syntax import ast
from spmlang.syntax.lower import lower
from spmlang.syntax.parse import parse
from tests.conftest import Accept
from tests.engines.every import QUICK

ROOT = Path(__file__).parents[2]
PROJECT = Path(__file__).parent / "project"
FILES = sorted(path for path in (ROOT / "stdlib").glob("*.spm") if "\ntemplate " in path.read_text("utf-8"))


def templates(path: Path) -> list[tuple[str, ast.Template]]:
    """The templates of a file, each with the comment above it."""
    text = path.read_text("utf-8")
    file, _ = lower(parse(SourceText(path.name, text)))
    found = []
    for item in file.items:
        if isinstance(item, ast.Template):
            above = text[: item.span.start].rstrip("\n").split("\n\n")[-1]
            found.append((" ".join(line.removeprefix("#").strip() for line in above.splitlines()), item))
    return found


def test_every_template_is_applied_and_has_an_example() -> None:
    text = (PROJECT / "plans.spm").read_text("utf-8")
    for path in FILES:
        for _, template in templates(path):
            assert re.search(rf"\bapply +{template.name.text}\(", text), template.name.text
            assert f"  plan   with_{template.name.text} on" in text


def test_the_examples_hold() -> None:
    opened = open_project(PROJECT)
    outcomes = list(run_examples(opened.program))
    assert len(outcomes) == len(opened.program.examples) > 20
    assert [outcome.example.title for outcome in outcomes if outcome.problems] == []


@pytest.mark.cases
def test_both_engines_pay_the_same() -> None:
    opened = open_project(PROJECT)
    tables, _ = open_data(opened, PROJECT)
    request = make_request(opened.program, tables, lines=True)
    one, other = (run_program(opened.program, tables, request, engine).result for engine in QUICK)
    assert one.payouts.equals(other.payouts)
    assert one.lines is not None
    assert one.lines.equals(other.lines)


def test_the_page_tells_them_all(accept: Accept) -> None:
    page = (ROOT / "docs" / "templates.md").read_text("utf-8")
    head = page[: page.index("\n## ")]
    parts = [f"{head.rstrip()}\n"]
    for path in FILES:
        parts.append(f"\n## std.{path.stem}\n\n| template | asks for | what it is |\n|---|---|---|\n")
        for said, template in templates(path):
            asked = ", ".join(f"`{parameter.text}`" for parameter in template.parameters)
            parts.append(f"| `{template.name.text}` | {asked} | {said} |\n")
    accept("".join(parts), ROOT / "docs" / "templates.md")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_says_how_it_is_used(path: Path) -> None:
    assert re.search(rf"`use std\.{path.stem}`", path.read_text("utf-8"))
