"""Run this project's side: open the plan project, prove its data, and compute payouts with the DuckDB engine."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from spmlang.data.tables import Tables
from spmlang.engines.duckdb import DuckDBEngine
from spmlang.results import Request, Result
from spmlang.run.open import Opened, open_data

FIRST, LAST = "2025-01", "2025-12"


def load(opened: Opened, data: Path, threads: int) -> Tables:
    """Read and prove the tables."""
    tables, _ = open_data(opened, data)
    tables.connection.execute(f"set threads = {threads}")
    return tables


def run(opened: Opened, tables: Tables, *, lines: bool = False) -> Result:
    """Compute the payouts of 2025."""
    first, last = (opened.program.calendar.find(label) for label in (FIRST, LAST))
    assert first is not None
    assert last is not None
    return DuckDBEngine().run(opened.program, tables, Request(first=first, last=last, lines=lines))


def payouts(result: Result) -> pa.Table:
    """Return the payouts of a run in the columns of the peers."""
    return _in_cents(result.payouts)


def lines(result: Result) -> pa.Table:
    """Return the lines of a run (order and cents) in the columns of the query by hand."""
    assert result.lines is not None
    return _in_cents(result.lines)


def _in_cents(table: pa.Table) -> pa.Table:
    return table.rename_columns(["cents" if name == "amount_minor" else name for name in table.column_names])
