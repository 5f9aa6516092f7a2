"""The days that a run covers: days of measured rows and cash receipts, checked against the days of plans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from spmlang.data.sql_text import fetch, quoted
from spmlang.data.tables import Tables
from spmlang.diagnostics.diagnostic import Cell, Diagnostic, Problems, diagnose
from spmlang.diagnostics.suggest import listed
from spmlang.program.measures import DateRange
from spmlang.program.program import Program

from .cash_dates import last_release, releases_with_cash

_SHOWN = 20


@dataclass(frozen=True)
class DatedColumn:
    """A column that dates rows.

    `counts` are the days on which its measures count. It is None if at least one of these measures counts on all days.
    """

    source: str
    column: str
    counts: tuple[DateRange, ...] | None

    def between(self, first: date, last: date) -> str:
        """Return an SQL condition for the rows dated `first` to `last`, on days that count."""
        name = quoted(self.column)
        asked = f"{name} between date '{first}' and date '{last}'"
        if self.counts is None:
            return asked
        ranges = (f"{name} between date '{item.start}' and date '{item.through or date.max}'" for item in self.counts)
        return f"{asked} and ({' or '.join(ranges)})"


def data_days(program: Program, tables: Tables) -> tuple[date, date] | None:
    """Return the first and last day of a run without named pay periods, or None if there is none.

    The first day is that of the first measured row, but not before the first plan version starts. The last day is that
    of the last measured row while a plan is in force, or of a later cash receipt that releases an earned amount. There
    are no such days if no row is measured while a plan is in force, or on days before it that count.
    """
    life = _days_of_plans(program)
    if life is None:
        return None
    ends = [item for item in (_ends(tables, dated, life) for dated in _measured(program)) if item is not None]
    if not ends:
        return None
    first = max(min(start for start, _ in ends), min(plan.effective.start for plan in program.plans))
    last = min(max(end for _, end in ends), life[1])
    if first > last:
        return None
    cash = (last_release(program, tables, release, (life[0], last)) for release in releases_with_cash(program))
    return first, max([last, *(day for day in cash if day is not None)])


def refuse_gap(program: Program, tables: Tables, first: date, last: date) -> None:
    """Raise Problems if more than twelve months lie between two neighbouring days with rows.

    The first day of the run counts as a day with rows. Such a gap is most likely a wrong year. Without this check the
    run would pay amounts that need no sales in every period of the gap.
    """
    if last <= _a_year_after(first):
        return
    dated = [*_measured(program), *_receipts(program)]
    days = sorted({first, *(day for item in dated for day in _days(tables, item, (first, last)))})
    gaps = [(before, day) for before, day in pairwise(days) if day > _a_year_after(before)]
    if gaps:
        before, day = gaps[-1]
        earlier, later = (_rows_of(tables, dated, days) for days in ((first, before), (day, last)))
        alone = before if 0 < earlier < later else day
        item, row = next((item, row) for item in dated if (row := _first_row(tables, item, (alone, alone))) is not None)
        where = Cell(row.file, row.number, _header(program, item))
        periods = {
            "period": program.calendar.pay_period(before).label,
            "behind": program.calendar.pay_period(day).label,
        }
        raise Problems([diagnose("run-gap", where, (), day=day, before=before, **periods)])


def days_to_come(program: Program, tables: Tables, last: date, today: date) -> list[Diagnostic]:
    """Return a warning for each column with rows of the run dated after `today`, at the first such row."""
    found = []
    for item in [*_measured(program), *_receipts(program)]:
        ends = tables.days(item.source, item.column)
        if ends is None or ends[1] <= today or last <= today:
            continue
        row = _first_row(tables, item, (date.fromordinal(today.toordinal() + 1), last))
        if row is not None:
            where = Cell(row.file, row.number, _header(program, item))
            found.append(diagnose("run-days-to-come", where, (), rows=_counted_rows(row.of), today=today))
    return found


def nothing_to_pay_on(program: Program, tables: Tables) -> Diagnostic:
    """Return the error for a run without a day to pay on.

    Its cause is that there is no plan, no row, or no plan in force on the days of the rows.
    """
    days = [day for item in _measured(program) for day in tables.days(item.source, item.column) or ()]
    if not days:
        sources = sorted({item.source for item in _measured(program)})
        return diagnose("run-no-rows", None, sources=listed(sources) or "any source")
    plans = [plan.effective for plan in program.plans]
    last = max((plan.through or date.max for plan in plans), default=None)
    held = "there is no plan"
    if last is not None:
        through = "on" if last == date.max else f"through {last}"
        held = f"plans hold from {min(plan.start for plan in plans)} {through}"
    return diagnose("run-no-data", None, first=min(days), last=max(days), held=held)


def dates_outside(program: Program, tables: Tables, first: date, last: date) -> list[Diagnostic]:
    """Return an error for each row dated `first` to `last` on which no plan version counts.

    Columns are skipped if all their measures declare their days by `counts from … through …`, because these rows are
    left out on purpose. At most 20 rows of a column are listed.
    """
    life = _days_of_plans(program)
    return [] if life is None else list(_outside(program, tables, life, (first, last)))


def _outside(
    program: Program, tables: Tables, life: tuple[date, date], asked: tuple[date, date]
) -> Iterator[Diagnostic]:
    """Yield the errors of `dates_outside`. `life` is the result of `_days_of_plans`, `asked` the first and last day to check."""
    for item in _measured(program):
        if item.counts is not None:
            continue
        ends = tables.days(item.source, item.column)
        if ends is None or (life[0] <= ends[0] and ends[1] <= life[1]):
            continue
        column = quoted(item.column)
        query = (
            f"select _file, _row, {column} from {tables.relation(item.source)} where ({column} < date '{life[0]}' or "
            f"{column} > date '{life[1]}') and {column} between date '{asked[0]}' and date '{asked[1]}' order by _file, _row"
        )
        found = fetch(tables.connection, query)
        header = _header(program, item)
        for file, row, day in found[:_SHOWN]:
            words = {"day": day, "first": life[0], "last": "today and later" if life[1] == date.max else life[1]}
            yield diagnose("run-date-outside", Cell(str(file), int(str(row)), header), (), **words)
        if len(found) > _SHOWN:
            where = Cell(str(found[_SHOWN][0]), int(str(found[_SHOWN][1])), header)
            yield diagnose("data-more", where, (), count=len(found) - _SHOWN, code="SPM622")


def _days_of_plans(program: Program) -> tuple[date, date] | None:
    """Return the first day that can count for any plan, and the last day of any plan."""
    first = program.first_credited_day()
    if first is None:
        return None
    return first, max(plan.effective.through or date.max for plan in program.plans)


# ---- columns that date rows -------------------------------------------------------------------


def _measured(program: Program) -> list[DatedColumn]:
    """Return the columns that date the rows of measures, in the order of source and column."""
    found: dict[tuple[str, str], list[DateRange | None]] = {}
    for measure in program.measures.values():
        if measure.on is not None:
            source = measure.on.steps[-1].target if measure.on.steps else measure.on.root
            found.setdefault((source, measure.on.name), []).append(measure.counts)
    return [DatedColumn(source, column, _counted(ranges)) for (source, column), ranges in sorted(found.items())]


def _counted(ranges: list[DateRange | None]) -> tuple[DateRange, ...] | None:
    """Return the ranges, or None if one of them is None, because then every day counts."""
    named = tuple(item for item in ranges if item is not None)
    return named if len(named) == len(ranges) else None


def _receipts(program: Program) -> list[DatedColumn]:
    """Return the columns that date the cash receipts with which components are released."""
    released = releases_with_cash(program)
    return [DatedColumn(*at, None) for at in sorted({(item.on.root, item.on.name) for item in released})]


def _header(program: Program, item: DatedColumn) -> str:
    declared = program.contracts[item.source].column(item.column)
    return declared.header if declared else item.column


# ---- rows of a dated column -------------------------------------------------------------------


def _ends(tables: Tables, item: DatedColumn, life: tuple[date, date]) -> tuple[date, date] | None:
    """Return the first and last day that counts in a column; None if none lies within `life`."""
    ends = tables.days(item.source, item.column)
    if ends is not None and item.counts is not None:
        name = quoted(item.column)
        query = f"select min({name}), max({name}) from {tables.relation(item.source)} where {item.between(*ends)}"
        ((first, last),) = tables.connection.cursor().execute(query).fetchall()
        ends = None if first is None else (first, last)
    return ends if ends is not None and ends[0] <= life[1] and life[0] <= ends[1] else None


def _days(tables: Tables, item: DatedColumn, asked: tuple[date, date]) -> list[date]:
    """Return the distinct days in a column within `asked`, of those that count."""
    query = f"select distinct {quoted(item.column)} from {tables.relation(item.source)} where {item.between(*asked)}"
    return [day for (day,) in tables.connection.cursor().execute(query).fetchall()]


@dataclass(frozen=True)
class _Row:
    """The place of the first of some rows, and the number `of` these rows."""

    file: str
    number: int
    of: int


def _first_row(tables: Tables, item: DatedColumn, asked: tuple[date, date]) -> _Row | None:
    """Return the first row dated within `asked` (first and last day), by day, file and row; None without any."""
    query = (
        f"select _file, _row, count(*) over () from {tables.relation(item.source)} where {item.between(*asked)} "
        f"order by {quoted(item.column)}, _file, _row limit 1"
    )
    found = tables.connection.cursor().execute(query).fetchone()
    return None if found is None else _Row(*found)


def _rows_of(tables: Tables, dated: list[DatedColumn], asked: tuple[date, date]) -> int:
    """Return the number of rows in the columns `dated` whose day lies within `asked`."""
    found = (_first_row(tables, item, asked) for item in dated)
    return sum(row.of for row in found if row is not None)


def _counted_rows(count: int) -> str:
    return "This row is" if count == 1 else f"{count:,} rows, of which this is the first, are"


def _a_year_after(day: date) -> date:
    """Return the day one year after `day`, or the last day of the calendar if that is earlier."""
    if day.year == date.max.year:
        return date.max
    leap = (day.month, day.day) == (2, 29)
    return date(day.year + 1, day.month, 28 if leap else day.day)
