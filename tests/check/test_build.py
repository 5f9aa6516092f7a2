"""The projects of this repository build without a word, and the catalogue of messages is whole: each is used, none is missing."""

from __future__ import annotations

import ast
import re
import string
from collections import Counter
from pathlib import Path

import pytest

from spmlang.check.check_project import build_program
from spmlang.check.files import standard_names
from spmlang.diagnostics.diagnostic import catalogue
from spmlang.program.program import Program
from spmlang.project.file import load_project
from spmlang.syntax.grammar import reserved_words

ROOT = Path(__file__).parents[2]
PROJECTS = sorted(path.parent for path in (ROOT / "plans").glob("*/spm.yaml"))
BASE = ROOT / "tests" / "check" / "base"
_CODE = re.compile(r"SPM[0-9]{3}")
#: A text that may be a slug: words joined by hyphens.
_SLUG = re.compile(r"[a-z]+[0-9]*(?:-[a-z0-9]+)*")
_TABLED = re.compile(r"(?:data|run|yaml)(?:-[a-z0-9]+)+")


def built(folder: Path) -> Program:
    project, problems = load_project(folder, reserved_words())
    assert problems == []
    assert project is not None
    program, problems = build_program(project)
    assert problems == []
    assert program is not None
    return program


@pytest.mark.parametrize("folder", PROJECTS, ids=lambda folder: folder.name)
def test_a_project_builds_without_a_message(folder: Path) -> None:
    program = built(folder)
    assert program.plans
    assert program.measures
    assert program.examples


#: Files of templates; tests/stdlib looks at them.
TEMPLATES = {"bonuses", "commissions", "payment", "teams"}


def test_there_are_projects() -> None:
    assert len(PROJECTS) >= 2


@pytest.mark.parametrize("name", [name for name in standard_names() if name not in TEMPLATES])
def test_a_calendar_of_the_standard_library_builds_without_a_message(name: str, tmp_path: Path) -> None:
    (tmp_path / "spm.yaml").write_text((BASE / "spm.yaml").read_text("utf-8"), "utf-8")
    (tmp_path / "calendar.spm").write_text(f"use std.{name}\n", "utf-8")
    assert built(tmp_path).calendar.name == name


def test_the_project_may_be_the_working_folder_or_a_long_path(monkeypatch: pytest.MonkeyPatch) -> None:
    there = built(BASE)
    monkeypatch.chdir(BASE)
    here = built(Path("."))
    assert set(here.files) == {path.removeprefix(f"{BASE.as_posix()}/") for path in there.files}
    assert (here.plans, here.measures, here.examples) == (there.plans, there.measures, there.examples)


def texts_of_the_program() -> set[str]:
    """Every text constant of the program's source."""
    return {
        node.value
        for path in (ROOT / "spmlang").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def reported_slugs() -> set[str]:
    """What is passed to the functions that make diagnostics, and every text that is put together like a slug of data and runs."""
    found = {text for text in texts_of_the_program() if _TABLED.fullmatch(text)}
    for path in (ROOT / "spmlang").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and call.args:
                name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
                first = {node.value for node in ast.walk(call.args[0]) if isinstance(node, ast.Constant)}
                texts = {text for text in first if isinstance(text, str)}
                if name in {"diagnose", "report", "wrong"}:
                    found |= {text for text in texts if _SLUG.fullmatch(text)}
                elif name == "say":
                    found |= {text for text in texts if _SLUG.fullmatch(text) and "-" in text}
    return found


def test_every_slug_that_is_reported_has_its_wording() -> None:
    assert len(reported_slugs()) > 100
    assert sorted(reported_slugs() - set(catalogue())) == []


def test_every_wording_is_used() -> None:
    used = texts_of_the_program()
    assert [slug for slug in catalogue() if slug not in used] == []


def test_codes_are_unique_and_well_formed() -> None:
    codes = Counter(wording.code for wording in catalogue().values())
    assert [code for code, count in codes.items() if count > 1] == []
    assert [code for code in codes if not _CODE.fullmatch(code)] == []


@pytest.mark.parametrize("slug", catalogue())
def test_a_wording_is_whole(slug: str) -> None:
    wording = catalogue()[slug]
    assert all([wording.title, wording.message, wording.remedy, wording.explain.strip()])
    for text in (wording.message, wording.remedy):
        assert all(name is None or name.isidentifier() for _, name, _, _ in string.Formatter().parse(text)), text
    # Explanations are shown as they are: a placeholder in one would never be filled in.
    words = {name for text in (wording.message, wording.remedy) for _, name, _, _ in string.Formatter().parse(text)}
    assert not [name for name in words - {None} if f"{{{name}}}" in wording.explain]
