"""A key of several columns is one text, and two keys are never the same text."""

from pathlib import Path

from spmlang.data.load import load
from spmlang.data.tables import Tables
from spmlang.diagnostics.diagnostic import Diagnostic
from spmlang.project.file import load_project
from tests.projects import small_project

LINES = """
sources:
  lines:
    files: lines.csv
    key: [order, line]
    columns: {order: text, line: text}
"""


def loaded(folder: Path, settings: str, lines: list[str]) -> tuple[Tables, list[Diagnostic]]:
    """Return the tables of a project with these lines, and what is wrong with them."""
    project, _ = load_project(small_project("", settings, lines=lines).write(folder))
    assert project is not None
    tables, problems = load(project, None, ["lines"])
    return tables, list(problems)


def test_a_bar_within_a_part_is_not_the_bar_between_parts(tmp_path: Path) -> None:
    tables, problems = loaded(tmp_path, LINES, ["a|b,c", "a,b|c", "a\\,c"])
    assert not problems
    assert [row["_key"] for row in tables.rows("lines")] == ["a\\|b|c", "a|b\\|c", "a\\\\|c"]


def test_columns_of_any_name_are_no_columns_of_the_proofs(tmp_path: Path) -> None:
    settings = LINES.replace("[order, line]", "[n]").replace(
        "{order: text, line: text}", "{n: text, f: count, p: count, m: count, s: count}"
    )
    _, problems = loaded(tmp_path, settings, ["a,1,1,1,1", "b,2,2,2,x", "a,3,3,3,3"])
    assert [(problem.slug, problem.place) for problem in problems] == [
        ("data-count", "lines.csv, row 2, column s"),
        ("data-key-twice", "lines.csv, row 3, column n"),
    ]
