"""Where a payee stands: measures over days, quotas over intervals."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate
from typing import cast

from spmlang.data.tables import Row
from spmlang.model.program import Days, Quota
from spmlang.source.diagnostics import Diagnostic, diagnose
from spmlang.values.calendar import Interval
from spmlang.values.rounding import Mode, round_to

from .crediting import Credit, by_payee
from .evaluate import Scene, Target, holds_true, number
from .facts import Facts, Refused, holds, place


class Book:
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
        """The sum of the credits dated start..end, both included."""
        low, high = self._bounds(measure, payee, start, end)
        if low >= high:
            return Fraction(0)
        totals = self._totals[measure, payee]
        return totals[high] - totals[low]

    def credits(self, measures: tuple[str, ...], payee: str, start: date, end: date) -> list[Credit]:
        """The credits of those measures dated start..end, in the order in which they are walked."""
        found: list[Credit] = []
        for measure in measures:
            low, high = self._bounds(measure, payee, start, end)
            found += self._credits.get((measure, payee), [])[low:high]
        return sorted(found, key=lambda credit: credit.order)

    def _bounds(self, measure: str, payee: str, start: date, end: date) -> tuple[int, int]:
        days = self._days.get((measure, payee), [])
        return bisect_left(days, start), bisect_right(days, end)


class Quotas:
    """Targets of payees, remembered once found."""

    def __init__(self, facts: Facts, problems: list[Diagnostic]) -> None:
        self._facts = facts
        self._problems = problems
        self._found: dict[tuple[Quota, str, Interval], Target] = {}
        self._part: dict[tuple[Quota, str, Interval], Fraction | None] = {}

    def target(self, quota: Quota, payee: str, interval: Interval) -> Target:
        """The payee's quota for an interval: the sum over the quota's own intervals that overlap days on the roster.

        A problem is noted where it is missing or zero and the plan does not say what then.
        """
        at = (quota, payee, interval)
        if at not in self._found:
            self._found[at] = self._target(quota, payee, interval)
        return self._found[at]

    def _target(self, quota: Quota, payee: str, interval: Interval) -> Target:
        calendar, roster = self._facts.program.calendar, self._facts.program.roster
        stints = self._facts.having(roster, "payee", payee)
        parts = [
            self._interval_target(quota, payee, part)
            for part in calendar.intervals(quota.grain, interval.start, interval.end)
            if any(_overlaps(row, part) for row in stints)
        ]
        amount: Fraction | None = None
        if parts and None not in parts:
            amount = sum((part for part in parts if part is not None), Fraction(0))
        if amount is None:
            return self._answered(None, quota.missing, "run-quota-missing", quota, payee, interval)
        if amount == 0:
            return self._answered(amount, quota.zero, "run-quota-zero", quota, payee, interval)
        return Target(amount)

    def _answered(
        self, amount: Fraction | None, stated: Fraction | None, slug: str, quota: Quota, payee: str, interval: Interval
    ) -> Target:
        if stated is None:
            words = {"payee": payee, "measure": quota.name, "period": interval.label}
            self._problems.append(diagnose(slug, quota.span, (), **words))
        return Target(amount, stated if stated is not None else Fraction(0))

    def _interval_target(self, quota: Quota, payee: str, interval: Interval) -> Fraction | None:
        at = (quota, payee, interval)
        if at not in self._part:
            self._part[at] = self._counted(quota, payee, interval)
        return self._part[at]

    def _counted(self, quota: Quota, payee: str, interval: Interval) -> Fraction | None:
        """The target that counts in one of the quota's intervals: spread, ramped, prorated, adjusted."""
        calendar = self._facts.program.calendar
        given = calendar.interval(interval.start, quota.given)
        found = self._in_table if quota.table is not None else self._in_plan
        target = found(quota, payee, given, interval.label)
        if target is None:
            return None
        if quota.spread:
            target *= quota.spread[interval.index - calendar.interval(given.start, quota.grain).index]
        target *= self._ramp(quota, payee, interval)
        if quota.prorated is not None:
            part = Fraction(
                self._days_here(quota.prorated, payee, interval), _days(quota.prorated, interval.start, interval.end)
            )
            target = round_to(target * part, Fraction(1, 10**quota.places), Mode.HALF_UP)
        if quota.adjustments is not None:
            rows = self._facts.having(quota.adjustments, "payee", payee)
            target += sum(cast(Fraction, row["amount"]) for row in rows if cast(date, row["period"]) in interval)
        if target < 0:
            words = {"payee": payee, "measure": quota.name, "period": interval.label}
            self._problems.append(diagnose("run-quota-negative", quota.span, (), **words))
        return target

    def _days_here(self, days: Days, payee: str, interval: Interval) -> int:
        """The days of an interval on which the payee is on the roster."""
        stints = self._facts.having(self._facts.program.roster, "payee", payee)
        spans = [
            (max(cast(date, row["_from"]), interval.start), min(cast(date, row["_through"]), interval.end))
            for row in stints
            if _overlaps(row, interval)
        ]
        return sum(_days(days, start, end) for start, end in spans)

    def _ramp(self, quota: Quota, payee: str, interval: Interval) -> Fraction:
        """What of the target counts, by how many intervals ago the payee came."""
        if not quota.ramp:
            return Fraction(1)
        came = min(cast(date, row["_from"]) for row in self._facts.having(self._facts.program.roster, "payee", payee))
        later = interval.index - self._facts.program.calendar.interval(came, quota.grain).index
        return quota.ramp[later] if later < len(quota.ramp) else Fraction(1)

    def _in_table(self, quota: Quota, payee: str, interval: Interval, label: str) -> Fraction | None:
        assert quota.table is not None
        rows = [
            row
            for row in self._facts.having(quota.table, "payee", payee)
            if cast(date, row["period"]) in interval
            and (quota.where is None or holds_true(quota.where, Scene(self._facts, row, cast(date, row["period"]))))
        ]
        if len(rows) > 1:
            words = {"payee": payee, "measure": quota.name, "period": label}
            where = place(self._facts.program, quota.table, rows[-1], "period")
            self._problems.append(diagnose("run-quota-twice", where, (), count=len(rows), **words))
        return min((cast(Fraction, row["target"]) for row in rows), default=None)

    def _in_plan(self, quota: Quota, payee: str, interval: Interval, label: str) -> Fraction | None:
        assert quota.target is not None
        stints = [
            row for row in self._facts.having(self._facts.program.roster, "payee", payee) if _overlaps(row, interval)
        ]
        row = max(stints, key=lambda item: cast(date, item["_from"]))
        day = min(cast(date, row["_through"]), interval.end)
        try:
            return number(quota.target, Scene(self._facts, row, day))
        except Refused as refused:
            self._problems.append(refused.diagnostic)
            return None


def _days(days: Days, start: date, end: date) -> int:
    """How many days from `start` through `end` count."""
    whole = (end - start).days + 1
    if days is Days.CALENDAR:
        return whole
    return sum((start + timedelta(days=number)).weekday() < 5 for number in range(whole))


def _overlaps(row: Row, interval: Interval) -> bool:
    return cast(date, row["_from"]) <= interval.end and interval.start <= cast(date, row["_through"])


def roster_row(facts: Facts, payee: str, day: date) -> Row | None:
    """The payee's roster row in force on a day."""
    return next((row for row in facts.having(facts.program.roster, "payee", payee) if holds(row, day)), None)
