"""What each component costs and brings, and what the plan's watches say about it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from spmlang.engines.reference.evaluate import COMPARE
from spmlang.model.program import Component, Figure, PlanVersion, Tiers, Watch
from spmlang.values.money import minor_places

from .names import Names
from .payouts import place
from .running import Run


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


def component_reports(run: Run) -> list[ComponentReport]:
    """A report for every component of every version that had a payee, in the order of plan, version and component."""
    names = run.names
    payouts = run.result.payouts.to_pylist()
    below = _below(run, names, payouts)
    rows: dict[tuple[str, int, str], list[dict[str, Any]]] = defaultdict(list)
    for row in payouts:
        rows[row["plan"], row["version"], row["component"]].append(row)
    found = []
    for key in sorted(rows):
        report = _report(run, names, rows[key], below)
        report.flags += _flags(run, report)
        found.append(report)
    return found


def _report(
    run: Run, names: Names, rows: list[dict[str, Any]], below: dict[tuple[object, ...], bool]
) -> ComponentReport:
    version, component = names.component(rows[0])
    cent = 10 ** minor_places(version.currency)
    revenue = version.revenue_of(component, run.program.measures)
    paid: dict[str, int] = defaultdict(int)
    premium: dict[str, int] = defaultdict(int)
    for row in rows:
        paid[row["payee"]] += int(row["amount_minor"])
        if row["lowest_minor"] is not None:
            premium[row["payee"]] += int(row["amount_minor"]) - int(row["lowest_minor"])
    report = ComponentReport(version, component, Fraction(sum(paid.values()), cent))
    report.payees, report.payees_paid = len(paid), sum(amount > 0 for amount in paid.values())
    if revenue is not None:
        units = 10 ** run.program.measures[revenue].type.scale
        report.revenue = Fraction(sum(int(row["revenue_units"]) for row in rows), units)
    if isinstance(component.pay, Tiers):
        report.premium = Fraction(sum(max(0, amount) for amount in premium.values()), cent)
    judged = [row for row in rows if row["quota_units"] is not None]
    if judged:
        paid_below = (int(row["amount_minor"]) for row in judged if below[_interval(names, component, row)])
        report.below = Fraction(sum(paid_below), cent)
    return report


def _below(run: Run, names: Names, payouts: list[dict[str, Any]]) -> dict[tuple[object, ...], bool]:
    """For each payee and interval of a component: whether the payee was below the threshold when it ended.

    By cross-multiplying; a quota of zero is not below. Rows come in the order of periods and versions: the last one stands.
    """
    found = {}
    for row in payouts:
        if row["quota_units"] is None:
            continue
        version, component = names.component(row)
        main = str(component.main)
        value = int(row["measure_units"]) * 10 ** version.quotas[str(component.quota)].type.scale
        quota = int(row["quota_units"]) * 10 ** run.program.measures[main].type.scale
        line = version.threshold
        found[_interval(names, component, row)] = value * line.denominator < line.numerator * quota
    return found


def _interval(names: Names, component: Component, row: dict[str, Any]) -> tuple[object, ...]:
    """What a component accumulates over, for a payee."""
    interval = names.interval(row["period"], component.accumulates)
    return (row["plan"], row["component"], row["payee"], interval.index)


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
