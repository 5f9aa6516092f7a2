"""The tables as the interpreter reads them: rows by key and day, references walked step by step."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import cast

from spmlang.data.tables import Cell, Row, Tables
from spmlang.diagnostics import diagnostic
from spmlang.diagnostics.diagnostic import Diagnostic, diagnose
from spmlang.program.expressions import AsOf, Column, Step
from spmlang.program.program import Program

#: Values put in place of a roster column: an example's `given payee.column = …`.
Overrides = Mapping[str, Cell]


class MissingValue(Exception):
    """A value the data cannot give; carries the diagnostic that says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


class SourceRows:
    """Every source of a program, indexed when first asked for."""

    def __init__(self, program: Program, tables: Tables) -> None:
        self.program = program
        self.tables = tables
        self._rows: dict[str, list[Row]] = {}
        self._by_key: dict[tuple[str, str], dict[Cell, list[Row]]] = {}

    def rows(self, source: str) -> list[Row]:
        """All rows, in file order."""
        if source not in self._rows:
            self._rows[source] = list(self.tables.rows(source))
        return self._rows[source]

    def having(self, source: str, column: str, value: Cell) -> list[Row]:
        """The rows whose column holds the value, in file order."""
        index = self._by_key.get((source, column))
        if index is None:
            index = defaultdict(list)
            for row in self.rows(source):
                index[row[column]].append(row)
            self._by_key[source, column] = index
        return index.get(value, [])

    def row(self, source: str, key: Cell, day: date) -> Row | None:
        """The row of that key (a source's single key column); of a dated source, the one in force on the day."""
        contract = self.program.contracts[source]
        for row in self.having(source, contract.key[0], key):
            if contract.dated is None or holds(row, day):
                return row
        return None

    def reach(self, row: Row, steps: tuple[Step, ...], day: date) -> Row | None:
        """The row reached by walking references; None where one is empty or no row is in force on the day."""
        found: Row | None = row
        for step in steps:
            if found is None or found[step.column] is None:
                return None
            found = self.row(step.target, found[step.column], day_of(self.program, step.as_of, day))
        return found

    def read(self, row: Row, column: Column, day: date) -> Cell:
        """The column's value, None if absent."""
        reached = self.reach(row, column.steps, day)
        return None if reached is None else reached[column.name]

    def require(self, row: Row, column: Column, day: date) -> Cell:
        """The column's value. Raises Refused where it is absent: the check has proven that only a dated table can lack it."""
        value = self.read(row, column, day)
        if value is None:
            raise MissingValue(no_row(self.program, row, column, day))
        return value

    def changes(self, source: str) -> set[date]:
        """The days on which rows of a dated source begin to hold, or hold no more."""
        return {day for row in self.rows(source) for day in edges(row)}


def holds(row: Row, day: date) -> bool:
    """Whether a row of a dated source is in force."""
    return cast(date, row["_from"]) <= day <= cast(date, row["_through"])


def edges(row: Row) -> tuple[date, date]:
    """The first day a dated row holds, and the first day it does not hold any more."""
    through = cast(date, row["_through"])
    return cast(date, row["_from"]), through if through == date.max else date.fromordinal(through.toordinal() + 1)


def place(program: Program, source: str, row: Row, column: str | None = None) -> diagnostic.Cell:
    """Where a row stands."""
    declared = program.contracts[source].column(column) if column else None
    return diagnostic.Cell(str(row["_file"]), int(cast(int, row["_row"])), declared.header if declared else None)


def day_of(program: Program, as_of: AsOf | None, day: date) -> date:
    """The day on which a dated table is read."""
    if as_of is None:
        return day
    interval = program.calendar.interval(day, as_of.grain)
    return interval.end if as_of.end else interval.start


def no_row(program: Program, row: Row, column: Column, day: date) -> Diagnostic:
    """The diagnostic of a required column that is absent on a day."""
    first = column.steps[0] if column.steps else None
    day = day_of(program, next((step.as_of for step in column.steps if step.as_of is not None), None), day)
    where = place(program, column.root, row, first.column if first else column.name)
    words = {"column": column.span.text, "day": day, "source": column.steps[-1].target if first else column.root}
    return diagnose("run-no-row-in-force", where, (), value=row["_key"], **words)


def roster_row(facts: SourceRows, payee: str, day: date) -> Row | None:
    """The payee's roster row in force on a day."""
    return next((row for row in facts.having(facts.program.roster, "payee", payee) if holds(row, day)), None)
