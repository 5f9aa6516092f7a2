"""The fiscal calendar: months, quarters, halves and years that partition time. Every day lies in one interval of each grain.

A calendar of months starts its months on `day` of each calendar month, or on the month's last day where the month is shorter.
Its year is named after the calendar year in which it ends.

A calendar of weeks starts its year on the `weekday` nearest to `month`/`day`; a 53rd week belongs to the last month. Its year is
named after the calendar year that holds the larger part of a year that starts on `month`/`day`: a retail year from February 2014
to January 2015 is FY2014, a year from October 2013 to September 2014 is FY2014, too.
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
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097  # the Gregorian calendar repeats itself


class Grain(StrEnum):
    """How long an interval is. Compare lengths with `months`: as texts, grains sort by the alphabet."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"

    @property
    def months(self) -> int:
        """Fiscal months in one interval: 1, 3, 6 or 12. A shorter grain's intervals never cross those of a longer one."""
        return _MONTHS[self]


_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.HALF: 6, Grain.YEAR: 12}


@dataclass(frozen=True)
class Interval:
    """One interval of a calendar, both ends included. The `index` of the next interval of the same grain is one more."""

    grain: Grain
    start: date
    end: date
    label: str
    index: int

    def __contains__(self, day: date) -> bool:
        return self.start <= day <= self.end


@dataclass(frozen=True)
class Calendar:
    """How time is cut. `pay` is the grain of the pay period; the year starts on `month`/`day`.

    `weeks` (the weeks in the months of a quarter: 4, 4, 5 in any order) and `weekday` (Monday is 0) go together.
    Raises ValueError for any other weeks, or for one of the two alone.
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
        """The interval of that grain that holds the day. An interval at either end of time is cut at `date.min` or `date.max`."""
        ordinal, year = day.toordinal(), day.year
        if ordinal < _month_starts(self, year)[0]:
            year -= 1
        elif ordinal >= _month_starts(self, year)[12]:
            year += 1
        return _interval(self, year, grain, (bisect_right(_month_starts(self, year), ordinal) - 1) // grain.months)

    def pay_period(self, day: date) -> Interval:
        """The pay period that holds the day."""
        return self.interval(day, self.pay)

    def intervals(self, grain: Grain, start: date, end: date) -> list[Interval]:
        """All intervals that overlap start..end (both included), in order; none when `end` is before `start`."""
        if end < start:
            return []
        found = [self.interval(start, grain)]
        while found[-1].end < end:
            found.append(self.next(found[-1]))
        return found

    def next(self, interval: Interval) -> Interval:
        """The interval after. Raises OverflowError at the end of time (`date.max`)."""
        return self.interval(interval.end + _DAY, interval.grain)

    def previous(self, interval: Interval) -> Interval:
        """The interval before. Raises OverflowError at the beginning of time (`date.min`)."""
        return self.interval(interval.start - _DAY, interval.grain)

    def earlier(self, interval: Interval, back: Grain) -> Interval:
        """The interval of the same grain that lies `back`, which is not shorter, before: of a quarter a year before the same
        quarter of last year. Raises OverflowError at the beginning of time (`date.min`).
        """
        for _ in range(back.months // interval.grain.months):
            interval = self.previous(interval)
        return interval

    def find(self, label: str) -> Interval | None:
        """The interval of any grain with that label; None if this calendar has none."""
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
    """The place-th interval (from 0) of the fiscal year that starts in, or nearest to, calendar year `year`."""
    starts = _month_starts(calendar, year)
    first, after = starts[place * grain.months], starts[(place + 1) * grain.months]
    start = date.fromordinal(max(first, date.min.toordinal()))
    end = date.fromordinal(min(after - 1, date.max.toordinal()))
    return Interval(grain, start, end, _label(calendar, year, grain, place), year * (12 // grain.months) + place)


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
    # From July 2 to the year's end there are 183 days. The nominal start decides, not the actual one, so that no name is
    # skipped or given twice when the actual starts move around the middle of the year.
    return f"FY{year if start <= (7, 2) else year + 1:04d}"


@lru_cache(maxsize=4_096)
def _month_starts(calendar: Calendar, year: int) -> tuple[int, ...]:
    """Ordinals of the first days of the year's twelve fiscal months, and of the year after."""
    if calendar.weeks is None:
        months = (divmod(calendar.month - 1 + step, 12) for step in range(13))
        return tuple(_ordinal(year + later, month + 1, calendar.day) for later, month in months)
    first, after = _nearest(calendar, year), _nearest(calendar, year + 1)
    weeks = calendar.weeks * 4
    return (*(first + 7 * sum(weeks[:month]) for month in range(12)), after)


def _nearest(calendar: Calendar, year: int) -> int:
    """Ordinal of the calendar's weekday nearest to its month and day."""
    nominal = _ordinal(year, calendar.month, calendar.day)
    ahead = ((calendar.weekday or 0) - (nominal - 1)) % 7  # ordinal 1 is a Monday
    return nominal + (ahead if ahead <= 3 else ahead - 7)


def _ordinal(year: int, month: int, day: int) -> int:
    """`date.toordinal` of the day, or of the month's last day if it is shorter; also for years that `date` cannot hold."""
    cycles = (year < date.min.year) - (year > date.max.year)
    year += cycles * _CYCLE_YEARS
    return date(year, month, min(day, monthrange(year, month)[1])).toordinal() - cycles * _CYCLE_DAYS
