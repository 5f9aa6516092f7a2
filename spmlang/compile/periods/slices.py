"""Time, cut into slices: runs of days on which nothing changes that a plan can see but the credits themselves.

A slice never crosses the start of a pay period, of a plan version, of a window, or of a row of a dated table that plans read.
So a sum per slice is all that an engine needs of the credits, but for rounding per line.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from spmlang.program.measures import DateRange
from spmlang.program.program import Program
from spmlang.relations.nodes import Compare, Const, Input, Logic, Ref, Scalar
from spmlang.values.calendar import Calendar, Grain, Interval

from .change_dates import payee_only_sources

_DAY = timedelta(days=1)

Cell = int | str | date | bool | None


@dataclass(frozen=True)
class DatedTableFacts:
    """What is known of the dated sources at hand. It makes a run quicker, and changes no result.

    `by_day` are better read by a row for each day. Of those `in_force` each key has a row on every day from the first to the last
    that stand there, and whatever refers to the source finds its key.
    """

    by_day: frozenset[str] = frozenset()
    in_force: Mapping[str, tuple[date, date]] = field(default_factory=dict)

    def never_missing(self, source: str, first: date, last: date) -> bool:
        """Whether a row of the source is in force for each key on each of the days."""
        begin, end = self.in_force.get(source, (last, first))
        return begin <= first and last <= end


@dataclass(frozen=True)
class Slices:
    """First days in order, the last day of all, the period asked up to, and the day on which the roster begins.

    `base` are those first days that cut time for everybody; others do so for single payees (see `spans`). Slices go beyond the
    period only where a quota counts days on a plan to the end of its interval; nothing is due there.
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
        """The first and the last day on which a dated table may be read for a row that counts."""
        first, last = (self.calendar.interval(day, Grain.YEAR) for day in (self.starts[0], self.end))
        return first.start, last.end

    @property
    def shared(self) -> bool:
        """Whether all payees have the same slices."""
        return self.base == self.starts

    @property
    def grains(self) -> tuple[Grain, ...]:
        """The grains that slices lie within."""
        return grains_from(self.calendar.pay)

    def input(self) -> Input:
        """`slices`: slice, first_day, last_day, period and, per grain, index, `starts_…` and `due_…`.

        `due_year` is the index of the pay period in which the slice's year ends, absent where that is not due yet. Where payees
        have slices of their own also: slice_before, day_before, and `base`, with its first and last slice.
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
        return Input("slices", columns, tuple(rows))

    def base_input(self) -> Input:
        """`base_slices`: base, first_slice, slice (the last), and the columns of `slices`."""
        firsts = [self.slice_of(day) for day in self.base]
        lasts = [*(first - 1 for first in firsts[1:]), len(self.starts) - 1]
        rows = [
            (number, firsts[number], lasts[number], *self._about(start, end))
            for number, (start, end) in enumerate(_stretches(self.base, self.end))
        ]
        numbers = (("base", "index"), ("first_slice", "index"), ("slice", "index"))
        return Input("base_slices", (*numbers, *self._columns()), tuple(rows))

    def _columns(self) -> tuple[tuple[str, str], ...]:
        columns = [("first_day", "date"), ("last_day", "date"), ("period", "index")]
        for grain in self.grains:
            columns += [(grain.value, "index"), (f"starts_{grain}", "flag"), (f"due_{grain}", "index")]
        return tuple(columns)

    def _about(self, start: date, end: date) -> tuple[Cell, ...]:
        row: list[Cell] = [start, end, self.calendar.pay_period(start).index]
        for grain in self.grains:
            interval = self.calendar.interval(start, grain)
            due = self.calendar.pay_period(interval.end).index
            row += [interval.index, start == interval.start, due if due <= self.last.index else None]
        return tuple(row)

    def one_for_each_due(self, grain: Grain, window: DateRange | None) -> bool:
        """Whether no two slices fall due together: those of a window, or those of intervals of a grain."""
        if not self.shared:
            return False
        if window is not None:
            return sum(_holds(window, start, end) for start, end in _stretches(self.starts, self.end)) <= 1
        dues = [self.calendar.pay_period(self.calendar.interval(start, grain).end).index for start in self.starts]
        return len(set(dues)) == len(dues)

    def slice_of(self, day: date) -> int:
        """The slice that holds a day."""
        return bisect_right(self.starts, day) - 1


def grains_from(pay: Grain) -> tuple[Grain, ...]:
    """The grains not shorter than the pay period."""
    return tuple(grain for grain in Grain if grain.months >= pay.months)


def build_slices(
    program: Program, last: Interval, changes: Mapping[str, Iterable[date]], dated: DatedTableFacts
) -> Slices:
    """The slices up to the last requested period; `changes` are the days on which dated sources change (see `changing`)."""
    calendar = program.calendar
    first, end = min(program.first_day() or last.start, last.start), _end(program, last)
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
    return Slices(calendar, starts, base, end, last, first_roster_day, dated)


def _end(program: Program, last: Interval) -> date:
    """The last day that is looked at: that of the year, where a quota counts days on a plan."""
    if not any(quota.on_plan for plan in program.plans for quota in plan.quotas.values()):
        return last.end
    return program.calendar.interval(last.end, Grain.YEAR).end


def slice_within(dates: DateRange) -> Scalar:
    """Whether a slice lies within a range that cuts time."""
    tests: list[Scalar] = [Compare(">=", Ref("first_day"), Const(dates.start))]
    if dates.through is not None:
        tests.append(Compare("<=", Ref("last_day"), Const(dates.through)))
    return Logic("and", tuple(tests))


def _stretches(starts: Sequence[date], end: date) -> Iterator[tuple[date, date]]:
    """First and last days."""
    return zip(starts, [*(start - _DAY for start in starts[1:]), end], strict=True)


def _holds(dates: DateRange, first: date, last: date) -> bool:
    return dates.start <= first and (dates.through is None or last <= dates.through)


def _edges(dates: DateRange) -> set[date]:
    days = {dates.start}
    if dates.through is not None and dates.through < date.max:
        days.add(dates.through + _DAY)
    return days
