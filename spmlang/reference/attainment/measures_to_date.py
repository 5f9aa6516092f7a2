"""Measures of payees over days: sums of credits, and their roll-ups along the reporting line."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import accumulate

from spmlang.data.tables import Row
from spmlang.diagnostics.diagnostic import Diagnostic, diagnose
from spmlang.program.measures import DateRange, Rollup
from spmlang.program.program import Program
from spmlang.reference.credits.credit_rows import Credit, Credits, by_payee
from spmlang.reference.sources.rows import SourceRows, place


class CreditTotals:
    """The credits of every measure and payee, in order, with running totals."""

    def __init__(self, credits: Mapping[str, list[Credit]]) -> None:
        self._credits: dict[tuple[str, str], list[Credit]] = {}
        self._days: dict[tuple[str, str], list[date]] = {}
        self._totals: dict[tuple[str, str], list[Fraction]] = {}
        for measure, given in credits.items():
            for payee, own in by_payee(given).items():
                at = (measure, payee)
                self._credits[at] = own
                self._days[at] = [credit.day for credit in own]
                self._totals[at] = [Fraction(0), *accumulate(credit.amount for credit in own)]

    def value(self, measure: str, payee: str, start: date, end: date) -> Fraction:
        """Return the sum of the credits dated start..end, both included."""
        low, high = self._bounds(measure, payee, start, end)
        if low >= high:
            return Fraction(0)
        totals = self._totals[measure, payee]
        return totals[high] - totals[low]

    def credits(self, measures: tuple[str, ...], payee: str, start: date, end: date) -> list[Credit]:
        """Return the credits of the measures dated start..end (both included), in the order of lines."""
        found: list[Credit] = []
        for measure in measures:
            low, high = self._bounds(measure, payee, start, end)
            found += self._credits.get((measure, payee), [])[low:high]
        return sorted(found, key=lambda credit: credit.order)

    def _bounds(self, measure: str, payee: str, start: date, end: date) -> tuple[int, int]:
        days = self._days.get((measure, payee), [])
        return bisect_left(days, start), bisect_right(days, end)


def roll_up(sources: SourceRows, measures: Collection[str], credits: Credits) -> None:
    """Add to `credits` the credits of measures that roll up another one's credits to managers."""
    for name, measure in sources.program.measures.items():
        if name in measures and measure.rollup is not None:
            credits.by_measure[name] = _rolled_up(sources, name, measure.rollup, credits)


def _rolled_up(sources: SourceRows, name: str, rollup: Rollup, credits: Credits) -> list[Credit]:
    """Return the credits of a measure that rolls up another one's credits to managers."""
    given = []
    lines: dict[tuple[str, date], list[str]] = {}
    for base in credits.by_measure[rollup.measure]:
        if is_blocked_overlay(sources.program, rollup, base):
            continue
        at = (base.payee, base.day)
        if at not in lines:
            lines[at] = [str(row["manager"]) for row in line_above(sources, *at)]
        above = lines[at] if rollup.all_levels else lines[at][:1]
        given += [replace(base, measure=name, payee=manager, via=base.payee) for manager in above]
    return given


def is_blocked_overlay(program: Program, rollup: Rollup, base: Credit) -> bool:
    """Return True if a credit is an overlay that the rollup does not pass on."""
    shares = program.measures[rollup.measure].credits
    return bool(shares) and shares[base.rule].overlay and not rollup.overlays


def line_above(sources: SourceRows, payee: str, day: date) -> Iterator[Row]:
    """Yield the rows that name the payee's managers on a day, the direct one first.

    The managers of a circle are named once.
    """
    managers, person, met = str(sources.program.managers), payee, {payee}
    while (row := sources.row(managers, person, day)) is not None and row["manager"] is not None:
        person = str(row["manager"])
        yield row
        if person in met:
            return
        met.add(person)


def reporting_circles(sources: SourceRows, measures: Collection[str], days: DateRange) -> Iterator[Diagnostic]:
    """Yield a problem for each payee whose reporting line leads back to the payee, if any measure is rolled up.

    The line is checked on the first day, and on each day on which a row of the managers table begins or ends.
    """
    if not any(sources.program.measures[name].rollup for name in measures):
        return
    managers = str(sources.program.managers)
    for day in sorted({days.start, *(day for day in sources.changes(managers) if day in days)}):
        for payee in sorted({str(row["payee"]) for row in sources.rows(managers)}):
            above: set[str] = set()
            for person in (str(row["manager"]) for row in line_above(sources, payee, day)):
                if person == payee:
                    row = sources.row(managers, payee, day)
                    assert row is not None
                    where = place(sources.program, managers, row, "manager")
                    yield diagnose("run-reporting-circle", where, (), day=day, payee=payee)
                if person in above or person == payee:
                    break
                above.add(person)
