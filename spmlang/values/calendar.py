"""The fiscal calendar: months, quarters, halves and years that partition time.

Every day lies in exactly one interval of each grain.

In a calendar of months each month starts on `day` of the calendar month, or on its last day if the month is shorter.
The fiscal year is named after the calendar year in which it ends.

In a calendar of weeks the fiscal year starts on the `weekday` nearest to `month`/`day`. A 53rd week belongs to the
last month. The fiscal year is named after the calendar year that holds the larger part of a year that starts on
`month`/`day`: a retail year from February 2014 to January 2015 is FY2014, and so is a year from October 2013 to
September 2014.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

_DAY = timedelta(days=1)
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097  # the Gregorian calendar repeats after this many years and days


class Grain(StrEnum):
    """The length of an interval. Compare lengths by `months`, because grains sort alphabetically as texts."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"

    @property
    def months(self) -> int:
        """Fiscal months in one interval: 1, 3, 6 or 12.

        An interval of a shorter grain never crosses the bounds of an interval of a longer one.
        """
        return _MONTHS[self]


_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.HALF: 6, Grain.YEAR: 12}


@dataclass(frozen=True, kw_only=True)
class Interval:
    """One interval of a calendar, with both ends included.

    The `index` of the next interval of the same grain is greater by one.
    """

    grain: Grain
    start: date
    end: date
    label: str
    index: int

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """A project's division of time into intervals. The fiscal year starts on `month`/`day`.

    `pay` is the grain of the pay period. `weeks` gives the weeks in the three months of a quarter (4, 4 and 5 in any
    order). `weekday` (Monday is 0) is set if and only if `weeks` is set.

    Raises:
        ValueError: `weeks` has other numbers, or only one of `weeks` and `weekday` is set.
    """

    name: str
    pay: Grain
    month: int = 1
    day: int = 1
    weeks: tuple[int, int, int] | None = None
    weekday: int | None = None

    def __post_init__(self) -> None:
        if (self.weeks is None) != (self.weekday is None):
            raise ValueError("weeks and weekday go together")
        if self.weeks is not None and sorted(self.weeks) != [4, 4, 5]:
            raise ValueError("a quarter has two months of 4 weeks and one of 5")

    def interval(self, day: date, grain: Grain) -> Interval:
        """Return the interval of a grain that holds the day.

        The first and the last interval of all time are cut at `date.min` and `date.max`.
        """
        ordinal, year = day.toordinal(), day.year
        if ordinal < _month_starts(self, year)[0]:
            year -= 1
        elif ordinal >= _month_starts(self, year)[12]:
            year += 1
        return _interval(self, year, grain, (bisect_right(_month_starts(self, year), ordinal) - 1) // grain.months)

    def pay_period(self, day: date) -> Interval:
        """Return the pay period that holds the day."""
        return self.interval(day, self.pay)

    def intervals(self, grain: Grain, start: date, end: date) -> list[Interval]:
        """Return all intervals that overlap `start` to `end` (both included), in order.

        The list is empty if `end` is before `start`.
        """
        if end < start:
            return []
        found = [self.interval(start, grain)]
        while found[-1].end < end:
            found.append(self.next(found[-1]))
        return found

    def next(self, interval: Interval) -> Interval:
        """Return the next interval. Raises OverflowError at `date.max`."""
        return self.interval(interval.end + _DAY, interval.grain)

    def previous(self, interval: Interval) -> Interval:
        """Return the previous interval. Raises OverflowError at `date.min`."""
        return self.interval(interval.start - _DAY, interval.grain)

    def earlier(self, interval: Interval, back: Grain) -> Interval:
        """Return the interval of the same grain that lies one `back` earlier.

        For a quarter and `back` = year this is the same quarter of last year. `back` must not be shorter than the
        interval. Raises OverflowError at `date.min`.
        """
        for _ in range(back.months // interval.grain.months):
            interval = self.previous(interval)
        return interval

    def find(self, label: str) -> Interval | None:
        """Return the interval of any grain with this label, or None if the calendar has none."""
        named = re.match(r"(?:FY)?([0-9]{4,5})", label)
        if named is None:
            return None
        first, last = (min(max(int(named[1]) + step, date.min.year), date.max.year) for step in (-1, 1))
        for grain in Grain:
            for interval in self.intervals(grain, date(first, 1, 1), date(last, 12, 31)):
                if interval.label == label:
                    return interval
        return None


@lru_cache(maxsize=16_384)
def _interval(calendar: Calendar, year: int, grain: Grain, place: int) -> Interval:
    """Return one interval of the fiscal year that starts in, or nearest to, the calendar year `year`.

    `place` counts the intervals of `grain` within the fiscal year from 0.
    """
    starts = _month_starts(calendar, year)
    first, after = starts[place * grain.months], starts[(place + 1) * grain.months]
    start = date.fromordinal(max(first, date.min.toordinal()))
    end = date.fromordinal(min(after - 1, date.max.toordinal()))
    return Interval(
        grain=grain,
        start=start,
        end=end,
        label=_label(calendar, year, grain, place),
        index=year * (12 // grain.months) + place,
    )


def _label(calendar: Calendar, year: int, grain: Grain, place: int) -> str:
    prefix = _year_label(calendar, year)
    match grain:
        case Grain.YEAR:
            return prefix
        case Grain.HALF:
            return f"{prefix}-H{place + 1}"
        case Grain.QUARTER:
            return f"{prefix}-Q{place + 1}"
        case Grain.MONTH if calendar.weeks:
            return f"{prefix}-P{place + 1:02d}"
    later, month = divmod(calendar.month - 1 + place, 12)
    return f"{year + later:04d}-{month + 1:02d}"


def _year_label(calendar: Calendar, year: int) -> str:
    start = (calendar.month, calendar.day)
    if calendar.weeks is None:
        return f"{year:04d}" if start == (1, 1) else f"FY{year + 1:04d}"
    # From July 2 to the year's end there are 183 days. The nominal start decides, not the actual one, because the
    # actual starts vary around the middle of the year, so that a name would be skipped or given twice.
    return f"FY{year if start <= (7, 2) else year + 1:04d}"


@lru_cache(maxsize=4_096)
def _month_starts(calendar: Calendar, year: int) -> tuple[int, ...]:
    """Return the ordinals of the first days of the year's twelve fiscal months and of the next year."""
    if calendar.weeks is None:
        months = (divmod(calendar.month - 1 + step, 12) for step in range(13))
        return tuple(_ordinal(year + later, month + 1, calendar.day) for later, month in months)
    first, after = _nearest(calendar, year), _nearest(calendar, year + 1)
    weeks = calendar.weeks * 4
    return (*(first + 7 * sum(weeks[:month]) for month in range(12)), after)


def _nearest(calendar: Calendar, year: int) -> int:
    """Return the ordinal of the calendar's weekday that is nearest to its month and day."""
    nominal = _ordinal(year, calendar.month, calendar.day)
    ahead = ((calendar.weekday or 0) - (nominal - 1)) % 7  # ordinal 1 is a Monday
    return nominal + (ahead if ahead <= 3 else ahead - 7)


def _ordinal(year: int, month: int, day: int) -> int:
    """Return `date.toordinal` of a day, or of the month's last day if the month is shorter.

    Years outside of the range of `date` are allowed.
    """
    cycles = (year < date.min.year) - (year > date.max.year)
    year += cycles * _CYCLE_YEARS
    return date(year, month, min(day, monthrange(year, month)[1])).toordinal() - cycles * _CYCLE_DAYS
