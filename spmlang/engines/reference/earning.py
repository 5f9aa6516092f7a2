"""From standings to earnings: every interval that falls due, slice by slice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Protocol

from spmlang.engines.result import Request
from spmlang.model.expressions import longer_key
from spmlang.model.program import Component, PlanVersion, Quota, RoundPer
from spmlang.source.diagnostics import Diagnostic
from spmlang.values.calendar import Grain, Interval
from spmlang.values.money import minor_places
from spmlang.values.rounding import Mode, div_round, round_to

from .crediting import Credit
from .entitlement import NOTHING, Entitled, entitle, lowest_value, wanted_targets
from .evaluate import Scene, Target
from .facts import Facts, Refused
from .membership import Stretch, stretches
from .standing import Book, Quotas

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Move:
    """What one credit changed, rounded by the component's rule; without a credit: what moves at a slice's start by itself."""

    credit: Credit | None
    day: date
    amount: Fraction


@dataclass(frozen=True)
class Standing:
    """Measures to date and the entitlement they give."""

    measures: dict[str, Fraction]
    entitled: Entitled


@dataclass(frozen=True)
class Slice:
    """Days of one due interval with one roster row. `before` is the standing on the day before, judged by this row."""

    stretch: Stretch
    before: Standing
    after: Standing
    moves: tuple[Move, ...] | None  # None unless asked for, or needed for rounding

    @property
    def earned(self) -> Fraction:
        """Rounded money."""
        if self.moves is not None:
            return sum((move.amount for move in self.moves), Fraction(0))
        return self.after.entitled.rounded - self.before.entitled.rounded


@dataclass
class Earning:
    """A payout row in the making. Amounts in minor units."""

    payee: str
    version: PlanVersion
    component: Component
    period: Interval
    start: date  # of the interval over which the component accumulates
    targets: dict[str, Target]
    slices: list[Slice]
    credited: Fraction | None
    revenue: Fraction | None
    lowest: int | None
    earned: int
    amount: int = field(default=0)
    limits: list[tuple[str, int]] = field(default_factory=list)  # which limit left how much

    @property
    def last(self) -> Stretch:
        """The last days that count."""
        return self.slices[-1].stretch


#: The first day of each interval over which measures are read: the component's own (None), and longer ones.
Starts = dict[tuple[str, Grain | None], date]


class Targets(Protocol):
    """Where quotas come from."""

    def target(self, quota: Quota, payee: str, interval: Interval) -> Target:
        """The payee's quota for an interval."""
        ...


class Earner:
    """Computes earnings payee by payee."""

    def __init__(
        self, facts: Facts, book: Book, request: Request, problems: list[Diagnostic], quotas: Targets | None = None
    ) -> None:
        self.facts = facts
        self.book = book
        self.request = request
        self.problems = problems
        self.quotas = quotas or Quotas(facts, problems)

    def earnings(
        self, payee: str, plans: tuple[PlanVersion, ...] | None = None, *, together_only: bool = False
    ) -> Iterator[Earning]:
        """All earnings of a payee (on some plans) that fall due up to the last requested period, earlier ones too.

        `together_only`: only of components whose amounts depend on what others earn.
        """
        for versions in _by_plan(self.facts.program.plans if plans is None else plans).values():
            if together_only and not any(version.together() for version in versions):
                continue
            days = {}
            for version in versions:
                try:
                    days[version.version] = stretches(self.facts, version, payee, self.request.last.end)
                except Refused as refused:
                    self.problems.append(refused.diagnostic)
            for version in versions:
                own = days.get(version.version, [])
                for component in version.components if own else ():
                    if not together_only or component.name in version.together():
                        yield from self._component(payee, version, component, own, days)

    def _component(
        self,
        payee: str,
        version: PlanVersion,
        component: Component,
        own: list[Stretch],
        days: dict[int, list[Stretch]],
    ) -> Iterator[Earning]:
        for due in self._due(component, own):
            parts = [part for stretch in own for part in self._periods(stretch.cut(due.start, due.end))]
            if not parts:
                continue
            start, _ = self._accumulates(component, due)
            try:
                yield self.earning(payee, version, component, due, parts, _first_day(days, start))
            except Refused as refused:
                self.problems.append(refused.diagnostic)

    def due_interval(self, component: Component, day: date) -> Interval:
        """The interval that falls due as a whole and holds the day; with a window, the window."""
        calendar = self.facts.program.calendar
        if component.window is None:
            return calendar.interval(day, component.due)
        end = component.window.through
        assert end is not None
        period = calendar.pay_period(end)
        return Interval(period.grain, component.window.start, end, period.label, period.index)

    def _due(self, component: Component, own: list[Stretch]) -> list[Interval]:
        calendar, last = self.facts.program.calendar, self.request.last
        if component.window is not None:
            intervals = [self.due_interval(component, own[0].start)]
        else:
            intervals = calendar.intervals(component.due, own[0].start, own[-1].end)
        return [interval for interval in intervals if calendar.pay_period(interval.end).index <= last.index]

    def _accumulates(self, component: Component, due: Interval) -> tuple[date, Interval | None]:
        if component.window is not None:
            return component.window.start, None
        interval = self.facts.program.calendar.interval(due.end, component.accumulates)
        return interval.start, interval

    def _periods(self, stretch: Stretch | None) -> list[Stretch]:
        """The stretch, cut where pay periods start."""
        if stretch is None:
            return []
        calendar = self.facts.program.calendar
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
        parts: list[Stretch],
        first_day: date | None,
    ) -> Earning:
        """What the days of a due interval earned. Raises Refused for an absent value.

        `first_day` is the payee's first day on the plan in the interval over which the component accumulates.
        """
        start, interval = self._accumulates(component, due)
        targets = {}
        calendar = self.facts.program.calendar
        if interval is not None:
            for name, over in sorted(wanted_targets(component), key=str):
                whole = interval if over is None else calendar.interval(due.end, over)
                targets[longer_key(name, over)] = self.quotas.target(version.quotas[name], payee, whole)
        starts: Starts = {(name, None): start for name in component.measures}
        starts |= {(name, over): calendar.interval(due.end, over).start for name, over in component.longer}
        slices = [self._slice(payee, component, start, starts, part, targets, first_day) for part in parts]
        places = minor_places(version.currency)
        earned = _minor(sum((item.earned for item in slices), Fraction(0)), places)
        return Earning(
            payee,
            version,
            component,
            self.facts.program.calendar.pay_period(due.end),
            start,
            targets,
            slices,
            self._credited(payee, component.main, parts),
            self._credited(payee, version.revenue_of(component, self.facts.program.measures), parts),
            self._lowest(payee, component, slices, places),
            earned,
            earned,
        )

    def _slice(
        self,
        payee: str,
        component: Component,
        start: date,
        starts: Starts,
        part: Stretch,
        targets: dict[str, Target],
        first_day: date | None,
    ) -> Slice:
        day_before = part.start - _DAY
        before = self._standing(payee, component, starts, day_before, part, targets)
        after = self._standing(payee, component, starts, part.end, part, targets)
        # Before the interval, and before the first day of a component that reads no measure, nothing is earned yet.
        fresh = day_before < start or (not component.measures and part.start == first_day)
        known = Standing(before.measures, NOTHING) if fresh else before
        moves = None
        if component.rounding.per is RoundPer.LINE or self.request.lines:
            moves = tuple(self._moves(payee, component, part, targets, known, before))
        return Slice(part, known, after, moves)

    def _standing(
        self, payee: str, component: Component, starts: Starts, day: date, part: Stretch, targets: dict[str, Target]
    ) -> Standing:
        measures = {
            longer_key(name, over): self.book.value(name, payee, start, day) for (name, over), start in starts.items()
        }
        return Standing(measures, entitle(component, Scene(self.facts, part.row, part.end, measures, targets)))

    def _moves(
        self,
        payee: str,
        component: Component,
        part: Stretch,
        targets: dict[str, Target],
        known: Standing,
        before: Standing,
    ) -> Iterator[Move]:
        """Walk the slice's credits one by one."""
        per_line = component.rounding.per is RoundPer.LINE

        def change(earlier: Entitled, later: Entitled) -> Fraction:
            if per_line:
                return round_to(later.exact - earlier.exact, component.rounding.step, component.rounding.mode)
            return later.rounded - earlier.rounded

        flat = change(known.entitled, before.entitled)
        if flat:
            yield Move(None, part.start, flat)
        measures, entitled = dict(before.measures), before.entitled
        for credit in self.book.credits(component.measures, payee, part.start, part.end):
            measures[credit.measure] += credit.amount
            for name, over in component.longer:
                if name == credit.measure:
                    measures[longer_key(name, over)] += credit.amount
            reached = entitle(component, Scene(self.facts, part.row, part.end, measures, targets))
            yield Move(credit, credit.day, change(entitled, reached))
            entitled = reached

    def _credited(self, payee: str, measure: str | None, parts: list[Stretch]) -> Fraction | None:
        """What these days brought of a measure."""
        if measure is None:
            return None
        return sum((self.book.value(measure, payee, part.start, part.end) for part in parts), Fraction(0))

    def _lowest(self, payee: str, component: Component, slices: list[Slice], places: int) -> int | None:
        """What the lowest tier's value would have paid on everything."""
        total = Fraction(0)
        for item in slices:
            part = item.stretch
            value = lowest_value(component, Scene(self.facts, part.row, part.end))
            if value is None:
                return None
            total += value * self.book.value(str(component.main), payee, part.start, part.end)
        return rounded_minor(total, places)


def rounded_minor(amount: Fraction, places: int) -> int:
    """Money in minor units, half up."""
    units = amount * 10**places
    return div_round(units.numerator, units.denominator, Mode.HALF_UP)


def _minor(amount: Fraction, places: int) -> int:
    units = amount * 10**places
    assert units.denominator == 1, "every component rounds to a multiple of the minor unit"
    return int(units)


def _by_plan(versions: tuple[PlanVersion, ...]) -> dict[str, list[PlanVersion]]:
    found: dict[str, list[PlanVersion]] = {}
    for version in versions:
        found.setdefault(version.name, []).append(version)
    return found


def _first_day(days: dict[int, list[Stretch]], start: date) -> date | None:
    """The first day from `start` on which the payee is on any version of the plan."""
    return min((max(item.start, start) for own in days.values() for item in own if item.end >= start), default=None)
