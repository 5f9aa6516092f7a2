"""The cost, revenue and other figures of each component, and the flags of the plan's watches."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from spmlang.program.pay_rules import Tiers
from spmlang.program.program import Component, Figure, PlanVersion, Watch
from spmlang.reference.sources.expressions import COMPARE
from spmlang.results import WHOLE
from spmlang.run.labels import component_keys
from spmlang.run.run import Run
from spmlang.run.unit_columns import integers
from spmlang.values.money import minor_places, rounded_text

from .payouts import place


@dataclass(frozen=True, kw_only=True)
class Flag:
    """A component whose figure crossed a line.

    Attributes:
        figure: The figure.
        value: Its value; None for pay without any revenue, which no ratio can express.
        watch: The watch of the plan; None for the check of every plan, which is pay without revenue.
        at_stake: The money beyond the line, in the plan's currency.
        source: The plan line, `file:line`.
    """

    figure: Figure
    value: Fraction | None
    watch: Watch | None
    at_stake: Fraction
    source: str


@dataclass(kw_only=True)
class ComponentReport:
    """The figures of one component of one plan version over a run.

    Money is in the plan's currency. None means not applicable.

    Attributes:
        version: The plan version.
        component: The component.
        cost: The sum of its payouts.
        revenue: The credits of its revenue measure.
        payees: The number of payees with a payout row.
        payees_paid: The number of payees whose payouts sum to more than zero.
        below: The cost for payees whose attainment was below the plan's threshold at the end of the component's
            interval, or at the end of the run if that is earlier.
        premium: The payouts beyond the rate of the lowest tier, summed over payees. A payee below zero counts as zero.
        flags: The lines that it crossed.
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
        """Cost divided by credited revenue; None unless the revenue is above zero."""
        return self.cost / self.revenue if self.revenue is not None and self.revenue > 0 else None

    @property
    def share_paid(self) -> Fraction | None:
        """Payees paid more than zero, divided by payees with a payout row; None without such a row."""
        return Fraction(self.payees_paid, self.payees) if self.payees else None

    @property
    def share_below(self) -> Fraction | None:
        """Cost for payees below the threshold, divided by cost; None unless the cost is above zero."""
        return self.below / self.cost if self.below is not None and self.cost > 0 else None

    def figure(self, figure: Figure) -> Fraction | None:
        """Return the value of a figure that a watch compares."""
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
    """The sums of a component's payouts, in whole units.

    `paid` is the amount by payee, and `premium` the amount beyond the lowest tier's rate by payee, both in minor units.
    `revenue` is in units of the revenue measure. `below` is the amount paid to payees below the threshold, None without
    a quota.
    """

    paid: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    premium: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    revenue: int = 0
    below: int | None = None


def component_reports(run: Run) -> list[ComponentReport]:
    """Return a report for each component of each version with payouts, sorted by plan, version and component."""
    found = []
    for key, sums in _sums(run).items():
        report = _report(run, *run.names.components[key], sums)
        report.flags += _flags(run, report)
        found.append(report)
    return sorted(found, key=lambda item: (item.version.name, item.version.version, item.component.name))


def _sums(run: Run) -> dict[str, _Sums]:
    """Sum the payouts of each component, by the key of `component_keys`."""
    found: dict[str, _Sums] = defaultdict(_Sums)
    columns = ("payee", "amount_minor", "lowest_minor", "revenue_units")
    for at, payee, amount, lowest, revenue in _rows(run, *columns):
        sums = found[at]
        sums.paid[payee] += amount
        sums.revenue += revenue or 0
        if lowest is not None:
            sums.premium[payee] += amount - lowest
    judged = list(_compared_with_threshold(run))
    # Rows are in the order of periods and versions, so the last row of an interval decides for the whole interval.
    below = {interval: is_below for _, interval, is_below, _ in judged}
    for at, interval, _, amount in judged:
        found[at].below = (found[at].below or 0) + (amount if below[interval] else 0)
    return found


def _compared_with_threshold(run: Run) -> Iterator[tuple[str, tuple[object, ...], bool, int]]:
    """Compare each payout that has a quota with the threshold of its plan.

    The comparison multiplies crosswise, so it is exact. A quota of zero is never below the threshold.

    Yields:
        The component's key; the plan, component, payee and interval of the payout; True if the payee's attainment is
        below the threshold; and the amount in minor units.
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
    """Yield the component key of each payout and the named columns; whole numbers become Python integers."""
    table = run.result.payouts
    columns = (table[name] for name in names)
    values = (integers(column) if column.type == WHOLE else column.to_pylist() for column in columns)
    yield from zip(component_keys(table).to_pylist(), *values, strict=True)


def _report(run: Run, version: PlanVersion, component: Component, sums: _Sums) -> ComponentReport:
    """Return the report of a component, without flags. Sums become amounts in the plan's currency."""
    cent = 10 ** minor_places(version.currency)
    paid = sums.paid.values()
    report = ComponentReport(version=version, component=component, cost=Fraction(sum(paid), cent))
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
    """Return the flags of a report: pay without revenue, and the watches that it crosses."""
    flags = []
    if report.cost > 0 and report.revenue is not None and report.revenue <= 0:
        source = place(run.program, report.component.span)
        flags.append(Flag(figure=Figure.COST_OF_SALES, value=None, watch=None, at_stake=report.cost, source=source))
    for watch in report.version.watches:
        if watch.component != report.component.name:
            continue
        value = report.figure(watch.figure)
        if value is not None and COMPARE[watch.operator](value, watch.limit):
            flags.append(
                Flag(
                    figure=watch.figure,
                    value=value,
                    watch=watch,
                    at_stake=_at_stake(report, watch),
                    source=place(run.program, watch.span),
                )
            )
    return flags


def _at_stake(report: ComponentReport, watch: Watch) -> Fraction:
    """Return the money on the wrong side of a watch's line.

    A share of payees has no such amount, so it returns the whole cost.
    """
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


# ---- components.csv ---------------------------------------------------------------------------

#: Decimals of the ratios in components.csv, rounded half up.
RATIO_PLACES = 6

#: The columns of components.csv: their values as texts. Money and ratios are rounded half up.
COMPONENT_COLUMNS: dict[str, Callable[[ComponentReport], object]] = {
    "plan": lambda report: report.version.name,
    "plan_version": lambda report: report.version.version,
    "component": lambda report: report.component.name,
    "kind": lambda report: str(report.component.kind),
    "currency": lambda report: report.version.currency,
    "cost": lambda report: _money(report, report.cost),
    "credited_revenue": lambda report: _money(report, report.revenue),
    "cost_of_sales": lambda report: rounded_text(report.cost_of_sales, RATIO_PLACES),
    "payees": lambda report: report.payees,
    "payees_paid": lambda report: report.payees_paid,
    "share_of_payees_paid": lambda report: rounded_text(report.share_paid, RATIO_PLACES),
    "cost_below_threshold": lambda report: _money(report, report.below),
    "share_of_cost_below_threshold": lambda report: rounded_text(report.share_below, RATIO_PLACES),
    "premium": lambda report: _money(report, report.premium),
    "flags": lambda report: "; ".join(f"{flag.figure} ({flag.source})" for flag in report.flags),
}


def component_row(report: ComponentReport) -> dict[str, object]:
    """Return a component's figures by the columns of components.csv."""
    return {name: value(report) for name, value in COMPONENT_COLUMNS.items()}


def _money(report: ComponentReport, amount: Fraction | None) -> str | None:
    """Return money as a decimal text with the places of the minor unit; None for None."""
    return rounded_text(amount, minor_places(report.version.currency))
