"""Parquet that Spark reads by itself is what the other engines are given, row for row; what it cannot read so, it is given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from spmlang.data.tables import Tables
from spmlang.engines.duckdb import DuckDBEngine
from spmlang.engines.spark.engine import SparkEngine
from spmlang.engines.spark.files import read_files, sees_files
from spmlang.engines.spark.session import spark_session
from spmlang.run.open import Opened, open_data, open_project
from spmlang.run.run import make_request
from tests.engines.agreement import assert_agree
from tests.engines.every import SPARK_MARKS
from tests.projects import small_project

pytestmark = [*SPARK_MARKS]

SOURCES = """
sources:
  orders:
    files: "orders/**/*.parquet"
    key: [id, line]
    bad_rows: reject
    columns:
      id: {type: text, header: "Order `no.`"}
      line: count
      payee: {type: text, references: roster, optional: true}
      day: date
      amount: {type: money, currency: USD, minimum: -1000}
      weight: {type: number, digits: 38, scale: 10}
      open: flag
"""

PLAN = """\
use std.calendar_year

measure bookings in USD {
  sum    orders.amount
  on     orders.day
  where  orders.open
  credit orders.payee
}

plan rep version 1 {
  effective from 2025-01-01
  for       payee.name != ""
  currency  USD

  commission base {
    on   bookings
    pays 5% of bookings
  }
}
"""

#: Names that a URI writes otherwise.
NAMES = ("orders/1.parquet", "orders/month=2025-02/a b+é.parquet", "orders/100%/%20#.parquet")

COLUMNS = ("id", "line", "payee", "day", "amount", "weight", "open", "_file", "_row", "_key")


def rows(number: int, count: int = 4) -> dict[str, pa.Array]:
    """Orders of a file; in some the payee is absent, or empty."""
    keys = [f"{number}|\\{place}" for place in range(count)]
    payees = [("p0", "p1", None, "")[place % 4] for place in range(count)]
    amounts = [Decimal("100.01") * (place + 1) for place in range(count)]
    days = [date(2025, number + 1, 10 + place) for place in range(count)]
    return {
        "more": pa.array([float(place) for place in range(count)]),
        "Order `no.`": pa.array(keys, pa.string()),
        "line": pa.array(range(count), pa.int64()),
        "payee": pa.array(payees, pa.string()),
        "day": pa.array(days, pa.date32()),
        "amount": pa.array(amounts, pa.decimal128(18, 2)),
        "weight": pa.array([Decimal("-0.0000000001")] * count, pa.decimal128(38, 10)),
        "open": pa.array([place != 1 for place in range(count)], pa.bool_()),
    }


def write(folder: Path, name: str, columns: dict[str, pa.Array]) -> None:
    target = folder / "data" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), target, row_group_size=2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project whose orders lie in three files and an empty one."""
    folder = tmp_path / "a project"
    for number, name in enumerate(NAMES):
        write(folder, name, rows(number))
    write(folder, "orders/empty.parquet", rows(3, 0))
    return small_project(PLAN, SOURCES, roster=["p0,P,2025-01-01", "p1,Q,2025-01-01"]).write(folder)


def opened(folder: Path) -> tuple[Opened, Tables]:
    project = open_project(folder)
    return project, open_data(project, None)[0]


def read(tables: Tables, columns: Sequence[str] = COLUMNS) -> pa.Table | None:
    """What Spark reads of the orders by itself, in the order of files and rows."""
    found = read_files(spark_session(), tables, "orders", list(columns))
    return None if found is None else found.toArrow()


def ordered(table: pa.Table) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table.to_pylist()
    return sorted(found, key=lambda row: (row["_file"], row["_row"]))


def test_spark_reads_what_the_others_are_given(folder: Path) -> None:
    _, tables = opened(folder)
    given, found = tables.arrow("orders", COLUMNS), read(tables)
    assert found is not None
    assert [(field.name, field.type) for field in found.schema] == [(field.name, field.type) for field in given.schema]
    assert ordered(found) == ordered(given)
    assert found.num_rows == 12


def test_a_run_that_reads_files_pays_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project, tables = opened(folder)
    request = make_request(project.program, tables, lines=True)
    wanted = DuckDBEngine().run(project.program, tables, request)
    brought: list[str] = []
    through = Tables.arrow

    def noted(self: Tables, source: str, columns: Sequence[str]) -> pa.Table:
        brought.append(source)
        return through(self, source, columns)

    monkeypatch.setattr(Tables, "arrow", noted)
    assert_agree(wanted, SparkEngine().run(project.program, tables, request))
    assert wanted.uncredited.num_rows > 0
    assert brought == ["roster"]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("orders/_hidden.parquet", {}),
        ("orders/{1}.parquet", {}),
        ("orders/a:b.parquet", {}),
        ("orders/refused.parquet", {"payee": pa.array(["p0", "p1", "p2", "p0"])}),
        ("orders/payee=p0/x.parquet", {}),
    ],
)
def test_what_spark_would_read_otherwise_it_is_given(folder: Path, name: str, change: dict[str, pa.Array]) -> None:
    write(folder, name, {**rows(4), **change})
    _, tables = opened(folder)
    assert read(tables) is None


def test_values_that_are_converted_are_given(folder: Path) -> None:
    for number, name in enumerate(NAMES):
        write(folder, name, {**rows(number), "line": pa.array(range(4), pa.int32())})
    write(folder, "orders/empty.parquet", {**rows(3, 0), "line": pa.array([], pa.int32())})
    _, tables = opened(folder)
    assert read(tables, ["_key"]) is None
    assert read(tables, ["amount", "_file", "_row"]) is not None


class _Elsewhere:
    """A session whose executors are on other machines."""

    master = "spark://host:7077"

    @property
    def sparkContext(self) -> _Elsewhere:  # noqa: N802
        return self


def test_a_cluster_reads_files_where_it_is_told_that_it_sees_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPARK_SHARED", raising=False)
    assert not sees_files(_Elsewhere())  # type: ignore[arg-type]
    assert sees_files(spark_session())
    monkeypatch.setenv("SPARK_SHARED", "1")
    assert sees_files(_Elsewhere())  # type: ignore[arg-type]
