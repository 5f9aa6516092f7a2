"""A key of several columns is one text, and two keys are never the same text."""

from pathlib import Path

from spmlang.data.load import load
from spmlang.project.file import load_project

SETTINGS = """\
name: keys
roster: roster
sources:
  roster:
    files: roster.csv
    key: [payee]
    dated: {from: from_date}
    columns: {payee: text, name: text, from_date: date}
  lines:
    files: lines.csv
    key: [order, line]
    columns: {order: text, line: text}
"""


def test_a_bar_within_a_part_is_not_the_bar_between_parts(tmp_path: Path) -> None:
    (tmp_path / "spm.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "lines.csv").write_text("order,line\na|b,c\na,b|c\na\\,c\n", encoding="utf-8")
    project, _ = load_project(tmp_path)
    assert project is not None
    tables, problems = load(project, tmp_path, ["lines"])
    assert not problems
    assert [row["_key"] for row in tables.rows("lines")] == ["a\\|b|c", "a|b\\|c", "a\\\\|c"]


def test_columns_of_any_name_are_no_columns_of_the_proofs(tmp_path: Path) -> None:
    lines = (
        "  lines:\n    files: lines.csv\n    key: [n]\n    columns: {n: text, f: count, p: count, m: count, s: count}\n"
    )
    settings = SETTINGS[: SETTINGS.index("  lines:")] + lines
    (tmp_path / "spm.yaml").write_text(settings, encoding="utf-8")
    (tmp_path / "lines.csv").write_text("n,f,p,m,s\na,1,1,1,1\nb,2,2,2,x\na,3,3,3,3\n", encoding="utf-8")
    project, _ = load_project(tmp_path)
    assert project is not None
    _, problems = load(project, tmp_path, ["lines"])
    assert [(problem.slug, problem.place) for problem in problems] == [
        ("data-count", "lines.csv, row 2, column s"),
        ("data-key-twice", "lines.csv, row 3, column n"),
    ]
