"""CSV cells: a spreadsheet computes none of them, and a program gets each text back."""

import csv
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmlang.outputs.csv_files import write_csv


def written(path: Path, cell: object) -> str:
    write_csv(path, ["name"], [[cell]])
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.reader(stream))
    return rows[1][0] if rows[1] else ""


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ('=HYPERLINK("http://x","y")', '\'=HYPERLINK("http://x","y")'),
        ("+49 30 1234", "'+49 30 1234"),
        ("-1+2", "'-1+2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1", "'＝1"),
        ("-12.50", "-12.50"),
        ("-7", "-7"),
        (-7, "-7"),
        (None, ""),
        ("O'Neil", "O'Neil"),
        ("'t Hooft", "'t Hooft"),
        ("'=1", "''=1"),
        ("a=b", "a=b"),
    ],
)
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(cell: object, shown: str, tmp_path: Path) -> None:
    assert written(tmp_path / "a.csv", cell) == shown


@given(st.text(alphabet="'=+-@\t\r\n＝1.a", max_size=6))
def test_taking_the_apostrophe_away_gives_the_text_back(text: str) -> None:
    with TemporaryDirectory() as folder:
        shown = written(Path(folder) / "a.csv", text)
    assert not re.match(r"[=+@\t\r\n＝＋－＠]", shown)
    assert re.sub(r"^'(?='*[=+\-@\t\r\n＝＋－＠])", "", shown) == text
