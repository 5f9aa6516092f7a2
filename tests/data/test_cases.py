"""Bad data, case by case: `NAME.csv` is the file of one source, `NAME.expected` what is said about it and what was read.

Files that begin with `terms_` are of the dated source `terms`, all others of `orders`; their contract is `base/spm.yaml`.
"""

import gzip
import shutil
from pathlib import Path

import pytest

from spmlang.data.load import load
from spmlang.project.file import load_project
from tests.conftest import Accept
from tests.data.reading import HERE, read

pytestmark = pytest.mark.cases

CASES = sorted((HERE / "cases").glob("*.csv"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_case_is_told(case: Path, tmp_path: Path, accept: Accept) -> None:
    source = "terms" if case.stem.startswith("terms_") else "orders"
    told, _ = read(tmp_path / "p", {f"{source}.csv": case.read_bytes()}, source=source)
    accept(told, case.with_suffix(".expected"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_error_names_file_row_or_column_and_remedy(case: Path, tmp_path: Path) -> None:
    source = "terms" if case.stem.startswith("terms_") else "orders"
    _, problems = read(tmp_path / "p", {f"{source}.csv": case.read_bytes()}, source=source)
    for problem in problems:
        assert problem.place.startswith(f"{source}.csv")
        assert problem.remedy


ROWS = b"order,Order date,payee,amount,discount,quantity,paid,status\n1,2024-01-31,A1,10.50,,2,true,open\n"


def test_gzipped_files_are_read(tmp_path: Path) -> None:
    settings = "    files: orders*.csv.gz\n"
    told, problems = read(tmp_path / "p", {"orders.csv.gz": gzip.compress(ROWS)}, settings)
    assert not problems
    assert told.endswith("1 rows\n")
    told, problems = read(tmp_path / "q", {"orders.csv.gz": gzip.compress(ROWS)[:-9]}, settings)
    assert [problem.slug for problem in problems] == ["data-unreadable"]


def test_files_of_a_pattern_are_one_table(tmp_path: Path) -> None:
    other = ROWS.replace(b"\n1,", b"\n2,")
    told, problems = read(tmp_path / "p", {"orders_01.csv": ROWS, "orders_02.csv": other})
    assert not problems
    assert told.endswith("2 rows\n")
    told, problems = read(tmp_path / "q", {"orders_01.csv": ROWS, "orders_02.csv": ROWS})
    assert [problem.place for problem in problems] == ["orders_02.csv, row 1, column order"]


def test_a_pattern_without_files_is_an_error(tmp_path: Path) -> None:
    _, problems = read(tmp_path / "p", {})
    assert [problem.slug for problem in problems] == ["data-no-files"]


def test_rejected_rows_are_warned_about_listed_whole_and_left_out(tmp_path: Path) -> None:
    bad = ROWS + b"2,2024-02-01,A1,NaN,,1,no,open\n3,2024-02-01,C3,1.00,,1,no,open\n1,2024-02-01,A1,1.00,,1,no,open\n"
    folder = tmp_path / "p"
    told, problems = read(folder, {"orders.csv": bad}, "    files: orders*.csv\n    bad_rows: reject\n")
    assert told.endswith("1 rows\n")
    assert {str(problem.severity) for problem in problems} == {"warning"}
    project, _ = load_project(folder)
    assert project is not None
    tables, _ = load(project, folder / "data", ["orders"])
    found = {(item.source, item.file, item.row, item.column, item.value, item.code) for item in tables.rejects}
    assert found == {
        ("orders", "orders.csv", 2, "amount", "NaN", "SPM513"),
        ("orders", "orders.csv", 3, "payee", "C3", "SPM525"),
        ("orders", "orders.csv", 4, "order", "1", "SPM522"),
    }


def test_a_byte_that_is_no_utf8_is_told_with_its_row_also_within_quotes(tmp_path: Path) -> None:
    rows = (
        b'order,Order date,payee,amount,discount,quantity,paid,status\n1,2024-01-31,"A1","10.50",,2,true,"M\xfcller"\n'
    )
    _, problems = read(tmp_path / "p", {"orders.csv": rows})
    assert [(problem.slug, problem.place) for problem in problems] == [
        ("data-not-utf8", "orders.csv, row 1, column status")
    ]
    _, problems = read(tmp_path / "q", {"orders.csv": ROWS.decode().encode("utf-16")})
    assert [(problem.slug, problem.place) for problem in problems] == [("data-not-utf8", "orders.csv")]


def test_a_cell_of_a_million_letters_is_read(tmp_path: Path) -> None:
    rows = ROWS.replace(b"payee,", b"note,payee,").replace(b"A1,", b'"' + b"x" * 1_000_000 + b'",A1,')
    told, problems = read(tmp_path / "p", {"orders.csv": rows})
    assert not problems
    assert told.endswith("1 rows\n")


def test_a_file_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    packed = gzip.compress(ROWS + b"\n" * 80_000_000)
    _, problems = read(tmp_path / "p", {"orders.csv.gz": packed}, "    files: orders*.csv.gz\n")
    assert [problem.slug for problem in problems] == ["data-unreadable"]


def test_a_missing_data_folder_is_one_message(tmp_path: Path) -> None:
    shutil.copytree(HERE / "base", tmp_path, dirs_exist_ok=True)
    project, _ = load_project(tmp_path)
    assert project is not None
    _, problems = load(project)
    assert [problem.slug for problem in problems] == ["data-no-folder"]
