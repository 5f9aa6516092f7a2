"""Bounds of data files: a file past one is refused with its place, in time that grows with its size."""

import csv
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from spmlang.data import key_checks, load, row_errors
from spmlang.data.formats import csv as csv_format
from spmlang.data.formats import parquet as parquet_format
from tests.data.reading import GOOD, STORED, parquet, read

HEADER = "order,Order date,payee,amount,discount,quantity,paid,status\n"
ROW = "{0},2024-01-31,A1,10.50,,1,true,open\n"
ASIDE = "    files: orders*.csv\n    bad_rows: reject\n"


@pytest.fixture
def at_most(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Lowers the number of bad rows that are noted."""

    def lower(most: int) -> None:
        for module in (csv_format, key_checks, load, row_errors):
            monkeypatch.setattr(module, "MOST", most)

    return lower


@pytest.mark.parametrize("settings", ["", ASIDE], ids=["stop", "reject"])
@pytest.mark.parametrize(
    "rows",
    [
        ["1\n"] * 50,
        ["{0},2024-01-32,A1,10.50,,1,true,open\n"] * 50,
        ["1,2024-01-31,A1,10.50,,1,true,open\n"] * 50,
    ],
    ids=["ragged", "bad values", "a key twice"],
)
def test_more_bad_rows_than_are_noted_stop_the_run(
    settings: str, rows: list[str], at_most: Callable[[int], None], tmp_path: Path
) -> None:
    text = HEADER + "".join(row.format(number) for number, row in enumerate(rows))
    at_most(30)
    said, problems = read(tmp_path / "p", {"orders.csv": text.encode()}, settings)
    assert "error[SPM661]: More than 30 rows or values of `orders`" in said
    assert [problem.place.split(",")[0] for problem in problems if problem.slug == "data-too-many"] == ["orders.csv"]


def test_as_many_bad_rows_as_are_noted_are_set_aside(at_most: Callable[[int], None], tmp_path: Path) -> None:
    text = HEADER + "".join(ROW.format(number) for number in range(5)) + "1\n" * 30
    at_most(30)
    said, _ = read(tmp_path / "p", {"orders.csv": text.encode()}, ASIDE)
    assert said.endswith("5 rows\n")


def test_a_header_of_any_length_is_read(tmp_path: Path) -> None:
    csv.field_size_limit(131_072)  # as it is when Python starts
    text = HEADER.replace("status", "s" * 200_000) + ROW.format(1)
    said, _ = read(tmp_path / "p", {"orders.csv": text.encode()}, "    files: orders*.csv\n")
    assert "error[SPM506]" in said


@pytest.mark.parametrize("column", ["payee", "amount"])
def test_a_text_that_is_too_long_is_told(column: str, tmp_path: Path) -> None:
    columns = GOOD | {column: pa.array(["1" * 40_000, "2"])}
    said, problems = read(tmp_path / "p", {"orders_0.parquet": parquet(columns, tmp_path)}, STORED)
    assert [(problem.slug, problem.place) for problem in problems] == [
        ("data-text-length", f"orders_0.parquet, row 1, column {column}")
    ]
    assert len(said) < 2_000


def test_a_long_text_in_every_row_is_compared_with_none(tmp_path: Path) -> None:
    """A key of 300,000 letters in 20,000 rows would be 6 GB, out of a file of less than one MB."""
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 20_000, pa.int32()), pa.array(["x" * 300_000]))
    columns = {name: pa.concat_arrays([values] * 10_000) for name, values in GOOD.items()} | {"order": long}
    said, problems = read(tmp_path / "p", {"orders_0.parquet": parquet(columns, tmp_path)}, STORED)
    assert {problem.slug for problem in problems} == {"data-text-length", "data-more"}
    assert len(said) < 10_000


def test_a_packed_file_has_no_more_rows_than_bytes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(parquet_format, "_LEAST_ROWS", 1_000)
    columns = {name: pa.concat_arrays([values.slice(0, 1)] * 50_000) for name, values in GOOD.items()}
    said, problems = read(tmp_path / "p", {"orders_0.parquet": parquet(columns, tmp_path)}, STORED)
    assert [(problem.slug, problem.place) for problem in problems] == [("data-unreadable", "orders_0.parquet")]
    assert "it has 50,000 rows" in said


def test_a_day_that_is_none_is_found_whatever_the_statistics_say(tmp_path: Path) -> None:
    """Damage in a page leaves the least and the greatest value as they stand at the end of the file."""
    days = pa.array([19_753] * 2_000, pa.int32()).cast(pa.date32())
    columns = {name: pa.concat_arrays([values] * 1_000) for name, values in GOOD.items()}
    columns |= {"order": pa.array(map(str, range(2_000))), "Order date": days}
    whole = parquet(columns, tmp_path, compression="none", use_dictionary=False)
    day = (19_753).to_bytes(4, "little")
    at = whole.index(day * 100)
    damaged = whole[:at] + (500_000_000).to_bytes(4, "little") + whole[at + 4 :]
    _, problems = read(tmp_path / "p", {"orders_0.parquet": damaged}, STORED)
    assert [(problem.slug, problem.place) for problem in problems] == [
        ("data-date", "orders_0.parquet, row 1, column Order date")
    ]
