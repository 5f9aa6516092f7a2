"""What the files hold of a measure, by a query that no engine's pipeline has a part in."""

from __future__ import annotations

from dataclasses import dataclass

from spmlang.compile.reconciliation.uncounted_rows import held_rows
from spmlang.data.tables import Tables
from spmlang.program.measures import Measure
from spmlang.program.program import Program

from .duckdb import DuckDBRunner
from .wide_sums import rows_of


@dataclass(frozen=True)
class Held:
    """Rows, those of which it cannot be told what they come to, and what the others do (None without any)."""

    rows: int
    untold: int
    units: int | None


def held(program: Program, tables: Tables, measure: Measure) -> Held:
    """Sum the rows of a measure with a plain value."""
    relation = held_rows(program, measure)
    with tables.connection.cursor() as cursor:
        stages = DuckDBRunner(cursor, tables)
        try:
            (found,) = stages.rows(stages.sql(stages.renderer.query(relation)))[1]
        except Exception as problem:
            if not stages.overflowed(problem):
                raise
            found = next(rows_of(relation, stages.relation)[1])
    rows, units, untold = (None if value is None else int(str(value)) for value in found)
    return Held(rows or 0, untold or 0, units)
