"""The fiscal calendar."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmlang.values.calendar import Calendar, Grain, Interval

_DAY = timedelta(days=1)

PLAIN = Calendar(name="plain", pay=Grain.MONTH)
JULY = Calendar(name="july", pay=Grain.MONTH, month=7)
MAY_30 = Calendar(name="may_30", pay=Grain.QUARTER, month=5, day=30)
RETAIL = Calendar(name="retail", pay=Grain.MONTH, month=2, weeks=(4, 5, 4), weekday=6)  # Sunday nearest February 1
OCTOBER = Calendar(name="october", pay=Grain.MONTH, month=10, weeks=(4, 4, 5), weekday=6)


@pytest.mark.parametrize(
    ("calendar", "day", "grain", "start", "end", "label"),
    [
        (PLAIN, "2013-07-14", "month", "2013-07-01", "2013-07-31", "2013-07"),
        (PLAIN, "2012-02-29", "month", "2012-02-01", "2012-02-29", "2012-02"),
        (PLAIN, "2013-07-14", "quarter", "2013-07-01", "2013-09-30", "2013-Q3"),
        (PLAIN, "2013-07-14", "half", "2013-07-01", "2013-12-31", "2013-H2"),
        (PLAIN, "2013-12-31", "year", "2013-01-01", "2013-12-31", "2013"),
        # A year that does not start on January 1 is named after the year in which it ends.
        (JULY, "2013-07-01", "year", "2013-07-01", "2014-06-30", "FY2014"),
        (JULY, "2013-06-30", "year", "2012-07-01", "2013-06-30", "FY2013"),
        (JULY, "2014-01-01", "half", "2014-01-01", "2014-06-30", "FY2014-H2"),
        (JULY, "2013-07-01", "quarter", "2013-07-01", "2013-09-30", "FY2014-Q1"),
        (JULY, "2013-07-01", "month", "2013-07-01", "2013-07-31", "2013-07"),
        # Months from the 30th start on the last day of February, and are named after the month in which they start.
        (MAY_30, "2013-05-29", "year", "2012-05-30", "2013-05-29", "FY2013"),
        (MAY_30, "2013-05-30", "year", "2013-05-30", "2014-05-29", "FY2014"),
        (MAY_30, "2014-02-27", "month", "2014-01-30", "2014-02-27", "2014-01"),
        (MAY_30, "2014-02-28", "month", "2014-02-28", "2014-03-29", "2014-02"),
        (MAY_30, "2012-02-29", "month", "2012-02-29", "2012-03-29", "2012-02"),
        (MAY_30, "2012-02-29", "quarter", "2012-02-29", "2012-05-29", "FY2012-Q4"),
        # The retail 4-5-4 calendar: 2012 and 2017 have a 53rd week, in the last month.
        (RETAIL, "2014-02-02", "year", "2014-02-02", "2015-01-31", "FY2014"),
        (RETAIL, "2014-03-01", "month", "2014-02-02", "2014-03-01", "FY2014-P01"),
        (RETAIL, "2014-03-02", "month", "2014-03-02", "2014-04-05", "FY2014-P02"),
        (RETAIL, "2012-01-29", "year", "2012-01-29", "2013-02-02", "FY2012"),
        (RETAIL, "2013-02-02", "month", "2012-12-30", "2013-02-02", "FY2012-P12"),
        (RETAIL, "2013-02-02", "quarter", "2012-10-28", "2013-02-02", "FY2012-Q4"),
        (RETAIL, "2018-02-03", "year", "2017-01-29", "2018-02-03", "FY2017"),
        # Most of a year from October lies in the next calendar year.
        (OCTOBER, "2013-09-29", "year", "2013-09-29", "2014-09-27", "FY2014"),
        (OCTOBER, "2013-12-28", "month", "2013-11-24", "2013-12-28", "FY2014-P03"),
    ],
)
def test_the_interval_of_a_day(calendar: Calendar, day: str, *, grain: str, start: str, end: str, label: str) -> None:
    interval = calendar.interval(date.fromisoformat(day), Grain(grain))
    assert (str(interval.start), str(interval.end), interval.label) == (start, end, label)


def test_the_pay_period_has_the_calendar_s_own_grain() -> None:
    assert JULY.pay_period(date(2013, 8, 15)).label == "2013-08"
    assert MAY_30.pay_period(date(2013, 8, 15)).label == "FY2014-Q1"


@pytest.mark.parametrize(
    ("grain", "start", "end", "labels"),
    [
        (Grain.QUARTER, date(2013, 9, 30), date(2014, 1, 1), ["FY2014-Q1", "FY2014-Q2", "FY2014-Q3"]),
        (Grain.MONTH, date(2013, 7, 1), date(2013, 7, 31), ["2013-07"]),
        (Grain.YEAR, date(2013, 6, 30), date(2013, 7, 1), ["FY2013", "FY2014"]),
        (Grain.MONTH, date(2013, 7, 2), date(2013, 7, 1), []),
    ],
)
def test_the_intervals_that_overlap_a_range(grain: Grain, start: date, end: date, labels: list[str]) -> None:
    assert [interval.label for interval in JULY.intervals(grain, start, end)] == labels


@pytest.mark.parametrize(
    ("calendar", "label", "start"),
    [
        (PLAIN, "2013", "2013-01-01"),
        (PLAIN, "2013-H2", "2013-07-01"),
        (PLAIN, "2013-07", "2013-07-01"),
        (JULY, "FY2014-Q1", "2013-07-01"),
        (JULY, "2013-07", "2013-07-01"),
        (RETAIL, "FY2014-P12", "2015-01-04"),
        (PLAIN, "FY2013", None),
        (JULY, "2014", None),
        (JULY, "FY2014-P01", None),
        (RETAIL, "2014-07", None),
        (PLAIN, "2013-13", None),
        (PLAIN, "2013-Q5", None),
        (PLAIN, "0000", None),
        (PLAIN, "July 2013", None),
        (PLAIN, "", None),
    ],
)
def test_a_label_is_found_or_not(calendar: Calendar, label: str, start: str | None) -> None:
    found = calendar.find(label)
    assert (str(found.start) if found else None) == start


def test_grains_compare_by_their_months() -> None:
    assert [grain.months for grain in Grain] == [1, 3, 6, 12]


@pytest.mark.parametrize("calendar", [PLAIN, JULY, MAY_30, RETAIL, OCTOBER])
@pytest.mark.parametrize("day", [date.min, date.max])
@pytest.mark.parametrize("grain", Grain)
def test_time_ends_inside_an_interval(calendar: Calendar, day: date, grain: Grain) -> None:
    """Tables write 9999-12-31 for "still open"."""
    interval = calendar.interval(day, grain)
    assert day in interval
    assert calendar.find(interval.label) == interval
    with pytest.raises(OverflowError):
        calendar.next(interval) if day == date.max else calendar.previous(interval)


@pytest.mark.parametrize(
    ("weeks", "weekday"), [((4, 4, 5), None), (None, 0), ((4, 4, 4), 0), ((5, 5, 3), 0), ((4, 6, 4), 0)]
)
def test_a_calendar_that_cannot_be(weeks: tuple[int, int, int] | None, weekday: int | None) -> None:
    with pytest.raises(ValueError, match="week"):
        Calendar(name="wrong", pay=Grain.MONTH, weeks=weeks, weekday=weekday)


_STARTS = st.dates(date(2012, 1, 1), date(2012, 12, 31))  # a leap year: February 29 is a start, too
_PATTERNS = st.sampled_from([(4, 4, 5), (4, 5, 4), (5, 4, 4)])
_BY_MONTHS = st.builds(
    lambda start: Calendar(name="months", pay=Grain.MONTH, month=start.month, day=start.day), _STARTS
)
_BY_WEEKS = st.builds(
    lambda start, weeks, weekday: Calendar(
        name="weeks", pay=Grain.MONTH, month=start.month, day=start.day, weeks=weeks, weekday=weekday
    ),
    _STARTS,
    _PATTERNS,
    st.integers(0, 6),
)
_CALENDARS = _BY_MONTHS | _BY_WEEKS
_DAYS = st.dates(date(1, 3, 1), date(9998, 12, 31)) | st.dates(date(1990, 1, 1), date(2040, 12, 31))
_GRAINS = st.sampled_from(Grain)


@given(_CALENDARS, _DAYS, _GRAINS)
def test_intervals_follow_each_other_without_a_gap(calendar: Calendar, day: date, grain: Grain) -> None:
    interval = calendar.interval(day, grain)
    following = calendar.next(interval)
    assert day in interval
    assert following.start == interval.end + _DAY
    assert following.index == interval.index + 1
    assert calendar.previous(following) == interval
    assert calendar.interval(interval.start, grain) == calendar.interval(interval.end, grain) == interval


@given(_CALENDARS, _DAYS)
def test_shorter_intervals_fill_longer_ones(calendar: Calendar, day: date) -> None:
    for shorter, longer in [(Grain.MONTH, Grain.QUARTER), (Grain.QUARTER, Grain.HALF), (Grain.HALF, Grain.YEAR)]:
        outer = calendar.interval(day, longer)
        inner = calendar.intervals(shorter, outer.start, outer.end)
        assert (inner[0].start, inner[-1].end) == (outer.start, outer.end)
        assert len(inner) == longer.months // shorter.months


@given(_CALENDARS, _DAYS, _GRAINS)
def test_a_label_leads_back_to_its_interval(calendar: Calendar, day: date, grain: Grain) -> None:
    interval = calendar.interval(day, grain)
    assert calendar.find(interval.label) == interval


@given(_BY_MONTHS, _DAYS)
def test_a_year_of_months_ends_in_the_calendar_year_of_its_name(calendar: Calendar, day: date) -> None:
    year = calendar.interval(day, Grain.YEAR)
    assert int(year.label.removeprefix("FY")) == year.end.year
    assert 365 <= _days(year) <= 366


@given(_BY_WEEKS, st.dates(date(1900, 1, 1), date(9998, 12, 31)))
def test_a_year_of_weeks(calendar: Calendar, day: date) -> None:
    year = calendar.interval(day, Grain.YEAR)
    assert year.start.weekday() == calendar.weekday
    assert _days(year) in (52 * 7, 53 * 7)
    assert calendar.weeks is not None
    weeks = [_days(month) // 7 for month in calendar.intervals(Grain.MONTH, year.start, year.end)]
    assert weeks == [*(calendar.weeks * 4)[:11], calendar.weeks[2] + _days(year) // 7 - 52]
    named = int(year.label.removeprefix("FY"))
    inside = min(year.end, date(named, 12, 31)) - max(year.start, date(named, 1, 1)) + _DAY
    assert inside.days >= _days(year) / 2 - 4  # the larger part, but for the days between nominal and actual start


def _days(interval: Interval) -> int:
    return (interval.end - interval.start).days + 1
