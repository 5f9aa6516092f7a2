"""Rows of the tables as the interpreter reads them: by key and day, through references."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import cast

from spmlang.data.tables import Cell, Row, Tables
from spmlang.diagnostics import diagnostic
from spmlang.diagnostics.diagnostic import Diagnostic, diagnose
from spmlang.program.expressions import AsOf, Column, Step
from spmlang.program.program import Program


class MissingValue(Exception):
    """Raised for a value that the data does not have, with the diagnostic that says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class SourceRows:
    """The rows of every source of a program, indexed at first use."""

    def __init__(self, program: Program, tables: Tables) -> None:
        self.program = program
        self.tables = tables
        self._rows: dict[str, list[Row]] = {}
        self._by_key: dict[tuple[str, str], dict[Cell, list[Row]]] = {}

    def rows(self, source: str) -> list[Row]:
        """Return all rows of a source, in file order."""
        if source not in self._rows:
            self._rows[source] = list(self.tables.rows(source))
        return self._rows[source]

    def having(self, source: str, column: str, value: Cell) -> list[Row]:
        """Return the rows whose column has the value, in file order."""
        index = self._by_key.get((source, column))
        if index is None:
            index = defaultdict(list)
            for row in self.rows(source):
                index[row[column]].append(row)
            self._by_key[source, column] = index
        return index.get(value, [])

    def row(self, source: str, key: Cell, day: date) -> Row | None:
        """Return the row with a key; of a dated source, the one in force on the day.

        The key is that of the source's single key column. The result is None if there is no such row.
        """
        contract = self.program.contracts[source]
        for row in self.having(source, contract.key[0], key):
            if contract.dated is None or holds(row, day):
                return row
        return None

    def reach(self, row: Row, steps: tuple[Step, ...], day: date) -> Row | None:
        """Return the row that references lead to; None if a reference is empty or no row is in force on the day."""
        found: Row | None = row
        for step in steps:
            if found is None or found[step.column] is None:
                return None
            found = self.row(step.target, found[step.column], day_of(self.program, step.as_of, day))
        return found

    def read(self, row: Row, column: Column, day: date) -> Cell:
        """Return the column's value; None if it is absent."""
        reached = self.reach(row, column.steps, day)
        return None if reached is None else reached[column.name]

    def require(self, row: Row, column: Column, day: date) -> Cell:
        """Return the column's value.

        Raises:
            MissingValue: if it is absent. The check has proven that this only happens behind a dated table.
        """
        value = self.read(row, column, day)
        if value is None:
            raise MissingValue(no_row(self.program, row, column, day))
        return value

    def changes(self, source: str) -> set[date]:
        """Return the days on which rows of a dated source begin to be in force, or are so no more."""
        return {day for row in self.rows(source) for day in edges(row)}


def holds(row: Row, day: date) -> bool:
    """Return True if a row of a dated source is in force on the day."""
    return cast(date, row["_from"]) <= day <= cast(date, row["_through"])


def edges(row: Row) -> tuple[date, date]:
    """Return the first day on which a dated row is in force, and the first day after it.

    The second is `date.max` if the row is in force without end.
    """
    through = cast(date, row["_through"])
    return cast(date, row["_from"]), through if through == date.max else date.fromordinal(through.toordinal() + 1)


def place(program: Program, source: str, row: Row, column: str | None = None) -> diagnostic.Cell:
    """Return the data cell of a row and column, for a diagnostic."""
    declared = program.contracts[source].column(column) if column else None
    return diagnostic.Cell(str(row["_file"]), int(cast(int, row["_row"])), declared.header if declared else None)


def day_of(program: Program, as_of: AsOf | None, day: date) -> date:
    """Return the day on which a dated table is read for a row on `day`."""
    if as_of is None:
        return day
    interval = program.calendar.interval(day, as_of.grain)
    return interval.end if as_of.end else interval.start


def no_row(program: Program, row: Row, column: Column, day: date) -> Diagnostic:
    """Return the diagnostic of a required column that is absent on a day."""
    first = column.steps[0] if column.steps else None
    day = day_of(program, next((step.as_of for step in column.steps if step.as_of is not None), None), day)
    where = place(program, column.root, row, first.column if first else column.name)
    words = {"column": column.span.text, "day": day, "source": column.steps[-1].target if first else column.root}
    return diagnose("run-no-row-in-force", where, (), value=row["_key"], **words)


def roster_row(sources: SourceRows, payee: str, day: date) -> Row | None:
    """Return the payee's roster row in force on a day; None if there is none."""
    return next((row for row in sources.having(sources.program.roster, "payee", payee) if holds(row, day)), None)
