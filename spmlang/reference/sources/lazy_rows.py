"""Rows of the tables that are looked up one by one, so that no large table is read as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Context, Decimal
from fractions import Fraction

from spmlang.data.sql_text import quoted
from spmlang.data.tables import FOREVER, Cell, Row, Tables
from spmlang.program.expressions import Column, Step
from spmlang.program.program import Program

from .rows import SourceRows

_DAY = timedelta(days=1)


class LazySourceRows(SourceRows):
    """The rows of every source of a program, each looked up in the tables when it is needed."""

    def __init__(self, program: Program, tables: Tables) -> None:
        super().__init__(program, tables)
        self._found: dict[tuple[str, str, Cell], list[Row]] = {}
        #: The first day that can count for any plan; `date.min` if there is none.
        self.first_day = program.first_credited_day() or date.min

    def having(self, source: str, column: str, value: Cell) -> list[Row]:
        """Return the rows whose column has the value, in file order."""
        at = (source, column, value)
        if at not in self._found:
            condition = f"{quoted(column)} is not distinct from ?"
            self._found[at] = list(self.tables.rows(source, condition, [parameter(value)]))
        return self._found[at]

    def changes(self, source: str) -> set[date]:
        """Return the days on which rows of a dated source begin to be in force, or are so no more."""
        query = f"select distinct _from, _through from {self.tables.relation(source)}"
        edges = self.tables.connection.cursor().execute(query).fetchall()
        return {day for start, through in edges for day in (start, through if through == FOREVER else through + _DAY)}

    def dated_with(self, on: Column, days: tuple[date, date], column: Column, value: Cell) -> Iterator[Row]:
        """Yield the rows whose column `on` lies within the days (both included) and whose `column` has the value.

        A reference into a dated table is followed on any day, so the result may have too many rows.
        """
        dated = self.reaching(on.steps, f"{quoted(on.name)} between ? and ?")
        valued = self.reaching(column.steps, f"{quoted(column.name)} is not distinct from ?")
        return self.tables.rows(on.root, f"{dated} and {valued}", [*days, parameter(value)])

    def reaching(self, steps: tuple[Step, ...], condition: str) -> str:
        """Return the SQL condition on a row that is true if the row that references lead to fulfils `condition`."""
        for step in reversed(steps):
            key = quoted(self.program.contracts[step.target].key[0])
            condition = (
                f"{quoted(step.column)} in (select {key} from {self.tables.relation(step.target)} where {condition})"
            )
        return f"({condition})"


def parameter(value: Cell) -> object:
    """Return an exact value as a query parameter for DuckDB."""
    if not isinstance(value, Fraction):
        return value
    if value.denominator == 1:
        return int(value)
    return Context(prec=80).divide(Decimal(value.numerator), Decimal(value.denominator))
