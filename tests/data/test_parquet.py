"""Parquet: exact types pass, others are refused with file and column; the same rules as for CSV hold for every value."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spmlang.diagnostics.diagnostic import Problems
from tests.data.reading import GOOD, STORED, parquet, read


def slugs(folder: Path, *files: dict[str, pa.Array]) -> tuple[str, list[tuple[str, str]]]:
    data = {f"orders_{number}.parquet": parquet(columns, folder) for number, columns in enumerate(files)}
    told, problems = read(folder / "p", data, STORED)
    return told, [(problem.slug, problem.place) for problem in problems]


def test_exact_types_are_read_as_they_are(tmp_path: Path) -> None:
    told, problems = slugs(tmp_path, GOOD)
    assert problems == []
    assert "amount -1/100, discount 13/200, quantity 2, paid False" in told


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("amount", pa.array([10.5, -0.01], pa.float64())),
        ("quantity", pa.array([1.0, 2.0], pa.float32())),
        ("Order date", pa.array([1, 2], pa.int64())),
        ("paid", pa.array([1, 0], pa.int64())),
    ],
)
def test_types_that_are_not_exact_are_refused(tmp_path: Path, column: str, values: pa.Array) -> None:
    _, problems = slugs(tmp_path, {**GOOD, column: values})
    assert problems == [("data-type", f"orders_0.parquet, column {column}")]


@pytest.mark.parametrize(
    ("column", "values", "slug"),
    [
        ("amount", pa.array([Decimal("10.501"), Decimal("1.000")], pa.decimal128(18, 3)), "data-decimals"),
        ("amount", pa.array([Decimal(10**30), Decimal(1)], pa.decimal128(38, 0)), "data-digits"),
        ("amount", pa.array([None, Decimal("1.00")], pa.decimal128(18, 2)), "data-empty"),
        ("amount", pa.array(["ten", "1.00"]), "data-number"),
        ("Order date", pa.array([datetime(2024, 1, 31, 10, 30), datetime(2024, 2, 1)]), "data-date-form"),
        ("payee", pa.array(["C3", "B2"]), "data-reference"),
        ("status", pa.array(["lost", "open"]), "data-value"),
        ("discount", pa.array([Decimal("5.0000"), None], pa.decimal128(18, 4)), "data-rate-maximum"),
        ("discount", pa.array(["12.5", ""]), "data-rate-maximum"),
        ("quantity", pa.array([1001, 1], pa.int64()), "data-maximum"),
        ("Order date", pa.array([date(1999, 12, 31), date(2024, 1, 1)]), "data-minimum"),
    ],
)
def test_values_are_proven_like_those_of_csv(tmp_path: Path, column: str, values: pa.Array, slug: str) -> None:
    _, problems = slugs(tmp_path, {**GOOD, column: values})
    assert problems == [(slug, f"orders_0.parquet, row 1, column {column}")]


def test_a_missing_column_is_told(tmp_path: Path) -> None:
    _, problems = slugs(tmp_path, {name: values for name, values in GOOD.items() if name != "status"})
    assert problems == [("data-missing-column", "orders_0.parquet, column status")]


def test_files_of_one_source_store_columns_alike(tmp_path: Path) -> None:
    other = {**GOOD, "order": pa.array(["3", "4"]), "amount": pa.array(["1.00", "2.00"])}
    _, problems = slugs(tmp_path, GOOD, other)
    assert problems == [("data-files-differ", "orders_1.parquet")]


def test_rows_of_several_files_keep_their_numbers(tmp_path: Path) -> None:
    _, problems = slugs(tmp_path, GOOD, {**GOOD, "order": pa.array(["3", "1"])})
    assert problems == [("data-key-twice", "orders_1.parquet, row 2, column order")]


def test_a_broken_file_is_told(tmp_path: Path) -> None:
    _, problems = read(tmp_path / "p", {"orders.parquet": b"PAR1 nothing PAR1"}, STORED)
    assert [(problem.slug, problem.place) for problem in problems] == [("data-unreadable", "orders.parquet")]


def test_a_name_that_looks_like_a_pattern_is_that_of_one_file(tmp_path: Path) -> None:
    one, other = ({**GOOD, "order": pa.array(numbers)} for numbers in (["1", "2"], ["3", "4"]))
    files = {
        name: parquet(columns, tmp_path) for name, columns in (("orders1.parquet", one), ("orders[1].parquet", other))
    }
    told, problems = read(tmp_path / "p", files, STORED)
    assert problems == []
    assert all(f"order {number}," in told for number in (1, 2, 3, 4))


ODD: dict[str, pa.Array] = {
    "ORDER": pa.array(["x", "y"]),
    "order": pa.array(["1", "2"]),
    "file_row_number": pa.array([7, 7]),
    "filename": pa.array(["x", "x"]),
    'C"A': pa.array([0, 0]),
}


def test_columns_alike_but_for_case_and_names_of_the_reader_are_columns_like_others(tmp_path: Path) -> None:
    rest = {name: values for name, values in GOOD.items() if name != "order"}
    others = {**GOOD, "order": pa.array(["3", "4"])}
    plain, _ = slugs(tmp_path / "plain", GOOD, others)
    told, problems = slugs(tmp_path / "odd", {**ODD, **rest}, others)
    assert problems == []
    assert told == plain


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "twice.parquet"
    columns = [*GOOD.items(), ("amount", GOOD["amount"]), ("status", GOOD["status"])]
    pq.write_table(pa.Table.from_arrays([values for _, values in columns], [name for name, _ in columns]), file)
    _, problems = read(tmp_path / "p", {"orders_0.parquet": file.read_bytes()}, STORED)
    twice = [problem.place for problem in problems if problem.slug == "data-header-twice"]
    assert twice == ["orders_0.parquet, column amount", "orders_0.parquet, column status"]


def test_parts_of_a_nested_column_are_no_columns(tmp_path: Path) -> None:
    nested = pa.array([{"amount": 1, "of": {"status": 1}}, {"amount": 2, "of": {"status": 1}}])
    assert slugs(tmp_path, {"note": nested, **GOOD, "more": nested})[1] == []


def test_a_zero_byte_in_a_text_is_refused_with_its_row(tmp_path: Path) -> None:
    _, problems = slugs(tmp_path, {**GOOD, "status": pa.array(["open", "open\0"])})
    assert problems == [("data-nul-value", "orders_0.parquet, row 2, column status")]


_MOST = 2**63 - 1


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_midnights_are_days_in_any_unit(tmp_path: Path, unit: str) -> None:
    days = pa.array([date(2024, 1, 31), date(2024, 2, 1)]).cast(pa.timestamp(unit))
    told, problems = slugs(tmp_path, {**GOOD, "Order date": days})
    assert problems == []
    assert "day 2024-01-31" in told


@pytest.mark.parametrize(
    ("moment", "type_"),
    [
        (2**31 - 1, pa.date32()),  # infinity, and its opposite
        (-(2**31) + 1, pa.date32()),
        (-(2**31), pa.date32()),
        (-719_163, pa.date32()),  # the day before the year 1
        (_MOST, pa.timestamp("us")),
        (-_MOST, pa.timestamp("us")),
        (-_MOST - 1, pa.timestamp("us")),
        (_MOST // 20, pa.timestamp("us")),
        (_MOST, pa.timestamp("ms")),
        (_MOST // 2, pa.timestamp("ms")),
        (-_MOST // 1000 - 1, pa.timestamp("ms")),
        (_MOST, pa.timestamp("ns")),
    ],
)
def test_a_moment_beyond_the_calendar_is_told_with_its_place(tmp_path: Path, moment: int, type_: pa.DataType) -> None:
    whole = pa.int32() if type_ == pa.date32() else pa.int64()
    days = pa.array([None, moment], whole).view(type_)
    _, problems = slugs(tmp_path, {**GOOD, "Order date": days})
    assert ("data-date", "orders_0.parquet, row 2, column Order date") in problems


def test_a_damaged_page_is_told_with_its_file(tmp_path: Path) -> None:
    good = parquet(
        {name: pa.chunked_array([values] * 2_000) for name, values in GOOD.items()} | {"order": numbers()}, tmp_path
    )
    damaged = good[:200] + bytes(byte ^ 0x55 for byte in good[200:1200]) + good[1200:]
    with pytest.raises(Problems) as found:
        read(tmp_path / "p", {"orders_0.parquet": good, "orders_1.parquet": damaged}, STORED)
    assert [(problem.slug, problem.place) for problem in found.value.diagnostics] == [
        ("data-unreadable", "orders_1.parquet")
    ]


def numbers() -> pa.Array:
    return pa.array([f"order {number}" for number in range(4_000)])


@pytest.mark.parametrize("data", [b"", b"PAR1", b"a,b\n1,2\n", b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_what_is_no_parquet_is_told_with_its_file(data: bytes, tmp_path: Path) -> None:
    _, problems = read(tmp_path / "p", {"orders_0.parquet": data}, STORED)
    assert [(problem.slug, problem.place) for problem in problems] == [("data-unreadable", "orders_0.parquet")]
