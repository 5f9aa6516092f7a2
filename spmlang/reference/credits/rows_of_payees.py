"""Rows that could credit some payees, found by the credit clauses, so that the other rows are not read.

A condition is true for every row that credits these payees, and perhaps for more rows. Only crediting a row shows who
is credited.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from spmlang.data.sql_text import named, quoted
from spmlang.data.tables import Cell, Row, Tables, exact
from spmlang.program.expressions import Column, Expr, Step, walk
from spmlang.program.measures import CreditRule, DateRange, DirectCredit, GroupCredit, Measure, TerritoryCredit
from spmlang.program.program import Program
from spmlang.reference.sources.lazy_rows import LazySourceRows, parameter
from spmlang.reference.sources.rows import SourceRows

from .receivers import covering_territories, owners

if TYPE_CHECKING:
    import duckdb

#: The payees whose credits are looked for; None: all payees.
Payees = frozenset[str] | None

#: A table with at most so many rows is read as a whole, which takes as long as a few look-ups.
_SMALL = 3_000

#: The most rows of a source that are copied for payees, because copying more takes longer than a few scans of all rows.
_HELD = 200_000


@dataclass(frozen=True)
class RowFilter:
    """An SQL condition on the rows of a source, with the values of its parameters.

    A value is a single one, or a tuple for a list. `held`: True if all rows that fulfil the condition are among those
    that `holding` copied.
    """

    text: str
    values: tuple[object, ...] = ()
    held: bool = False

    @property
    def parameters(self) -> list[object]:
        """The values as query parameters."""
        return [list(value) if isinstance(value, tuple) else value for value in self.values]

    def __and__(self, other: RowFilter) -> RowFilter:
        return RowFilter(f"{self.text} and {other.text}", (*self.values, *other.values))


NOBODY, EVERY_ROW = RowFilter("false"), RowFilter("true")


def any_of(conditions: Iterable[RowFilter]) -> RowFilter:
    """Return the condition that is true if one of some conditions is."""
    found = list(conditions)
    if not found:
        return NOBODY
    return RowFilter(f"({' or '.join(item.text for item in found)})", tuple(v for item in found for v in item.values))


class RowsOfPayees(LazySourceRows):
    """The rows of every source of a program, where sources of measures are read for some payees and days only."""

    def __init__(self, program: Program, tables: Tables) -> None:
        super().__init__(program, tables)
        self._covered: dict[str, list[tuple[tuple[str, ...], frozenset[str]]]] = {}
        self._changes: dict[str, set[date]] = {}
        self._counted: dict[tuple[str, RowFilter], list[Row]] = {}
        self._numbers: dict[tuple[str, RowFilter], int] = {}
        self._held = tables
        self._held_for: dict[str, frozenset[str]] = {}
        #: The number of rows read from sources of measures.
        self.rows_read = 0
        self._small: dict[str, bool] = {}
        self._below: dict[tuple[frozenset[str], bool], frozenset[str]] = {}

    def changes(self, source: str) -> set[date]:
        """Return the days on which rows of a dated source begin to be in force, or are so no more."""
        if source not in self._changes:
            self._changes[source] = super().changes(source)
        return self._changes[source]

    def having(self, source: str, column: str, value: Cell) -> list[Row]:
        """Return the rows whose column has the value, in file order; a small table is read as a whole."""
        way = SourceRows if self._is_small(source) else LazySourceRows
        return way.having(self, source, column, value)

    def _is_small(self, source: str) -> bool:
        if source not in self._small:
            rows = sum(file.rows for file in self.tables.files if file.source == source)
            self._small[source] = rows <= _SMALL or source in self.tables.narrowed
        return self._small[source]

    def crediting(self, measure: Measure, people: Payees, days: DateRange) -> RowFilter:
        """Return the condition on the rows of a measure's source that could credit one of `people` on some days."""
        assert measure.on is not None
        ends = (days.start, days.through or date.max)
        dated = RowFilter(self.reaching(measure.on.steps, f"{quoted(measure.on.name)} between ? and ?"), ends)
        if people is None:
            return dated
        held = people <= self._held_for.get(str(measure.source), frozenset())
        return replace(dated & any_of(self._share(share, people) for share in measure.credits), held=held)

    @contextmanager
    def holding(self, people: frozenset[str]) -> Iterator[None]:
        """Copy the rows that could credit some payees, for use until the block ends.

        Conditions about these payees then read the copies. A source with too many such rows is not copied.
        """
        names = {source: named("held", source) for source in self._sources() if not self._is_small(source)}
        cursor = self.tables.connection.cursor()
        try:
            held = {source: name for source, name in names.items() if self._copied(cursor, source, name, people)}
            self._held, self._held_for = self.tables.narrow(held), dict.fromkeys(held, people)
            yield
        finally:
            self._held, self._held_for = self.tables, {}
            for name in names.values():
                cursor.execute(f"drop table if exists {name}")
            cursor.close()

    def _copied(self, cursor: duckdb.DuckDBPyConnection, source: str, name: str, people: frozenset[str]) -> bool:
        """Copy the rows of a source that could credit some payees; return False if they are too many."""
        measures = self._measures(source)
        where = any_of(self._share(share, people) for measure in measures for share in measure.credits)
        columns = ", ".join(map(quoted, columns_of(self.program, measures)))
        rows = f"select {columns} from {self.tables.relation(source)} where {where.text} limit {_HELD + 1}"
        cursor.execute(f"create or replace table {name} as {rows}", where.parameters)
        ((copied,),) = cursor.execute(f"select count(*) from {name}").fetchall()
        return int(copied) <= _HELD

    def _sources(self) -> set[str]:
        return {item.source for item in self.program.measures.values() if item.source is not None}

    def _measures(self, source: str) -> list[Measure]:
        return [item for item in self.program.measures.values() if item.source == source]

    def counted(self, source: str, where: RowFilter, most: int | None = None) -> list[Row] | None:
        """Return rows of a source with the columns that measures read, in file order, and read the rows they refer to.

        Rows that were read before are not read again.

        Args:
            source: the source.
            where: the condition on the rows.
            most: return None if the rows are more.
        """
        at = (source, where)
        if at not in self._counted:
            if most is not None and self._number(*at) > most:
                return None
            measures = self._measures(source)
            tables = self._held if where.held else self.tables
            rows = tables.some_rows(source, where.text, where.parameters, columns_of(self.program, measures))
            for measure in measures:
                self._read_referred(measure, rows)
            self._counted[at] = rows
            self.rows_read += len(rows)
        return self._counted[at]

    def _number(self, source: str, where: RowFilter) -> int:
        """Return the number of rows of a source that fulfil a condition."""
        at = (source, where)
        if at not in self._numbers:
            tables = self._held if where.held else self.tables
            self._numbers[at] = tables.count(source, where.text, where.parameters)
        return self._numbers[at]

    def below(self, people: Payees, *, all_levels: bool) -> Payees:
        """Return all payees who report to one of `people` on any day, directly or (`all_levels`) at any level."""
        if people is None:
            return None
        at = (people, all_levels)
        if at not in self._below:
            line = self.tables.relation(str(self.program.managers))
            asked = f"select payee from {line} where manager in (select unnest(?::varchar[]))"
            if all_levels:
                further = f"select m.payee from {line} m, below b where m.manager = b.payee"
                asked = f"with recursive below as ({asked} union {further}) select payee from below"
            rows = self.tables.connection.cursor().execute(asked, [sorted(people)]).fetchall()
            self._below[at] = frozenset(str(payee) for (payee,) in rows)
        return self._below[at]

    # ---- conditions on credited rows ----------------------------------------------------------

    def _share(self, share: CreditRule, people: frozenset[str]) -> RowFilter:
        """Return the condition on the rows of which a share could credit one of `people`."""
        named = "payee = ?" if len(people) == 1 else "payee in (select unnest(?::varchar[]))"
        match share:
            case DirectCredit():
                own = named.replace("payee", quoted(share.payee.name), 1)
                return RowFilter(self.reaching(share.payee.steps, own), _listed(people))
            case GroupCredit():
                groups = f"select {quoted(share.key)} from {self.tables.relation(share.table)} where {named}"
                own = f"{quoted(share.group.name)} in ({groups})"
                return RowFilter(self.reaching(share.group.steps, own), _listed(people))
            case TerritoryCredit():
                return self._owned(share, people)

    def _owned(self, share: TerritoryCredit, people: frozenset[str]) -> RowFilter:
        """Return the condition on the rows covered by a territory that one of `people` owns on any day.

        It compares the columns that the rules of territories read with the values that these territories cover.
        """
        territories = [item for item in self.program.territories if item.source == share.source]
        own = {item.name for item in territories if any(payee in people for payee, _, _ in owners(self, item))}
        if not own:
            return NOBODY
        covered = [texts for texts, covering in self._covering(share.source) if own & covering]
        columns = _territory_own_columns(self.program, share.source)
        if not columns:
            return RowFilter(self.reaching(share.steps, "true" if covered else "false"))
        told = ", ".join(map(_as_text, columns))
        lists = ", ".join("unnest(?::varchar[])" for _ in columns)
        values = tuple(tuple(texts[place] for texts in covered) for place in range(len(columns)))
        return RowFilter(self.reaching(share.steps, f"({told}) in (select {lists})"), values)

    def _covering(self, source: str) -> list[tuple[tuple[str, ...], frozenset[str]]]:
        """Return the covering territories for each combination of values in the columns that the territories read.

        The values are texts, as `_as_text` writes them.
        """
        if source not in self._covered:
            columns = _territory_own_columns(self.program, source)
            listed = ", ".join([*map(quoted, columns), *map(_as_text, columns), "1"])
            query = f"select distinct {listed} from {self.tables.relation(source)} order by all"
            found = self.tables.connection.cursor().execute(query).fetchall()
            rows = [dict(zip(columns, map(exact, values[: len(columns)]), strict=True)) for values in found]
            for steps in _territory_paths(self.program, source):
                self._follow(rows, steps)
            self._covered[source] = [
                (
                    tuple(values[len(columns) : -1]),
                    frozenset(item.name for item in covering_territories(self, source, row)),
                )
                for row, values in zip(rows, found, strict=True)
            ]
        return self._covered[source]

    # ---- rows that rows refer to --------------------------------------------------------------

    def _read_referred(self, measure: Measure, rows: list[Row]) -> None:
        """Read all rows together that a measure refers to from some rows."""
        for steps in _references(measure):
            self._follow(rows, steps)
        for share in measure.credits:
            if isinstance(share, GroupCredit):
                self._gather(self._follow(rows, share.group.steps), share.group.name, share.table, share.key)
            if isinstance(share, TerritoryCredit):
                reached = self._follow(rows, share.steps)
                for steps in _territory_paths(self.program, share.source):
                    self._follow(reached, steps)

    def _follow(self, rows: list[Row], steps: tuple[Step, ...]) -> list[Row]:
        """Read all rows together that references lead to, and return them."""
        for step in steps:
            key = self.program.contracts[step.target].key[0]
            rows = self._gather(rows, step.column, step.target, key)
        return rows

    def _gather(self, rows: list[Row], column: str, target: str, key: str) -> list[Row]:
        """Read the rows of `target` whose `key` is a value in `column` of some rows, and return them."""
        wanted = dict.fromkeys(row[column] for row in rows if row[column] is not None)
        missing = (
            [] if self._is_small(target) else [value for value in wanted if (target, key, value) not in self._found]
        )
        if missing:
            values = [parameter(value) for value in missing]
            for value in missing:
                self._found[target, key, value] = []
            for row in self.tables.rows(target, f"{quoted(key)} in (select unnest(?))", [values]):
                self._found[target, key, row[key]].append(row)
        return [row for value in wanted for row in self.having(target, key, value)]


def _listed(people: frozenset[str]) -> tuple[object, ...]:
    """Return the parameter for one payee, or for a list of payees."""
    ordered = tuple(sorted(people))
    return ordered if len(ordered) == 1 else (ordered,)


def columns_of(program: Program, measures: Collection[Measure]) -> tuple[str, ...]:
    """Return the columns of their source that measures read, with those that identify a row."""
    source = str(next(iter(measures)).source)
    found = {name for measure in measures for name in _own_columns(program, measure)}
    return (*sorted(found), "_key", "_file", "_row", *(("_from",) if program.contracts[source].dated else ()))


def _own_columns(program: Program, measure: Measure) -> Iterator[str]:
    """Yield the columns of the row itself that a measure reads or follows."""
    yield from (column.steps[0].column if column.steps else column.name for column in _read(measure))
    for share in measure.credits:
        if isinstance(share, TerritoryCredit):
            yield from (share.steps[0].column,) if share.steps else _territory_own_columns(program, share.source)


def _references(measure: Measure) -> list[tuple[Step, ...]]:
    """Return the references that a measure follows from a row of its source."""
    return list(dict.fromkeys(column.steps for column in _read(measure)))


def _read(measure: Measure) -> Iterator[Column]:
    """Yield the columns that a measure reads, except for those that the rules of territories read."""
    yield from (node for top in (measure.value, measure.where) if top is not None for node in _columns(top))
    if measure.on is not None:
        yield measure.on
    if measure.distinct is not None:
        yield measure.distinct.column
    for share in measure.credits:
        if not isinstance(share, TerritoryCredit):
            yield share.payee if isinstance(share, DirectCredit) else share.group


def _columns(top: Expr) -> Iterator[Column]:
    return (node for node in walk(top) if isinstance(node, Column))


def _territory_columns(program: Program, source: str) -> list[Column]:
    return [node for item in program.territories if item.source == source for node in _columns(item.covers)]


def _territory_paths(program: Program, source: str) -> list[tuple[Step, ...]]:
    return list(dict.fromkeys(column.steps for column in _territory_columns(program, source)))


def _territory_own_columns(program: Program, source: str) -> tuple[str, ...]:
    """Return the columns of a source's own rows that decide which territory covers a row."""
    columns = _territory_columns(program, source)
    return tuple(sorted({column.steps[0].column if column.steps else column.name for column in columns}))


def _as_text(column: str) -> str:
    """Return the SQL of a column's value as a text that is never absent."""
    return f"coalesce('=' || cast({quoted(column)} as varchar), '')"
