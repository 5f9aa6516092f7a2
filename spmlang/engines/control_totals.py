"""The number and sum of a measure's rows in the files, by a query that no pipeline contains.

Decision 11 compares this control total with the shares that an engine credits.
"""

from __future__ import annotations

from dataclasses import dataclass

from spmlang.compile.reconciliation.classes_of_rows import held_rows
from spmlang.data.tables import Tables
from spmlang.program.measures import Measure
from spmlang.program.program import Program

from .duckdb import DuckDBRunner
from .wide_sums import rows_of


@dataclass(frozen=True)
class RowTotals:
    """The rows of a measure, how many of them have an unknown amount, and the sum of the others.

    `units` is None if no row has a known amount.
    """

    rows: int
    untold: int
    units: int | None


def row_totals(program: Program, tables: Tables, measure: Measure) -> RowTotals:
    """Count and sum the rows of a measure whose value is plain (see `program/undated_values.py`)."""
    relation = held_rows(program, measure)
    with tables.connection.cursor() as cursor:
        runner = DuckDBRunner(cursor, tables)
        try:
            (found,) = runner.rows(runner.sql(runner.renderer.query(relation)))[1]
        except Exception as problem:
            if not runner.overflowed(problem):
                raise
            found = next(rows_of(relation, runner.relation)[1])
    rows, units, untold = (None if value is None else int(str(value)) for value in found)
    return RowTotals(rows or 0, untold or 0, units)
