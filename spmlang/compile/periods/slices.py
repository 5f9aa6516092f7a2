"""Cut time into slices: runs of days within which only credits change.

A slice never crosses the start of a pay period, of a plan version, of a window, or of a row of a dated table that plans
read. So a sum per slice is all that an engine needs of the credits, except for rounding per line.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from spmlang.compile.stages.periods import BASE_SLICES, SLICES
from spmlang.program.measures import DateRange
from spmlang.program.program import Program
from spmlang.relations.nodes import Compare, Const, Input, Logic, Ref, Scalar
from spmlang.values.calendar import Calendar, Grain, Interval

from .change_dates import payee_only_sources

_DAY = timedelta(days=1)

Cell = int | str | date | bool | None


@dataclass(frozen=True)
class DatedTableFacts:
    """Facts about the data of dated sources. They make a run quicker and change no result.

    `by_day` are the sources that are better read with a row for each day. `in_force` has a first and a last day for
    sources in which each key has a row on every day between them, and in which every reference to the source finds its
    key.
    """

    by_day: frozenset[str] = frozenset()
    in_force: Mapping[str, tuple[date, date]] = field(default_factory=dict)

    def never_missing(self, source: str, first: date, last: date) -> bool:
        """Return True if each key of the source has a row in force on all these days."""
        begin, end = self.in_force.get(source, (last, first))
        return begin <= first and last <= end


@dataclass(frozen=True, kw_only=True)
class Slices:
    """The slices of a run.

    `starts` are their first days in order, `base` the first days that cut time for all payees. The other first days cut
    time for single payees (see `payee_slices`). `end` is the last day of all slices and `last` the last requested pay
    period. `first_roster_day` is the first day on which the roster changes.

    Slices reach beyond `last` only where a quota counts days on a plan to the end of its interval. Nothing is due
    there.
    """

    calendar: Calendar
    starts: tuple[date, ...]
    base: tuple[date, ...]
    end: date
    last: Interval
    first_roster_day: date
    dated: DatedTableFacts

    @property
    def days(self) -> tuple[date, date]:
        """The first and last day on which dated tables may be read for counted rows."""
        first, last = (self.calendar.interval(day, Grain.YEAR) for day in (self.starts[0], self.end))
        return first.start, last.end

    @property
    def shared(self) -> bool:
        """True if all payees have the same slices."""
        return self.base == self.starts

    @property
    def grains(self) -> tuple[Grain, ...]:
        """The grains that slices lie within: all that are not shorter than the pay period."""
        return grains_from(self.calendar.pay)

    def input(self) -> Input:
        """Return the input `slices`: slice, first_day, last_day, period and three columns for each grain.

        For a year they are `year` (its index), `starts_year` (true if the slice begins on the year's first day) and
        `due_year`, the index of the pay period in which the slice's year ends, absent if that is after the run. If
        payees have slices of their own there are also slice_before, base, first_of_base, last_of_base and day_before.
        """
        rows = [
            (number, *self._about(start, end)) for number, (start, end) in enumerate(_stretches(self.starts, self.end))
        ]
        columns: tuple[tuple[str, str], ...] = (("slice", "index"), *self._columns())
        if not self.shared:
            more = ("slice_before", "base", "first_of_base", "last_of_base")
            columns = (*columns, *((name, "index") for name in more), ("day_before", "date"))
            firsts = [self.slice_of(day) for day in self.base]
            bases = [bisect_right(self.base, day) - 1 for day in self.starts]
            lasts = [*(first - 1 for first in firsts[1:]), len(self.starts) - 1]
            rows = [
                (*row, number - 1, base, firsts[base], lasts[base], max(start, date.min + _DAY) - _DAY)
                for number, (row, base, start) in enumerate(zip(rows, bases, self.starts, strict=True))
            ]
        return Input(SLICES.name(), columns, tuple(rows))

    def base_input(self) -> Input:
        """Return the input `base_slices`: base, first_slice, slice (the last), and the columns of `slices`."""
        firsts = [self.slice_of(day) for day in self.base]
        lasts = [*(first - 1 for first in firsts[1:]), len(self.starts) - 1]
        rows = [
            (number, firsts[number], lasts[number], *self._about(start, end))
            for number, (start, end) in enumerate(_stretches(self.base, self.end))
        ]
        numbers = (("base", "index"), ("first_slice", "index"), ("slice", "index"))
        return Input(BASE_SLICES.name(), (*numbers, *self._columns()), tuple(rows))

    def _columns(self) -> tuple[tuple[str, str], ...]:
        """Return the names and types of the columns that describe the days of a slice."""
        columns = [("first_day", "date"), ("last_day", "date"), ("period", "index")]
        for grain in self.grains:
            columns += [(grain.value, "index"), (f"starts_{grain}", "flag"), (f"due_{grain}", "index")]
        return tuple(columns)

    def _about(self, start: date, end: date) -> tuple[Cell, ...]:
        """Return the values of these columns for the days from `start` through `end`."""
        row: list[Cell] = [start, end, self.calendar.pay_period(start).index]
        for grain in self.grains:
            interval = self.calendar.interval(start, grain)
            due = self.calendar.pay_period(interval.end).index
            row += [interval.index, start == interval.start, due if due <= self.last.index else None]
        return tuple(row)

    def one_for_each_due(self, grain: Grain, window: DateRange | None) -> bool:
        """Return True if no two slices fall due together.

        Only the slices of the window count, or without one the intervals of the grain. False if payees have slices of
        their own.
        """
        if not self.shared:
            return False
        if window is not None:
            return sum(_holds(window, start, end) for start, end in _stretches(self.starts, self.end)) <= 1
        dues = [self.calendar.pay_period(self.calendar.interval(start, grain).end).index for start in self.starts]
        return len(set(dues)) == len(dues)

    def slice_of(self, day: date) -> int:
        """Return the number of the slice that holds a day."""
        return bisect_right(self.starts, day) - 1


def grains_from(pay: Grain) -> tuple[Grain, ...]:
    """Return the grains not shorter than the pay period."""
    return tuple(grain for grain in Grain if grain.months >= pay.months)


def build_slices(
    program: Program, last: Interval, changes: Mapping[str, Iterable[date]], dated: DatedTableFacts
) -> Slices:
    """Cut the time up to the last requested period into slices.

    `changes` are the days on which dated sources change (see `change_dates`). The roster must be one of its keys.
    """
    calendar = program.calendar
    first, end = min(program.first_credited_day() or last.start, last.start), _end(program, last)
    cuts = {period.start for period in calendar.intervals(calendar.pay, first, end)}
    single: set[date] = set()
    for plan in program.plans:
        cuts |= _edges(plan.effective)
        for component in plan.components:
            cuts |= _edges(component.window) if component.window else set()
    for territory in program.territories:
        for owner in territory.owners:
            single |= _edges(owner.dates)
    apart = payee_only_sources(program)
    for source, days in changes.items():
        (single if source in apart else cuts).update(days)
    base, starts = (tuple(sorted(day for day in days if first <= day <= end)) for days in (cuts, cuts | single))
    first_roster_day = min(changes[program.roster], default=first)
    return Slices(
        calendar=calendar, starts=starts, base=base, end=end, last=last, first_roster_day=first_roster_day, dated=dated
    )


def _end(program: Program, last: Interval) -> date:
    """Return the last day of the slices.

    It is the end of the run, or the end of its year where a quota counts days on a plan.
    """
    if not any(quota.on_plan for plan in program.plans for quota in plan.quotas.values()):
        return last.end
    return program.calendar.interval(last.end, Grain.YEAR).end


def slice_within(dates: DateRange) -> Scalar:
    """Return the condition that a slice lies within dates that cut time."""
    tests: list[Scalar] = [Compare(">=", Ref("first_day"), Const(dates.start))]
    if dates.through is not None:
        tests.append(Compare("<=", Ref("last_day"), Const(dates.through)))
    return Logic("and", tuple(tests))


def _stretches(starts: Sequence[date], end: date) -> Iterator[tuple[date, date]]:
    """Yield the first and last day of each slice."""
    return zip(starts, [*(start - _DAY for start in starts[1:]), end], strict=True)


def _holds(dates: DateRange, first: date, last: date) -> bool:
    """Return True if the dates hold all days from `first` through `last`."""
    return dates.start <= first and (dates.through is None or last <= dates.through)


def _edges(dates: DateRange) -> set[date]:
    """Return the first of the dates and the day after the last."""
    days = {dates.start}
    if dates.through is not None and dates.through < date.max:
        days.add(dates.through + _DAY)
    return days
