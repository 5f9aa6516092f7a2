"""Partitioned tables: names that readers understand, and columns also where there are no rows."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from spmlang.outputs.parquet import write_partitioned, write_whole


def _read(folder: Path) -> pa.Table:
    return ds.dataset(folder, partitioning=ds.partitioning(flavor="hive")).to_table()


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet"))


def test_days_are_parted_by_month(tmp_path: Path) -> None:
    days = [date(2025, 2, 1), date(2025, 1, 31), date(2025, 2, 28), date(1, 1, 1)]
    table = pa.table({"measure": ["a", "b", "c", "d"], "day": pa.array(days)})
    write_partitioned(tmp_path, "credits", table.schema, [table])
    assert _files(tmp_path) == [f"credits/month={month}/part-0.parquet" for month in ("0001-01", "2025-01", "2025-02")]
    found = _read(tmp_path / "credits")
    assert found["measure"].to_pylist() == ["d", "b", "a", "c"]
    assert found.drop_columns(["month"]).schema == table.schema


def test_a_table_without_rows_keeps_its_columns(tmp_path: Path) -> None:
    table = pa.table({"period": pa.array([], pa.string()), "amount": pa.array([], pa.decimal128(38, 2))})
    write_partitioned(tmp_path, "payouts", table.schema, [table])
    assert _files(tmp_path) == ["payouts/part-0.parquet"]
    assert _read(tmp_path / "payouts").select(table.column_names) == table


def test_a_label_is_written_as_readers_take_it(tmp_path: Path) -> None:
    table = pa.table({"period": ["FY 25/26"], "amount": [1]})
    write_partitioned(tmp_path, "payouts", table.schema, [table])
    assert _read(tmp_path / "payouts")["period"].to_pylist() == ["FY 25/26"]


def test_how_the_rows_come_changes_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spmlang.outputs.parquet._GROUP", 7)
    monkeypatch.setattr("spmlang.outputs.parquet._GROUP_OF_MANY", 3)
    periods = [f"2025-0{1 + number // 10}" for number in range(30)]
    table = pa.table({"period": periods, "amount": list(range(30))})
    written = []
    for number, cuts in enumerate(([30], [1] * 30, [8, 0, 13, 9])):
        folder = tmp_path / str(number)
        starts = [sum(cuts[:at]) for at in range(len(cuts))]
        parts = [table.slice(start, size) for start, size in zip(starts, cuts, strict=True)]
        write_whole(folder, "lines", table.schema, parts)
        write_partitioned(folder, "lines", table.schema, parts)
        written.append({path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.parquet")})
    assert len(written[0]) == 4
    assert written[0] == written[1] == written[2]
    assert pq.read_table(tmp_path / "1" / "lines.parquet") == table


def test_pages_do_not_depend_on_how_the_rows_come(tmp_path: Path) -> None:
    """A database gives parts of one size with one thread, and of another with more."""
    numbers = pa.array(range(300_000))
    table = pa.table({"period": pa.array(["2025-01", "2025-02", "2025-03"] * 100_000), "number": numbers})
    written = []
    for size in (131_072, 122_880, 777):
        folder = tmp_path / str(size)
        parts = [pa.Table.from_batches([batch]) for batch in table.to_batches(max_chunksize=size)]
        write_whole(folder, "lines", table.schema, parts)
        write_partitioned(folder, "lines", table.schema, parts)
        written.append({path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.parquet")})
    assert written[0] == written[1] == written[2]
