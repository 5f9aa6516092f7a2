"""Earnings from measures to date, for every interval that falls due, slice by slice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Protocol

from spmlang.diagnostics.diagnostic import Diagnostic
from spmlang.program.program import Component, PlanVersion
from spmlang.program.quotas import Quota
from spmlang.program.reads import quotas_used
from spmlang.reference.attainment.measures_to_date import CreditTotals
from spmlang.reference.attainment.quotas import Quotas
from spmlang.reference.payees.plan_members import MembershipSpan, membership_spans
from spmlang.reference.sources.expressions import EvaluationContext, Target
from spmlang.reference.sources.rows import MissingValue, SourceRows
from spmlang.results import Request
from spmlang.values.calendar import Calendar, Interval
from spmlang.values.money import minor_places
from spmlang.values.rounding import Mode, apportion, div_round

from .earnings_by_slice import EarningContext, IntervalStarts, LineDelta, Slice, SliceBuilder
from .entitlement import lowest_value


@dataclass(kw_only=True)
class Earning:
    """A payout before it is final. Amounts are in minor units."""

    payee: str
    version: PlanVersion
    component: Component
    period: Interval
    start: date  # the first day of the interval over which the component accumulates
    targets: dict[str, Target]
    slices: list[Slice]
    measure: Fraction | None  # the component's main measure to date
    credited: Fraction | None
    revenue: Fraction | None
    lowest: int | None
    earned: int
    amount: int
    limits: list[tuple[str, int]] = field(default_factory=list)  # (limit, amount that it left), in order
    shared: int | None = field(default=None)  # the share of a pot, before caps and budgets
    requested: list[int] | None = field(default=None)  # by line delta: the amount before a first-come budget
    granted: list[int] | None = field(default=None)  # by line delta: the amount after that budget

    @property
    def exact(self) -> Fraction:
        """The earning before any rounding and limit, by which pools and contests share."""
        return sum((item.exact for item in self.slices), Fraction(0))

    def limit_by(self, limit: str, amount: int) -> None:
        """Set the amount that a limit leaves, and note the limit if the amount changed."""
        if amount != self.amount:
            self.limits.append((limit, amount))
        self.amount = amount

    @property
    def last(self) -> MembershipSpan:
        """The last span of days that counts."""
        return self.slices[-1].stretch


def grouped(
    items: Iterable[Earning], key: Callable[[Earning], Hashable], *, ordered: bool = False
) -> list[list[Earning]]:
    """Group earnings by a key. `ordered`: sort the groups by it."""
    found: dict[Hashable, list[Earning]] = defaultdict(list)
    for item in items:
        found[key(item)].append(item)
    return [found[at] for at in sorted(found)] if ordered else list(found.values())  # type: ignore[type-var]


def shared_lines(earning: Earning) -> list[tuple[LineDelta, int]]:
    """Return each line delta of an earning with its amount after caps and budgets, in minor units.

    The amounts sum to the earning's amount.
    """
    scale = 10 ** minor_places(earning.version.currency)
    deltas = [delta for item in earning.slices for delta in item.deltas or ()]
    amounts = earning.granted if earning.granted is not None else [int(delta.amount * scale) for delta in deltas]
    if earning.amount != sum(amounts):
        amounts = apportion(earning.amount, amounts)
    return list(zip(deltas, amounts, strict=True))


class Targets(Protocol):
    """A source of quotas."""

    def target(self, quota: Quota, payee: str, interval: Interval, begun: date | None = None) -> Target:
        """Return the payee's quota for an interval, of which only the part begun by a day counts."""
        ...


class EarningCalculator:
    """A calculator of the earnings of one payee after another.

    `sources`: the rows of the tables. `totals`: the credits. `problems`: receives the problems found. `quotas`: the source
    of quotas; by default computed from the tables. `since`: intervals that end before this day are left out.
    """

    def __init__(
        self,
        sources: SourceRows,
        totals: CreditTotals,
        *,
        request: Request,
        problems: list[Diagnostic],
        quotas: Targets | None = None,
        since: date = date.min,
    ) -> None:
        self.sources = sources
        self.totals = totals
        self.request = request
        self.since = since  # intervals that end before this day are left out
        self.problems = problems
        self.slicer = SliceBuilder(sources, totals, lines=request.lines)
        self._earned: dict[tuple[str, str, str], list[tuple[date, Fraction]]] = {}
        self.quotas = quotas or Quotas(sources, totals, problems)

    def earnings(
        self,
        payee: str,
        plans: tuple[PlanVersion, ...] | None = None,
        *,
        names: Collection[str] | None = None,
        interdependent_only: bool = False,
    ) -> Iterator[Earning]:
        """Yield all earnings of a payee that fall due up to the last requested pay period, earlier ones too.

        Args:
            payee: the payee.
            plans: the plan versions; None for all.
            names: only the components with these names; None for all.
            interdependent_only: only components whose amounts depend on what other payees earn.
        """
        for versions in _by_plan(self.sources.program.plans if plans is None else plans).values():
            if interdependent_only and not any(version.interdependent_components() for version in versions):
                continue
            days = {}
            for version in versions:
                try:
                    days[version.version] = membership_spans(self.sources, version, payee, self.request.last.end)
                except MissingValue as refused:
                    self.problems.append(refused.diagnostic)
            for version, component in self.sources.program.reading_order(versions[0].name):
                if names is not None and component.name not in names:
                    continue
                own = days.get(version.version, [])
                for earning in self._component(payee, version, component=component, own=own, days=days) if own else ():
                    if not interdependent_only or component.name in version.interdependent_components():
                        yield earning

    def _component(
        self,
        payee: str,
        version: PlanVersion,
        *,
        component: Component,
        own: list[MembershipSpan],
        days: dict[int, list[MembershipSpan]],
    ) -> Iterator[Earning]:
        """Yield the earnings of a component of a version.

        Args:
            payee: the payee.
            version: the version.
            component: the component.
            own: the payee's days on the version.
            days: the payee's days on all versions of the plan, by version number.
        """
        for due in self._due(component, own):
            parts = [part for stretch in own for part in self._periods(stretch.cut(due.start, due.end))]
            if not parts:
                continue
            start, _ = self._accumulates(component, due)
            stay = [part for own in days.values() for item in own if (part := item.cut(start, due.end)) is not None]
            on_plan = (min(part.start for part in stay), max(part.end for part in stay))
            try:
                yield self.earning(payee, version, component, due, parts=parts, on_plan=on_plan)
            except MissingValue as refused:
                self.problems.append(refused.diagnostic)

    def _due(self, component: Component, own: list[MembershipSpan]) -> list[Interval]:
        """Return the due intervals that overlap the payee's days on the version.

        They end by the last requested pay period, and not before `since`.
        """
        calendar, last = self.sources.program.calendar, self.request.last
        if component.window is not None:
            intervals = [due_interval(calendar, component, own[0].start)]
        else:
            intervals = calendar.intervals(component.due, own[0].start, own[-1].end)
        reached = (interval for interval in intervals if calendar.pay_period(interval.end).index <= last.index)
        return [interval for interval in reached if interval.end >= self.since]

    def _accumulates(self, component: Component, due: Interval) -> tuple[date, Interval | None]:
        """Return the first day over which the component accumulates up to a due interval, and that interval.

        The interval is None for a component with a window.
        """
        if component.window is not None:
            return component.window.start, None
        interval = self.sources.program.calendar.interval(due.end, component.accumulates)
        return interval.start, interval

    def _periods(self, stretch: MembershipSpan | None) -> list[MembershipSpan]:
        """Return the span cut at the first day of each pay period."""
        if stretch is None:
            return []
        calendar = self.sources.program.calendar
        cut = (
            stretch.cut(period.start, period.end)
            for period in calendar.intervals(calendar.pay, stretch.start, stretch.end)
        )
        return [part for part in cut if part is not None]

    def earning(
        self,
        payee: str,
        version: PlanVersion,
        component: Component,
        due: Interval,
        *,
        parts: list[MembershipSpan],
        on_plan: tuple[date, date],
    ) -> Earning:
        """Return the earning of a due interval.

        Args:
            payee: the payee.
            version: the plan version.
            component: the component.
            due: the interval that falls due.
            parts: the payee's days on the version in it, cut at pay periods.
            on_plan: the payee's first day on the plan in the interval over which the component accumulates, and the
                last one up to the end of `due`.

        Raises:
            MissingValue: if a value is absent.
        """
        start, interval = self._accumulates(component, due)
        context = EarningContext(
            payee=payee,
            version=version,
            component=component,
            due=due,
            start=start,
            starts=self._starts(component, due, start),
            targets={} if interval is None else self._targets(payee, version, component, interval, end=due.end),
            first=on_plan[0],
            last=on_plan[1],
            earned={name: self._earned.get((payee, version.name, name), []) for name in component.earlier},
        )
        slices = self.slicer.slices(context, parts)
        self.note(payee, version.name, component.name, day=due.end, amount=_earned(slices))
        return self._payout(context, parts, slices)

    def _starts(self, component: Component, due: Interval, start: date) -> IntervalStarts:
        """Return the first day over which each measure that the component reads is summed."""
        calendar = self.sources.program.calendar
        starts: IntervalStarts = {(name, None): start for name in component.measures}
        return starts | {(name, over): calendar.interval(due.end, over).start for name, over in component.longer}

    def _targets(
        self, payee: str, version: PlanVersion, component: Component, interval: Interval, *, end: date
    ) -> dict[str, Target]:
        """Return the quotas that a component reads, by key.

        Args:
            payee: the payee.
            version: the plan version.
            component: the component.
            interval: the interval over which the component accumulates.
            end: the last day of the interval that falls due.
        """
        targets = {}
        for key, use in quotas_used(component).items():
            whole = interval if use.over is None else self.sources.program.calendar.interval(end, use.over)
            begun = end if use.so_far else None
            targets[key] = self.quotas.target(version.quotas[use.quota], payee, whole, begun)
        return targets

    def _payout(self, context: EarningContext, parts: list[MembershipSpan], slices: list[Slice]) -> Earning:
        """Return the sum of slices, with the figures that reports show beside it."""
        payee, version, component = context.payee, context.version, context.component
        main, revenue = component.main, version.revenue_of(component, self.sources.program.measures)
        places = minor_places(version.currency)
        earned = _minor(_earned(slices), places)
        return Earning(
            payee=payee,
            version=version,
            component=component,
            period=self.sources.program.calendar.pay_period(context.due.end),
            start=context.start,
            targets=context.targets,
            slices=slices,
            measure=None if main is None else self.totals.value(main, payee, context.start, parts[-1].end),
            credited=self._credited(payee, main, parts),
            revenue=self._credited(payee, revenue, parts),
            lowest=self._lowest(context, slices, places),
            earned=earned,
            amount=earned,
        )

    def note(self, payee: str, plan: str, component: str, *, day: date, amount: Fraction) -> None:
        """Remember the earning of an interval that ends on `day`, for components with longer intervals."""
        self._earned.setdefault((payee, plan, component), []).append((day, amount))

    def _credited(self, payee: str, measure: str | None, parts: list[MembershipSpan]) -> Fraction | None:
        """Return the credits of a measure on these days; None without a measure."""
        if measure is None:
            return None
        return sum((self.totals.value(measure, payee, part.start, part.end) for part in parts), Fraction(0))

    def _lowest(self, context: EarningContext, slices: list[Slice], places: int) -> int | None:
        """Return what the lowest tier's value would have paid on all credits, in minor units; None without tiers.

        For a prorated slice this is on the credits of the whole interval, times the share of the slice's days.
        """
        total = Fraction(0)
        for item in slices:
            days = item.stretch
            value = lowest_value(context.component, EvaluationContext(sources=self.sources, row=days.row, day=days.end))
            if value is None:
                return None
            if item.days is not None:
                value *= Fraction(*item.days)
            first = days.start if item.days is None else context.start
            total += value * self.totals.value(str(context.component.main), context.payee, first, item.read_to)
        return rounded_minor(total, places)


def due_interval(calendar: Calendar, component: Component, day: date) -> Interval:
    """Return the due interval of a component that holds a day; with a window, the window."""
    if component.window is None:
        return calendar.interval(day, component.due)
    end = component.window.through
    assert end is not None
    period = calendar.pay_period(end)
    return Interval(grain=period.grain, start=component.window.start, end=end, label=period.label, index=period.index)


def _earned(slices: list[Slice]) -> Fraction:
    """Return the money that slices earned together."""
    return sum((item.earned for item in slices), Fraction(0))


def rounded_minor(amount: Fraction, places: int) -> int:
    """Return money in minor units, rounded half up."""
    units = amount * 10**places
    return div_round(units.numerator, units.denominator, Mode.HALF_UP)


def _minor(amount: Fraction, places: int) -> int:
    """Return money that is a multiple of the minor unit in minor units."""
    units = amount * 10**places
    assert units.denominator == 1, "every component rounds to a multiple of the minor unit"
    return int(units)


def _by_plan(versions: tuple[PlanVersion, ...]) -> dict[str, list[PlanVersion]]:
    found: dict[str, list[PlanVersion]] = {}
    for version in versions:
        found.setdefault(version.name, []).append(version)
    return found
