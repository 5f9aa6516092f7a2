"""A row as every measure treats it: whether it counts, who is credited by which rule, and who rolls it up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from spmlang.data.tables import Cell, Row
from spmlang.diagnostics.diagnostic import Diagnostic, diagnose
from spmlang.program.measures import DateRange, Measure, TerritoryCredit
from spmlang.program.program import Component, PlanVersion
from spmlang.values.calendar import Interval

from .attainment.measures_to_date import is_blocked_overlay, line_above
from .credits.credit_rows import (
    Credit,
    Uncredited,
    counted_value,
    credits_of_row,
    first_of_each,
)
from .credits.receivers import Receiver, covering_territories
from .earnings.earnings import due_interval
from .payees.plan_members import membership_spans, on_version
from .sources.lazy_rows import LazySourceRows
from .sources.rows import MissingValue, place


@dataclass(frozen=True)
class TracedCredit:
    """The credit of one share of the credit clause, and its receiver.

    `first`: the credit of another row with the same value that was counted instead of this one (`count distinct`).
    """

    item: Credit | Uncredited
    to: Receiver
    first: Credit | None = None


@dataclass(frozen=True)
class ManagerCredit:
    """A manager on a credit's day: the row of the reporting line, and the manager's credit, if there is one."""

    row: Row
    credit: Credit | None


@dataclass(frozen=True)
class RolledUpCredit:
    """A credit of the measure that is rolled up, and the reporting line above its payee.

    `overlay`: True if the credit is an overlay that is not rolled up.
    """

    base: Credit
    overlay: bool
    line: tuple[ManagerCredit, ...]


@dataclass(frozen=True, kw_only=True)
class MeasureTrace:
    """The way in which a measure treats a row.

    Without an `amount` the row does not count. `missing` says which value the data does not have.
    """

    measure: Measure
    day: date | None = None
    amount: Fraction | None = None
    shares: tuple[TracedCredit, ...] = ()
    rolled_up: tuple[RolledUpCredit, ...] = ()
    missing: Diagnostic | None = None

    @property
    def credits(self) -> list[Credit]:
        """All credits that the measure gives for the row."""
        own = [share.item for share in self.shares if isinstance(share.item, Credit) and share.first is None]
        return own + [level.credit for item in self.rolled_up for level in item.line if level.credit is not None]

    @property
    def uncredited(self) -> list[Uncredited]:
        """The shares that the measure credits to no payee."""
        return [share.item for share in self.shares if isinstance(share.item, Uncredited)]


def trace(sources: LazySourceRows, source: str, row: Row) -> dict[str, MeasureTrace]:
    """Return the trace of a row for every measure that counts rows of the source, or rolls one of these up.

    Args:
        sources: the rows of the tables.
        source: the row's source.
        row: the row.

    Returns:
        The traces by measure.
    """
    found: dict[str, MeasureTrace] = {}
    for name, measure in sources.program.measures.items():
        base = found.get(measure.rollup.measure) if measure.rollup is not None else None
        if measure.source != source and base is None:
            continue
        try:
            found[name] = _sourced(sources, measure, row) if base is None else _rolled_up(sources, measure, base)
        except MissingValue as refused:
            found[name] = MeasureTrace(measure=measure, missing=refused.diagnostic)
    return found


def _sourced(sources: LazySourceRows, measure: Measure, row: Row) -> MeasureTrace:
    """Return the trace of a row for a measure with a source.

    Raises:
        MissingValue: if a required column is absent, or two territories cover the row.
    """
    day, amount = counted_value(sources, measure, row, DateRange(sources.first_day, None))
    if day is None or amount is None:
        return MeasureTrace(measure=measure, day=day)
    for share in measure.credits:
        reached = sources.reach(row, share.steps, day) if isinstance(share, TerritoryCredit) else None
        if reached is not None and isinstance(share, TerritoryCredit):
            _no_overlap(sources, share, reached)
    given = tuple(
        TracedCredit(item, to) for item, to in credits_of_row(sources, measure, row=row, day=day, whole=amount)
    )
    if measure.distinct is not None:
        given = tuple(_with_first(sources, measure, row=row, day=day, given=given))
    return MeasureTrace(measure=measure, day=day, amount=amount, shares=given)


def _no_overlap(sources: LazySourceRows, share: TerritoryCredit, row: Row) -> None:
    """Raise MissingValue if two territories cover a row."""
    covering = covering_territories(sources, share.source, row)
    if len(covering) > 1:
        words = {"value": row["_key"], "first": covering[0].name, "second": covering[-1].name, "source": share.source}
        raise MissingValue(diagnose("run-territories-overlap", place(sources.program, share.source, row), (), **words))


def _with_first(
    sources: LazySourceRows, measure: Measure, *, row: Row, day: date, given: tuple[TracedCredit, ...]
) -> Iterator[TracedCredit]:
    """Yield the credits of `count distinct`, each with the earlier credit that is counted instead, if there is one.

    `day` and `row` are those of the credits.
    """
    assert measure.distinct is not None
    value = sources.require(row, measure.distinct.column, day)
    since = max(sources.program.calendar.interval(day, measure.distinct.grain).start, sources.first_day)
    asked = {(item.item.payee, item.item.rule) for item in given if isinstance(item.item, Credit)}
    firsts: dict[tuple[str, int], Credit] = {}
    for days in _growing(since, day):
        if firsts.keys() >= asked:
            break
        for credit in _firsts(sources, measure, value, days):
            firsts.setdefault((credit.payee, credit.rule), credit)
    for item in given:
        first = firsts[item.item.payee, item.item.rule] if isinstance(item.item, Credit) else item.item
        yield replace(item, first=first) if isinstance(first, Credit) and first != item.item else item


def _growing(since: date, day: date) -> Iterator[tuple[date, date]]:
    """Yield the days from `since` to `day` in stretches of 1, 2, 4 … days, because most first credits are early."""
    length = 1
    while since <= day:
        end = min(day, since + timedelta(days=length - 1))
        yield since, end
        since, length = end + timedelta(days=1), length * 2


def _firsts(sources: LazySourceRows, measure: Measure, value: Cell, days: tuple[date, date]) -> list[Credit]:
    """Return the first credits of a value on these days, one for each payee and rule."""
    assert measure.distinct is not None
    assert measure.on is not None
    rows, credits = [], []
    for row in sources.dated_with(measure.on, days, measure.distinct.column, value):
        day, amount = counted_value(sources, measure, row, DateRange(*days))
        if day is None or amount is None or sources.require(row, measure.distinct.column, day) != value:
            continue
        rows.append(row)
        credits += [
            item
            for item, _ in credits_of_row(sources, measure, row=row, day=day, whole=amount)
            if isinstance(item, Credit)
        ]
    return first_of_each(sources, measure.distinct, rows, credits)


def _rolled_up(sources: LazySourceRows, measure: Measure, base: MeasureTrace) -> MeasureTrace:
    """Return the trace of a row for a measure that rolls up another one, from the trace for that one.

    Raises:
        MissingValue: if the reporting line is a circle.
    """
    assert measure.rollup is not None
    if base.missing is not None:
        return MeasureTrace(measure=measure, missing=base.missing)
    rolled_up = []
    for credit in base.credits:
        overlay = is_blocked_overlay(sources.program, measure.rollup, credit)
        levels = []
        for number, row in enumerate(_line(sources, credit)):
            gets = not overlay and (measure.rollup.all_levels or number == 0)
            up = replace(credit, measure=measure.name, payee=str(row["manager"]), via=credit.payee) if gets else None
            levels.append(ManagerCredit(row, up))
        rolled_up.append(RolledUpCredit(credit, overlay, tuple(levels)))
    return MeasureTrace(measure=measure, day=base.day, amount=base.amount, shares=(), rolled_up=tuple(rolled_up))


def _line(sources: LazySourceRows, credit: Credit) -> Iterator[Row]:
    """Yield the rows that name the managers above a payee.

    Raises:
        MissingValue: if the reporting line is a circle.
    """
    managers, above = str(sources.program.managers), {credit.payee}
    for row in line_above(sources, credit.payee, credit.day):
        yield row
        if str(row["manager"]) in above:
            where = place(sources.program, managers, row, "manager")
            raise MissingValue(diagnose("run-reporting-circle", where, (), day=credit.day, payee=row["manager"]))
        above.add(str(row["manager"]))


@dataclass(frozen=True)
class ReadingComponent:
    """A component that reads a credit.

    `counted` names the interval in which the credit is counted. `period` is the pay period in which the component first
    falls due after the credit.
    """

    version: PlanVersion
    component: Component
    counted: str
    period: Interval


def reading_components(sources: LazySourceRows, measure: str, payee: str, day: date) -> Iterator[ReadingComponent]:
    """Yield the components that read a payee's credit of a measure on a day.

    Raises:
        MissingValue: if a plan's `for` condition reads an absent value.
    """
    calendar = sources.program.calendar
    for version in sources.program.plans:
        for component in version.components:
            window = component.window
            if measure not in component.measures or (window is not None and day not in window):
                continue
            due = due_interval(calendar, component, day)
            if component.prorated is not None:
                stay = (part.cut(due.start, due.end) for part in membership_spans(sources, version, payee, due.end))
                there = max((part.end for part in stay if part is not None), default=date.min) >= day
            else:
                there = on_version(sources, version, payee, day)
            if there:
                counted = str(window) if window else f"in {calendar.interval(day, component.accumulates).label}"
                yield ReadingComponent(version, component, counted, calendar.pay_period(due.end))
