"""The typed, checked program. Every later form of a plan is built from it. Meaning:
docs/decisions/0002-meaning-of-a-run.md.

All names are resolved, and everything is typed, dated and proven, so no later pass finds a mistake in plan text. All
date ranges include both ends; `through` is None for an open end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from functools import cache

from spmlang.diagnostics.text import Span
from spmlang.project.contract import Contract
from spmlang.values.calendar import Calendar, Grain, Interval

from .expressions import Expr, Value
from .measures import DateRange, Measure, Territory
from .pay_rules import Formula, Rounding, Tiers
from .payment_terms import Hold, Release, ReleaseWith, Terms
from .pools_and_contests import Budget, Contest, Pool
from .quotas import Days, Quota


@dataclass(frozen=True)
class Cap:
    """The most that one payee gets in each interval of `grain`. `limit` is a payee expression of type money."""

    limit: Expr
    grain: Grain
    span: Span = field(compare=False, repr=False)


class ComponentKind(StrEnum):
    """The field's words for a component."""

    COMMISSION = "commission"
    BONUS = "bonus"
    SPIF = "spif"


@dataclass(frozen=True)
class Condition:
    """A `when` or `gate`: the component's entitlement to date is zero while the condition is false."""

    word: str  # "when" or "gate"
    test: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Component:
    """One component of a plan version: it accumulates over `accumulates` and is due at the end of each `due`.

    Attributes:
        due: Equals `accumulates`, or is the pay period for "year to date" and the like.
        window: If set, the component accumulates over the window instead and is due in the pay period in which the
            window ends; `accumulates` and `due` are ignored.
        prorated: If set, the entitlement at the end of the interval counts for the part of the interval's days on which
            the payee is on the version. Each roster row counts for its own days.
        code: Payroll's earning code.
        measures: All measures that the component reads, also through other components.
        longer: Measures that it reads over longer intervals than its own.
        uses: The components whose earnings it reads.
        earlier: The components of shorter intervals whose earnings it reads.
        at_end: True if it reads whether the payee is on the plan on the last day of the interval.
        main: The measure that it is `on`. Without `on`, the only measure that its pay reads, or the only one it reads
            at all.
        quota: The quota that the attainment of the main measure is shown against.
    """

    kind: ComponentKind
    name: str
    label: str
    accumulates: Grain
    due: Grain
    window: DateRange | None
    prorated: Days | None
    pay: Tiers | Formula
    conditions: tuple[Condition, ...]
    caps: tuple[Cap, ...]
    budget: Budget | None
    shared: Contest | Pool | None
    rounding: Rounding
    release: Hold | Release | ReleaseWith | None
    code: str | None  # payroll's earning code
    measures: tuple[str, ...]
    longer: tuple[tuple[str, Grain], ...]  # read over longer intervals than its own
    uses: tuple[Component, ...]
    earlier: tuple[str, ...]
    at_end: bool
    main: str | None
    quota: str | None  # the main measure's attainment is shown against it
    span: Span = field(compare=False, repr=False)

    @property
    def paid_by_line(self) -> bool:
        """True if the time of payment of each line depends on its own row."""
        return isinstance(self.release, ReleaseWith) or (
            isinstance(self.release, Hold) and self.release.column is not None
        )


def earlier_readings_by_name(components: Iterable[Component]) -> dict[str, set[str]]:
    """Return the components whose earlier earnings each component reads, by name, in any version."""
    found: dict[str, set[str]] = {}
    for item in components:
        found.setdefault(item.name, set()).update(item.earlier)
    return found


class Figure(StrEnum):
    """The figures of the component report that a watch can compare."""

    COST = "cost"
    COST_OF_SALES = "cost of sales"
    PREMIUM = "premium"
    SHARE_PAID = "share of payees paid"
    SHARE_BELOW = "share of cost below threshold"


@dataclass(frozen=True, kw_only=True)
class Watch:
    """A watch: flag the component when `figure operator limit` holds."""

    component: str
    figure: Figure
    operator: str
    limit: Fraction
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class AssignedMembers:
    """Membership by an assignments table (payee, plan, dates): its rows that name this plan give the members."""

    table: str


@dataclass(frozen=True, kw_only=True)
class PlanVersion:
    """One version of a plan with all its changes applied, so that it is complete in itself.

    `effective` has its real end: the day before the next version if the text leaves the end open. `quotas` are the
    quotas that its components may use, by name. A quota of the plan hides one of the project with the same name.
    """

    name: str
    version: int
    label: str
    effective: DateRange
    members: Expr | AssignedMembers
    currency: str
    components: tuple[Component, ...]
    quotas: dict[str, Quota]
    cap: Cap | None
    threshold: Fraction  # attainment below which pay counts as "below threshold" in the component report
    revenue: str | None  # the money measure that counts as revenue if a component's own measure is not money
    watches: tuple[Watch, ...]
    terms: Terms
    reason: str | None
    span: Span = field(compare=False, repr=False)

    def pot_components(self) -> frozenset[str]:
        """Return the names of the components whose earnings are put into a pool."""
        pools = (item.shared for item in self.components if isinstance(item.shared, Pool))
        return frozenset(pool.component for pool in pools if pool.component is not None)

    def interdependent_components(self) -> frozenset[str]:
        """Return the names of the components whose amounts depend on the earnings of other payees."""
        return self.pot_components() | {
            item.name for item in self.components if item.budget is not None or item.shared is not None
        }

    def component(self, name: str) -> Component | None:
        """Return the component with this name, or None."""
        return next((item for item in self.components if item.name == name), None)

    def revenue_of(self, component: Component, measures: dict[str, Measure]) -> str | None:
        """Return the measure that counts as the component's credited revenue, or None.

        It is the component's main measure if that is money in the plan's currency, else the plan's `revenue`.
        """
        if component.main is not None and measures[component.main].type.currency == self.currency:
            return component.main
        return self.revenue


@dataclass(frozen=True)
class Given:
    """A fact of an example: the value of a measure, a quota, an earlier earning or a roster column."""

    kind: str  # "measure", "quota", "earning" or "payee"
    name: str  # of the measure, the quota, the component or the column
    value: Value
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Expectation:
    """The amount that a component must pay in an example."""

    component: str
    amount: Fraction
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Example:
    """A worked case beside the plan.

    All given measures count in the pay period that holds `on`; there are no earlier results.
    """

    title: str
    plan: PlanVersion
    on: date
    given: tuple[Given, ...]
    expect: tuple[Expectation, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Program:
    """All that a run needs to know apart from the data.

    Attributes:
        contracts: The declared sources by name.
        roster: The source with the role of the roster.
        managers: The source with the reporting line.
        plans: Sorted by name and start.
        files: The texts of the plan files by path, for the manifest.
        root: The folder of the project, as the user named it.
    """

    name: str
    calendar: Calendar
    contracts: dict[str, Contract]
    roster: str
    managers: str | None
    measures: dict[str, Measure]
    territories: tuple[Territory, ...]
    plans: tuple[PlanVersion, ...]
    examples: tuple[Example, ...]
    files: dict[str, str] = field(repr=False)
    root: str = field(compare=False)

    def shown(self, path: str) -> str:
        """Return a file's path below the project's folder, so that it is equal wherever the project is stored."""
        return path.removeprefix(f"{self.root}/")

    def reading_order(self, plan: str) -> list[tuple[PlanVersion, Component]]:
        """Return the components of all versions of a plan, each after those whose earlier earnings it reads.

        There are no circles, because the check refuses them.
        """
        pairs = [(version, item) for version in self.plans if version.name == plan for item in version.components]
        reads = earlier_readings_by_name(item for _, item in pairs)

        @cache
        def depth(name: str) -> int:
            return max((1 + depth(other) for other in reads.get(name, ())), default=0)

        return sorted(pairs, key=lambda pair: depth(pair[1].name))

    def component_names(self) -> dict[str, frozenset[str]]:
        """Return the names of the components of each plan, from all its versions."""
        found: dict[str, frozenset[str]] = {}
        for version in self.plans:
            own = frozenset(item.name for item in version.components)
            found[version.name] = found.get(version.name, frozenset()) | own
        return found

    def first_come(self, plan: str, component: str) -> bool:
        """Return True if the component has a first-come budget in any version of the plan."""
        found = (version.component(component) for version in self.plans if version.name == plan)
        return any(item is not None and item.budget is not None and item.budget.first_come for item in found)

    def first_credited_day(self) -> date | None:
        """Return the first day whose credits can count for any plan; None without plans."""
        return min((self._first_credited_day(plan) for plan in self.plans), default=None)

    def _first_credited_day(self, plan: PlanVersion) -> date:
        calendar, start = self.calendar, plan.effective.start
        days = [calendar.pay_period(start).start]
        for component in plan.components:
            first = (
                component.window.start if component.window else calendar.interval(start, component.accumulates).start
            )
            starts = [first, *(calendar.interval(start, over).start for _, over in component.longer)]
            days += [*starts, *(self.first_deciding_day(name, first) for name in component.measures)]
            days += [self.first_day_of_targets(quota, day) for quota in plan.quotas.values() for day in starts]
        return min(days)

    def first_due_day(self, version: PlanVersion, component: Component, first: Interval) -> date:
        """Return the first day of the earliest interval that is due in pay period `first` or later.

        The intervals of the component count, and those of components that read its earlier earnings.
        """
        plans = (plan for plan in self.plans if plan.name == version.name)
        readers = (item for plan in plans for item in plan.components if component.name in item.earlier)
        return min(self._first_due_day(item, first) for item in (component, *readers))

    def _first_due_day(self, component: Component, first: Interval) -> date:
        if component.window is None:
            return self.calendar.interval(first.start, component.due).start
        through = component.window.through
        return component.window.start if through is None or through >= first.start else date.max

    def first_day_of_targets(self, quota: Quota, day: date) -> date:
        """Return the first day whose results are part of the target of the interval that holds `day`.

        It is `day` itself if the quota reads no earlier results.
        """
        whole = self.calendar.interval(day, quota.given)
        days = (
            self.first_deciding_day(node.measure, self.calendar.earlier(whole, node.back).start)
            for node in quota.earlier
        )
        return min(days, default=day)

    def first_deciding_day(self, measure: str, day: date) -> date:
        """Return the earliest day whose rows affect the measure from `day` on.

        For `count distinct` this is the start of the counting interval, because the first row of each value in it
        counts.
        """
        found = self.measures[measure]
        if found.rollup is not None:
            return self.first_deciding_day(found.rollup.measure, day)
        return day if found.distinct is None else self.calendar.interval(day, found.distinct.grain).start
