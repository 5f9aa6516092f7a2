"""Apply all limits to earnings, in the order that docs/decisions/0002-meaning-of-a-run.md states.

Amounts are in minor units.
"""

from __future__ import annotations

from fractions import Fraction

from spmlang.diagnostics.diagnostic import Diagnostic, diagnose
from spmlang.program.program import Cap
from spmlang.reference.earnings.earnings import Earning, grouped, rounded_minor
from spmlang.reference.sources.expressions import EvaluationContext, number
from spmlang.reference.sources.rows import MissingValue, SourceRows
from spmlang.values.calendar import Grain
from spmlang.values.money import minor_places
from spmlang.values.rounding import apportion

from .budgets import apply_budgets
from .pools_and_contests import apply_contests, apply_pools


def apply_limits(sources: SourceRows, earnings: list[Earning], problems: list[Diagnostic]) -> None:
    """Limit the amounts of all payees' earnings, in place.

    Args:
        sources: the rows of the tables.
        earnings: the earnings of all payees, with `amount` equal to `earned`.
        problems: receives the problems found.
    """
    apply_pools(earnings)
    apply_contests(earnings)
    for grain in Grain:
        _component_caps(sources, earnings, grain, problems)
    apply_budgets(earnings)
    for grain in Grain:
        _plan_caps(sources, earnings, grain, problems)


def _component_caps(sources: SourceRows, earnings: list[Earning], grain: Grain, problems: list[Diagnostic]) -> None:
    """Limit each earning to the rest that its own version's cap leaves of the running sum."""
    if not any(cap.grain is grain for earning in earnings for cap in earning.component.caps):
        return
    calendar = sources.program.calendar
    for group in grouped(
        earnings,
        lambda item: (
            item.version.name,
            item.payee,
            item.component.name,
            calendar.interval(item.period.end, grain).index,
        ),
    ):
        group.sort(key=lambda item: (item.period.index, item.version.version))
        total = 0
        for earning in group:
            before, total = total, total + earning.amount
            cap = next((cap for cap in earning.component.caps if cap.grain is grain), None)
            if cap is not None:
                limit = _limit(sources, cap, earning, earning.component.name, problems=problems)
                earning.limit_by(f"cap each {grain}", min(total, limit) - min(before, limit))


def _plan_caps(sources: SourceRows, earnings: list[Earning], grain: Grain, problems: list[Diagnostic]) -> None:
    """Limit each pay period to the rest that the plan's cap leaves of the running sum over all components.

    The cap is that of the latest version in the period, evaluated on that version's last slice.
    """
    if not any(earning.version.cap is not None and earning.version.cap.grain is grain for earning in earnings):
        return
    calendar = sources.program.calendar
    for group in grouped(
        earnings, lambda item: (item.version.name, item.payee, calendar.interval(item.period.end, grain).index)
    ):
        total = 0
        for period in grouped(group, lambda item: item.period.index, ordered=True):
            period.sort(key=lambda item: (item.component.name, item.version.version))
            own = sum(item.amount for item in period)
            before, total = total, total + own
            deciding = max(period, key=lambda item: (item.version.version, item.last.end))
            cap = deciding.version.cap
            if cap is None or cap.grain is not grain:
                continue
            limit = _limit(sources, cap, deciding, deciding.version.name, problems=problems)
            left = min(total, limit) - min(before, limit)
            if left != own:
                for item, share in zip(period, apportion(left, [item.amount for item in period]), strict=True):
                    item.limit_by(f"plan's cap each {grain}", share)


def _limit(sources: SourceRows, cap: Cap, earning: Earning, name: str, *, problems: list[Diagnostic]) -> int:
    """Return a cap in minor units, by the roster row of the earning's last slice; zero after a problem."""
    part = earning.last
    try:
        limit = number(cap.limit, EvaluationContext(sources=sources, row=part.row, day=part.end))
    except MissingValue as refused:
        problems.append(refused.diagnostic)
        return 0
    if limit < 0:
        words = {"component": name, "payee": earning.payee, "period": earning.period.label}
        problems.append(diagnose("run-cap-negative", cap.span, (), **words))
        limit = Fraction(0)
    return rounded_minor(limit, minor_places(earning.version.currency))
