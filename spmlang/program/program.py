"""The typed, checked program: what every later form is made from. Meaning: docs/decisions/0002-meaning-of-a-run.md.

Everything here is resolved (names point at things that exist), typed, dated and proven: no later pass finds a mistake in
plan text. All dates are inclusive at both ends; `through` is None for an open end.
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
from spmlang.values.rounding import Mode

from .expressions import Expr, Value
from .measures import DateRange, Measure, Territory
from .payment_terms import Hold, Release, ReleaseWith, Terms
from .pools_and_contests import Budget, Contest, Pool
from .quotas import Days, Quota


class Basis(StrEnum):
    """What a tier's bounds measure."""

    ATTAINMENT = "attainment"
    AMOUNT = "amount"


class TierMode(StrEnum):
    """Marginal: each slice at its own value. Retroactive: the reached value applies to the whole measure."""

    MARGINAL = "marginal"
    RETROACTIVE = "retroactive"


@dataclass(frozen=True)
class Tier:
    """Half open: low <= x < high; `high` None is "and above". `value` is multiplied with the measure in the tier."""

    low: Fraction
    high: Fraction | None
    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Tiers:
    """A tier table on the component's measure: ascending, starting at zero, without gap or overlap, open at the top.

    What lies below zero (net returns) belongs to the first tier. `quota` names the quota of a table by attainment.
    """

    measure: str
    quota: str
    basis: Basis
    mode: TierMode
    rows: tuple[Tier, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Formula:
    """`pays` expression: money."""

    value: Expr
    span: Span = field(compare=False, repr=False)


class RoundPer(StrEnum):
    """Where a component rounds."""

    LINE = "line"
    PERIOD = "payee and period"


@dataclass(frozen=True)
class Rounding:
    """To a multiple of `step` (in the plan's currency; a multiple of its minor unit)."""

    per: RoundPer
    step: Fraction
    mode: Mode
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Cap:
    """At most this much per payee in every interval of `grain` (a payee expression, money)."""

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
    """`when` or `gate`: the component's entitlement to date is zero while it does not hold."""

    word: str  # "when" or "gate"
    test: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Component:
    """One earning mechanism. It accumulates over `accumulates` (or over `window`) and is due at the end of each `due`.

    `due` equals `accumulates`, or is the pay period for "year to date" and the like. With a `window`, both are ignored: it
    accumulates over the window and is due in the pay period in which the window ends.
    With `prorated` what it pays by the end of the interval counts for the part of the interval's days that the payee is on the
    version, for the days of each roster row by that row.
    `measures` names every measure it reads, `uses` the components whose earnings it reads, `earlier` those whose earnings of
    shorter intervals; `at_end`: it asks whether the payee is there on the last day. `main` is the one it is on, or the only
    one it pays on, or the only one it reads.
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
    longer: tuple[tuple[str, Grain], ...]  # measures that are read over longer intervals than its own
    uses: tuple[Component, ...]
    earlier: tuple[str, ...]
    at_end: bool
    main: str | None
    quota: str | None  # the quota that the main measure's attainment is shown against
    span: Span = field(compare=False, repr=False)

    @property
    def paid_by_line(self) -> bool:
        """Whether each line is paid when its own row says so."""
        return isinstance(self.release, ReleaseWith) or (
            isinstance(self.release, Hold) and self.release.column is not None
        )


def earlier_by_name(components: Iterable[Component]) -> dict[str, set[str]]:
    """Whose earlier earnings a component reads in any version: those of one name count, whatever their version."""
    found: dict[str, set[str]] = {}
    for item in components:
        found.setdefault(item.name, set()).update(item.earlier)
    return found


class Figure(StrEnum):
    """The figures of the component report that a watch can look at."""

    COST = "cost"
    COST_OF_SALES = "cost of sales"
    PREMIUM = "premium"
    SHARE_PAID = "share of payees paid"
    SHARE_BELOW = "share of cost below threshold"


@dataclass(frozen=True)
class Watch:
    """Flag the component when `figure operator limit`."""

    component: str
    figure: Figure
    operator: str
    limit: Fraction
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class AssignedMembers:
    """Members are the payees whose rows in an assignments table (payee, plan, dates) name this plan."""

    table: str


@dataclass(frozen=True)
class PlanVersion:
    """One version of a plan with its changes applied: complete in itself.

    `effective` has its real end: the day before the next version where the text leaves it open.
    `quotas` are the quotas its components may use, by name (the plan's own before the project's).
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
    revenue: str | None  # the money measure that stands for revenue where a component's own measure is not money
    watches: tuple[Watch, ...]
    terms: Terms
    reason: str | None
    span: Span = field(compare=False, repr=False)

    def pots(self) -> frozenset[str]:
        """The components whose earnings go into a pool."""
        pools = (item.shared for item in self.components if isinstance(item.shared, Pool))
        return frozenset(pool.component for pool in pools if pool.component is not None)

    def together(self) -> frozenset[str]:
        """The components whose amounts depend on what other payees earn."""
        return self.pots() | {
            item.name for item in self.components if item.budget is not None or item.shared is not None
        }

    def component(self, name: str) -> Component | None:
        """The component of that name, if any."""
        return next((item for item in self.components if item.name == name), None)

    def revenue_of(self, component: Component, measures: dict[str, Measure]) -> str | None:
        """The measure that counts as the component's credited revenue: its own if that is money, or the plan's `revenue`."""
        if component.main is not None and measures[component.main].type.currency == self.currency:
            return component.main
        return self.revenue


@dataclass(frozen=True)
class Given:
    """A fact of an example: what a measure brought, a quota, what a component earned before, or a roster column."""

    kind: str  # "measure", "quota", "earning" or "payee"
    name: str  # of the measure, the quota, the component or the column
    value: Value
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Expectation:
    """The amount a component must pay."""

    component: str
    amount: Fraction
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Example:
    """A worked case beside the plan: all given measures fall in the pay period that holds `on`, nothing came before."""

    title: str
    plan: PlanVersion
    on: date
    given: tuple[Given, ...]
    expect: tuple[Expectation, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Program:
    """Everything a run needs to know, apart from the data.

    `root` is the folder of the project as the user named it. `contracts` are the declared sources by name. `roster`,
    `managers` name the sources that play these parts. `plans` are sorted by name and version. `files` are the plan files read,
    by path, for the manifest.
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
        """A file's path below the project's folder: the same wherever the project lies."""
        return path.removeprefix(f"{self.root}/")

    def reading_order(self, plan: str) -> list[tuple[PlanVersion, Component]]:
        """The components of all versions of a plan, each behind those whose earlier earnings it reads; none in a circle."""
        pairs = [(version, item) for version in self.plans if version.name == plan for item in version.components]
        reads = earlier_by_name(item for _, item in pairs)

        @cache
        def depth(name: str) -> int:
            return max((1 + depth(other) for other in reads.get(name, ())), default=0)

        return sorted(pairs, key=lambda pair: depth(pair[1].name))

    def component_names(self) -> dict[str, frozenset[str]]:
        """The components of each plan, those of all its versions together."""
        found: dict[str, frozenset[str]] = {}
        for version in self.plans:
            own = frozenset(item.name for item in version.components)
            found[version.name] = found.get(version.name, frozenset()) | own
        return found

    def first_come(self, plan: str, component: str) -> bool:
        """Whether a budget of the component, in some version, is used up line by line."""
        found = (version.component(component) for version in self.plans if version.name == plan)
        return any(item is not None and item.budget is not None and item.budget.first_come for item in found)

    def first_day(self) -> date | None:
        """The first day whose credits can count for any plan: the start of the earliest interval that accumulates."""
        return min((self._first_day(plan) for plan in self.plans), default=None)

    def _first_day(self, plan: PlanVersion) -> date:
        calendar, start = self.calendar, plan.effective.start
        days = [calendar.pay_period(start).start]
        for component in plan.components:
            first = (
                component.window.start if component.window else calendar.interval(start, component.accumulates).start
            )
            starts = [first, *(calendar.interval(start, over).start for _, over in component.longer)]
            days += [*starts, *(self.decides(name, first) for name in component.measures)]
            days += [self.looks_back(quota, day) for quota in plan.quotas.values() for day in starts]
        return min(days)

    def due_since(self, version: PlanVersion, component: Component, first: Interval) -> date:
        """The first day of what falls due in the pay period `first` or later, by the component or by what reads its earnings."""
        plans = (plan for plan in self.plans if plan.name == version.name)
        readers = (item for plan in plans for item in plan.components if component.name in item.earlier)
        return min(self._due_since(item, first) for item in (component, *readers))

    def _due_since(self, component: Component, first: Interval) -> date:
        if component.window is None:
            return self.calendar.interval(first.start, component.due).start
        through = component.window.through
        return component.window.start if through is None or through >= first.start else date.max

    def looks_back(self, quota: Quota, day: date) -> date:
        """The first day whose results are a target of the interval that holds the day; the day itself without such."""
        whole = self.calendar.interval(day, quota.given)
        days = (self.decides(node.measure, self.calendar.earlier(whole, node.back).start) for node in quota.earlier)
        return min(days, default=day)

    def decides(self, measure: str, day: date) -> date:
        """The first day that decides what a measure brings from `day` on: of unlike values each interval has a first one."""
        found = self.measures[measure]
        if found.rollup is not None:
            return self.decides(found.rollup.measure, day)
        return day if found.distinct is None else self.calendar.interval(day, found.distinct.grain).start
