"""Evaluation of worked cases: a plan version computed on stated facts instead of tables."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import cast

from spmlang.data.tables import Cell, Row
from spmlang.diagnostics.diagnostic import Diagnostic, Problems, diagnose, errors
from spmlang.program.expressions import Column, Expr
from spmlang.program.pools_and_contests import Pool
from spmlang.program.program import Component, Example, Program
from spmlang.program.quotas import Quota
from spmlang.results import Request
from spmlang.values.calendar import Interval
from spmlang.values.money import minor_places

from .attainment.measures_to_date import CreditTotals
from .credits.credit_rows import Credit
from .earnings.earnings import Earning, EarningCalculator, due_interval
from .limits.caps import apply_limits
from .payees.plan_members import MembershipSpan
from .sources.expressions import EvaluationContext, Target, number
from .sources.rows import MissingValue, SourceRows

_PAYEE = "the example's payee"


class _StatedRows(SourceRows):
    """The data of one payee as the example states it; what the example does not state is absent."""

    def __init__(self, program: Program, example: Example) -> None:
        self.program = program
        self.example = example

    def read(self, row: Row, column: Column, day: date) -> Cell:
        return None if column.steps else row.get(column.name)

    def require(self, row: Row, column: Column, day: date) -> Cell:
        value = self.read(row, column, day)
        if value is None:
            raise MissingValue(diagnose("example-absent", self.example.span, (), column=column.span.text))
        return value


class _StatedQuotas:
    """Quotas as the example states them, equal for every interval, or else as the plan's text gives them."""

    def __init__(self, sources: _StatedRows, example: Example) -> None:
        self.sources = sources
        self.example = example
        self.amounts = {item.name: cast(Fraction, item.value) for item in example.given if item.kind == "quota"}

    def target(self, quota: Quota, payee: str, interval: Interval, begun: date | None = None) -> Target:
        """Return the quota that the example states, or that the plan's text gives.

        Raises:
            MissingValue: if it is negative, or if it is missing or zero and the plan does not answer it.
        """
        amount = self.amounts.get(quota.name)
        if amount is None and quota.target is not None:
            amount = self._in_plan(quota.target, quota, interval)
        if amount is None:
            return self._answered(None, quota.missing, slug="example-quota", quota=quota, interval=interval)
        if amount == 0:
            return self._answered(amount, quota.zero, slug="run-quota-zero", quota=quota, interval=interval)
        if amount < 0:
            raise self._refused("run-quota-negative", quota, interval)
        return Target(amount)

    def _answered(
        self, amount: Fraction | None, stated: Fraction | None, *, slug: str, quota: Quota, interval: Interval
    ) -> Target:
        """Return a quota with the attainment that the plan states for it.

        Raises:
            MissingValue: if the plan states none.
        """
        if stated is None:
            raise self._refused(slug, quota, interval)
        return Target(amount, stated)

    def _refused(self, slug: str, quota: Quota, interval: Interval) -> MissingValue:
        """Return the error of a quota."""
        words = {"payee": _PAYEE, "measure": quota.name, "period": interval.label}
        return MissingValue(diagnose(slug, self.example.span, (), **words))

    def _in_plan(self, target: Expr, quota: Quota, interval: Interval) -> Fraction:
        """Return the target in the plan's text, times the number of the quota's intervals in `interval`.

        Measures of earlier intervals are zero.
        """
        parts = self.sources.program.calendar.intervals(quota.grain, interval.start, interval.end)
        nothing_before = {node.key: Fraction(0) for node in quota.earlier}
        return len(parts) * number(
            target,
            EvaluationContext(
                sources=self.sources, row=given_row(self.example), day=interval.end, measures=nothing_before
            ),
        )


def given_row(example: Example) -> Row:
    """Return the roster row that the example states."""
    return {item.name: item.value for item in example.given if item.kind == "payee"}


def evaluate_example(program: Program, example: Example) -> dict[str, Fraction]:
    """Return the payout of every expected component, after caps and budget.

    All given measures are credited on the example's day, and nothing is credited before the pay period that holds it. A
    component that does not fall due in that pay period pays zero.

    Raises:
        Problems: if a component needs a value that the example does not state.
    """
    sources = _StatedRows(program, example)
    period = program.calendar.pay_period(example.on)
    problems: list[Diagnostic] = []
    earner = EarningCalculator(
        sources,
        _totals(example),
        request=Request(first=period, last=period),
        problems=problems,
        quotas=_StatedQuotas(sources, example),
    )
    for item in example.given:
        if item.kind == "earning":
            earner.note(_PAYEE, example.plan.name, item.name, day=example.on, amount=cast(Fraction, item.value))
    try:
        asked = _needed_components(example)
        own = [name for name in _in_reading_order(program, example) if name in asked]
        earnings = [earning for name in own if (earning := _earning(earner, example, name, period)) is not None]
    except MissingValue as refused:
        raise Problems([refused.diagnostic]) from None
    apply_limits(sources, earnings, problems)
    if errors(problems):
        raise Problems(errors(problems))
    cent = 10 ** minor_places(example.plan.currency)
    paid = {earning.component.name: Fraction(earning.amount, cent) for earning in earnings}
    return {item.component: paid.get(item.component, Fraction(0)) for item in example.expect}


def _needed_components(example: Example) -> set[str]:
    """Return the expected components and all that they need: components paid into their pools, and earlier earnings."""
    names: set[str] = set()
    waiting = [item.component for item in example.expect]
    while waiting:
        component = example.plan.component(waiting.pop())
        if component is None or component.name in names:
            continue
        names.add(component.name)
        waiting += component.earlier
        if isinstance(component.shared, Pool) and component.shared.component is not None:
            waiting.append(component.shared.component)
    return names


def _in_reading_order(program: Program, example: Example) -> list[str]:
    """Return the components of the example's version, each after those whose earnings it reads."""
    order = program.reading_order(example.plan.name)
    return [component.name for version, component in order if version is example.plan]


def _totals(example: Example) -> CreditTotals:
    """Return the measures that the example states, each as one credit on the example's day."""
    credits = {}
    for item in example.given:
        if item.kind == "measure" and isinstance(item.value, Fraction):
            credit = Credit(
                measure=item.name,
                payee=_PAYEE,
                day=example.on,
                source="example",
                key="example",
                rule=0,
                via=None,
                territory=None,
                file="example",
                row=1,
                amount=item.value,
            )
            credits[item.name] = [credit]
    return CreditTotals(credits)


def _earning(earner: EarningCalculator, example: Example, name: str, period: Interval) -> Earning | None:
    """Return the component's earning in the pay period; None if it is not due then."""
    version, component = example.plan, example.plan.component(name)
    assert component is not None
    due = _due(earner, component, period)
    if due is None:
        return None
    days = MembershipSpan(due.start, due.end, given_row(example))
    part = days.cut(max(due.start, version.effective.start), min(due.end, version.effective.through or due.end))
    return (
        None
        if part is None
        else earner.earning(_PAYEE, version, component, due, parts=[part], on_plan=(part.start, due.end))
    )


def _due(earner: EarningCalculator, component: Component, period: Interval) -> Interval | None:
    """Return the component's interval that ends in the pay period; None if there is none."""
    due = due_interval(earner.sources.program.calendar, component, period.end)
    return due if due.end in period else None
