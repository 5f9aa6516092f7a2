"""Quotas of payees over intervals: targets spread, ramped, prorated and adjusted (decision 2, Quotas)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import cast

from spmlang.data.tables import Row
from spmlang.diagnostics.diagnostic import Diagnostic, diagnose
from spmlang.program.quotas import Days, Quota
from spmlang.reference.payees.plan_members import membership_spans
from spmlang.reference.sources.expressions import EvaluationContext, Target, evaluate_condition, number
from spmlang.reference.sources.rows import MissingValue, SourceRows, place
from spmlang.values.calendar import Interval
from spmlang.values.rounding import Mode, round_to

from .measures_to_date import CreditTotals


@dataclass(frozen=True)
class ActiveDays:
    """The days with one roster row that count for a target: their number, and the last of them."""

    row: Row
    days: int
    last: date


class Quotas:
    """The quotas of payees. Each is computed once."""

    def __init__(self, sources: SourceRows, totals: CreditTotals, problems: list[Diagnostic]) -> None:
        self._sources = sources
        self._totals = totals
        self._problems = problems
        self._found: dict[tuple[Quota, str, Interval, date], Target] = {}
        self._part: dict[tuple[Quota, str, Interval], Fraction | None] = {}

    def target(self, quota: Quota, payee: str, interval: Interval, begun: date | None = None) -> Target:
        """Return the payee's quota for an interval.

        It is the sum of the targets of the quota's own intervals that lie in it and have days which count. A quota that
        is missing or zero is a problem, unless the plan answers it.

        Args:
            quota: the quota.
            payee: the payee.
            interval: the interval.
            begun: count only the quota's own intervals that have begun by this day.
        """
        at = (quota, payee, interval, begun or interval.end)
        if at not in self._found:
            self._found[at] = self._target(*at)
        return self._found[at]

    def _target(self, quota: Quota, payee: str, interval: Interval, begun: date) -> Target:
        """Return the payee's quota, computed."""
        calendar = self._sources.program.calendar
        parts = [
            self._interval_target(quota, payee, part)
            for part in calendar.intervals(quota.grain, interval.start, begun)
            if self._stints(quota, payee, part)
        ]
        amount: Fraction | None = None
        if parts and None not in parts:
            amount = sum((part for part in parts if part is not None), Fraction(0))
        if amount is None:
            return self._answered(
                None, quota.missing, slug="run-quota-missing", quota=quota, payee=payee, interval=interval
            )
        if amount == 0:
            return self._answered(
                amount, quota.zero, slug="run-quota-zero", quota=quota, payee=payee, interval=interval
            )
        return Target(amount)

    def _answered(
        self,
        amount: Fraction | None,
        stated: Fraction | None,
        *,
        slug: str,
        quota: Quota,
        payee: str,
        interval: Interval,
    ) -> Target:
        """Return a quota with the attainment that the plan states for it; note a problem if the plan states none."""
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
        """Return the target for one of the quota's own intervals; None if it is missing.

        It is spread, ramped, prorated and adjusted, in this order.
        """
        calendar = self._sources.program.calendar
        given = calendar.interval(interval.start, quota.given)
        target = self._given(quota, payee, given, interval)
        if target is None:
            return None
        if quota.spread:
            target *= quota.spread[interval.index - calendar.interval(given.start, quota.grain).index]
        target *= self._ramp(quota, payee, interval)
        if quota.prorated is not None:
            target /= count_days(quota.prorated, interval.start, interval.end)
            target = round_to(target, Fraction(1, 10**quota.places), Mode.HALF_UP)
        if quota.adjustments is not None:
            rows = self._sources.having(quota.adjustments, "payee", payee)
            target += sum(cast(Fraction, row["amount"]) for row in rows if cast(date, row["period"]) in interval)
        if target < 0:
            words = {"payee": payee, "measure": quota.name, "period": interval.label}
            self._problems.append(diagnose("run-quota-negative", quota.span, (), **words))
        return target

    def _given(self, quota: Quota, payee: str, given: Interval, interval: Interval) -> Fraction | None:
        """Return the target that the table or the plan's text gives; None if it is missing.

        A prorated target is times the days that count, so the caller divides it by the days of the interval.

        Args:
            quota: the quota.
            payee: the payee.
            given: the interval for which the target is given, from which a spread takes its shares.
            interval: the quota's own interval.
        """
        if quota.table is not None:
            target = self._in_table(quota, payee, given, interval.label)
            if target is None or quota.prorated is None:
                return target
            return target * sum(stint.days for stint in self._stints(quota, payee, interval))
        if quota.prorated is None:
            last = max(self._on_roster(payee, given), key=lambda row: cast(date, row["_from"]))
            day = min(cast(date, last["_through"]), given.end)
            return self._in_plan(quota, payee, interval=given, row=last, day=day, label=interval.label)
        parts = [
            (
                self._in_plan(quota, payee, interval=given, row=stint.row, day=stint.last, label=interval.label),
                stint.days,
            )
            for stint in self._stints(quota, payee, interval)
        ]
        if any(value is None for value, _ in parts):
            return None
        return sum((value * days for value, days in parts if value is not None), Fraction(0))

    def _on_roster(self, payee: str, interval: Interval) -> list[Row]:
        """Return the payee's roster rows that are in force on a day of the interval."""
        rows = self._sources.having(self._sources.program.roster, "payee", payee)
        return [
            row
            for row in rows
            if cast(date, row["_from"]) <= interval.end and interval.start <= cast(date, row["_through"])
        ]

    def _stints(self, quota: Quota, payee: str, interval: Interval) -> list[ActiveDays]:
        """Return the days of the interval that count, by roster row.

        They are the days on the roster, or on the plan for a quota that says `on plan`.
        """
        days = quota.prorated or Days.CALENDAR
        found = []
        for row in self._on_roster(payee, interval):
            start, end = max(cast(date, row["_from"]), interval.start), min(cast(date, row["_through"]), interval.end)
            spans = self._on_plan(str(quota.plan), payee, start, end) if quota.on_plan else [(start, end)]
            if spans:
                counted = sum(count_days(days, *span) for span in spans)
                found.append(ActiveDays(row, counted, max(last for _, last in spans)))
        return found

    def _on_plan(self, plan: str, payee: str, start: date, end: date) -> list[tuple[date, date]]:
        """Return the stretches from `start` through `end` on which the payee is on a version of the plan."""
        versions = [version for version in self._sources.program.plans if version.name == plan]
        held = (
            stretch.cut(start, end)
            for item in versions
            for stretch in membership_spans(self._sources, item, payee, end)
        )
        return [(stretch.start, stretch.end) for stretch in held if stretch is not None]

    def _ramp(self, quota: Quota, payee: str, interval: Interval) -> Fraction:
        """Return the share of the target that counts, by the number of intervals since the payee's first roster row."""
        if not quota.ramp:
            return Fraction(1)
        came = min(
            cast(date, row["_from"]) for row in self._sources.having(self._sources.program.roster, "payee", payee)
        )
        later = interval.index - self._sources.program.calendar.interval(came, quota.grain).index
        return quota.ramp[later] if later < len(quota.ramp) else Fraction(1)

    def _in_table(self, quota: Quota, payee: str, interval: Interval, label: str) -> Fraction | None:
        """Return the target in the quota table; note a problem if several rows give one."""
        assert quota.table is not None
        rows = [
            row
            for row in self._sources.having(quota.table, "payee", payee)
            if cast(date, row["period"]) in interval
            and (
                quota.where is None
                or evaluate_condition(
                    quota.where, EvaluationContext(sources=self._sources, row=row, day=cast(date, row["period"]))
                )
            )
        ]
        if len(rows) > 1:
            words = {"payee": payee, "measure": quota.name, "period": label}
            where = place(self._sources.program, quota.table, rows[-1], "period")
            self._problems.append(diagnose("run-quota-twice", where, (), count=len(rows), **words))
        return min((cast(Fraction, row["target"]) for row in rows), default=None)

    def _in_plan(
        self, quota: Quota, payee: str, *, interval: Interval, row: Row, day: date, label: str
    ) -> Fraction | None:
        """Return the value of the target's expression for an interval, by one roster row; None if a value is absent.

        A target that reads earlier results and is below zero is zero, and noted, because growth on a result below zero
        has no meaning.

        Args:
            quota: the quota.
            payee: the payee.
            interval: the interval for which the target is given.
            row: the roster row.
            day: the day on which dated tables are read.
            label: the interval's name in diagnostics.
        """
        assert quota.target is not None
        calendar = self._sources.program.calendar
        measures = {}
        for node in quota.earlier:
            before = calendar.earlier(interval, node.back)
            measures[node.key] = self._totals.value(node.measure, payee, before.start, before.end)
        try:
            target = number(quota.target, EvaluationContext(sources=self._sources, row=row, day=day, measures=measures))
        except MissingValue as refused:
            self._problems.append(refused.diagnostic)
            return None
        if target < 0 and quota.earlier:
            words = {"payee": payee, "measure": quota.name, "period": label}
            self._problems.append(diagnose("run-earlier-negative", quota.span, (), **words))
            return Fraction(0)
        return target


def count_days(days: Days, start: date, end: date) -> int:
    """Return how many days from `start` through `end` count."""
    whole = (end - start).days + 1
    if days is Days.CALENDAR:
        return whole
    return sum((start + timedelta(days=number)).weekday() < 5 for number in range(whole))
