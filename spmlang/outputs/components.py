"""What each component costs and brings, and what the plan's watches say about it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from spmlang.program.program import Component, Figure, PlanVersion, Tiers, Watch
from spmlang.reference.sources.expressions import COMPARE
from spmlang.results import WHOLE
from spmlang.run.labels import component_keys
from spmlang.run.run import Run
from spmlang.run.unit_columns import integers
from spmlang.values.money import minor_places

from .payouts import place


@dataclass(frozen=True)
class Flag:
    """A component that crossed a line. `watch` is None for the line every plan has: pay without revenue.

    `value` is the figure (None: pay without any revenue, which no ratio can say); `at_stake` the money beyond the line.
    """

    figure: Figure
    value: Fraction | None
    watch: Watch | None
    at_stake: Fraction
    source: str


@dataclass
class ComponentReport:
    """The figures of one component of one plan version over a run. Money in the plan's currency; None: not applicable.

    `revenue`: what was credited of the component's revenue measure. `premium`: what the payees got beyond the lowest tier's rate,
    summed over payees, none counted below zero. `below`: what was paid to payees whose attainment was below the plan's threshold
    at the end of the component's interval (or at the end of the run, where that comes first).
    """

    version: PlanVersion
    component: Component
    cost: Fraction = Fraction(0)
    revenue: Fraction | None = None
    payees: int = 0
    payees_paid: int = 0
    below: Fraction | None = None
    premium: Fraction | None = None
    flags: list[Flag] = field(default_factory=list)

    @property
    def cost_of_sales(self) -> Fraction | None:
        """Cost ÷ credited revenue; None without revenue."""
        return self.cost / self.revenue if self.revenue is not None and self.revenue > 0 else None

    @property
    def share_paid(self) -> Fraction | None:
        """Payees who got something ÷ payees on the version."""
        return Fraction(self.payees_paid, self.payees) if self.payees else None

    @property
    def share_below(self) -> Fraction | None:
        """Cost paid to payees below the threshold ÷ cost."""
        return self.below / self.cost if self.below is not None and self.cost > 0 else None

    def figure(self, figure: Figure) -> Fraction | None:
        """The figure a watch looks at."""
        match figure:
            case Figure.COST:
                return self.cost
            case Figure.COST_OF_SALES:
                return self.cost_of_sales
            case Figure.PREMIUM:
                return self.premium
            case Figure.SHARE_PAID:
                return self.share_paid
            case Figure.SHARE_BELOW:
                return self.share_below


@dataclass
class _Sums:
    """What the payouts of a component come to, in whole units: `paid` and `premium` (beyond the lowest tier's rate) by payee."""

    paid: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    premium: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    revenue: int = 0
    below: int | None = None


def component_reports(run: Run) -> list[ComponentReport]:
    """A report for every component of every version that had a payee, in the order of plan, version and component."""
    found = []
    for key, sums in _sums(run).items():
        report = _report(run, *run.names.components[key], sums)
        report.flags += _flags(run, report)
        found.append(report)
    return sorted(found, key=lambda item: (item.version.name, item.version.version, item.component.name))


def _sums(run: Run) -> dict[str, _Sums]:
    """By component, as `component_keys` names it."""
    found: dict[str, _Sums] = defaultdict(_Sums)
    columns = ("payee", "amount_minor", "lowest_minor", "revenue_units")
    for at, payee, amount, lowest, revenue in _rows(run, *columns):
        sums = found[at]
        sums.paid[payee] += amount
        sums.revenue += revenue or 0
        if lowest is not None:
            sums.premium[payee] += amount - lowest
    judged = list(_judged(run))
    # Rows come in the order of periods and versions: what the last one of an interval says stands for all of it.
    below = {interval: is_below for _, interval, is_below, _ in judged}
    for at, interval, _, amount in judged:
        found[at].below = (found[at].below or 0) + (amount if below[interval] else 0)
    return found


def _judged(run: Run) -> Iterator[tuple[str, tuple[object, ...], bool, int]]:
    """Of each payout with a quota: the component, what it accumulates over, whether the payee is below the threshold, the amount.

    By cross-multiplying; a quota of zero is not below.
    """
    names = run.names
    scales = {}
    for key, (version, component) in names.components.items():
        if component.quota is not None:
            quota = 10 ** version.quotas[component.quota].type.scale
            measure = 10 ** run.program.measures[str(component.main)].type.scale
            line = version.threshold
            scales[key] = (quota * line.denominator, measure * line.numerator, version.name, component)
    for at, payee, period, value, quota, amount in _rows(
        run, "payee", "period", "measure_units", "quota_units", "amount_minor"
    ):
        if quota is not None:
            of_measure, of_quota, plan, component = scales[at]
            interval = names.interval(period, component.accumulates)
            is_below = value * of_measure < quota * of_quota
            yield at, (plan, component.name, payee, interval.index), is_below, amount


def _rows(run: Run, *names: str) -> Iterator[tuple[Any, ...]]:
    """Each payout's component, and the columns asked for."""
    table = run.result.payouts
    columns = (table[name] for name in names)
    values = (integers(column) if column.type == WHOLE else column.to_pylist() for column in columns)
    yield from zip(component_keys(table).to_pylist(), *values, strict=True)


def _report(run: Run, version: PlanVersion, component: Component, sums: _Sums) -> ComponentReport:
    cent = 10 ** minor_places(version.currency)
    paid = sums.paid.values()
    report = ComponentReport(version, component, Fraction(sum(paid), cent))
    report.payees, report.payees_paid = len(paid), sum(amount > 0 for amount in paid)
    revenue = version.revenue_of(component, run.program.measures)
    if revenue is not None:
        report.revenue = Fraction(sums.revenue, 10 ** run.program.measures[revenue].type.scale)
    if isinstance(component.pay, Tiers):
        report.premium = Fraction(sum(max(0, amount) for amount in sums.premium.values()), cent)
    if sums.below is not None:
        report.below = Fraction(sums.below, cent)
    return report


def _flags(run: Run, report: ComponentReport) -> list[Flag]:
    flags = []
    if report.cost > 0 and report.revenue is not None and report.revenue <= 0:
        source = place(run.program, report.component.span)
        flags.append(Flag(Figure.COST_OF_SALES, None, None, report.cost, source))
    for watch in report.version.watches:
        if watch.component != report.component.name:
            continue
        value = report.figure(watch.figure)
        if value is not None and COMPARE[watch.operator](value, watch.limit):
            flags.append(Flag(watch.figure, value, watch, _at_stake(report, watch), place(run.program, watch.span)))
    return flags


def _at_stake(report: ComponentReport, watch: Watch) -> Fraction:
    """The money on the wrong side of the line; of a share of payees, which no money measures, the whole cost."""
    match watch.figure:
        case Figure.COST:
            return abs(report.cost - watch.limit)
        case Figure.PREMIUM:
            return abs((report.premium or Fraction(0)) - watch.limit)
        case Figure.COST_OF_SALES:
            return abs(report.cost - watch.limit * (report.revenue or Fraction(0)))
        case Figure.SHARE_BELOW:
            return abs((report.below or Fraction(0)) - watch.limit * report.cost)
        case Figure.SHARE_PAID:
            return report.cost
