"""From standings to earnings: every interval that falls due, slice by slice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Protocol

from spmlang.data.tables import Row
from spmlang.engines.result import Request
from spmlang.model.expressions import longer_key
from spmlang.model.program import Component, PlanVersion, Quota, RoundPer
from spmlang.source.diagnostics import Diagnostic
from spmlang.values.calendar import Grain, Interval
from spmlang.values.money import minor_places
from spmlang.values.rounding import Mode, apportion, div_round, round_to

from .crediting import Credit
from .entitlement import NOTHING, Entitled, entitle, lowest_value, wanted_targets
from .evaluate import Scene, Target
from .facts import Facts, Refused
from .membership import Stretch, stretches
from .quotas import Quotas, count_days
from .standing import Book

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Move:
    """What one credit changed, rounded by the component's rule; without a credit: what moves at a slice's start by itself."""

    credit: Credit | None
    day: date
    amount: Fraction

    @property
    def order(self) -> tuple[date, bool, tuple[object, ...]]:
        """By day; what no credit moves comes first."""
        return (self.day, self.credit is not None, self.credit.order if self.credit is not None else ())


@dataclass(frozen=True)
class Standing:
    """Measures to date and the entitlement they give."""

    measures: dict[str, Fraction]
    entitled: Entitled


@dataclass(frozen=True)
class Slice:
    """Days of one due interval with one roster row. `before` is the standing on the day before, judged by this row.

    Of a component that is prorated the standing is that of the whole interval, of which `counted` of its `days` are paid.
    """

    stretch: Stretch
    before: Standing
    after: Standing
    moves: tuple[Move, ...] | None  # None unless asked for, or needed for rounding or for a budget
    days: tuple[int, int] | None = None  # how many days count, and of how many

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
    measure: Fraction | None  # the component's main measure to date
    credited: Fraction | None
    revenue: Fraction | None
    lowest: int | None
    earned: int
    amount: int = field(default=0)
    limits: list[tuple[str, int]] = field(default_factory=list)  # which limit left how much
    kept: list[int] | None = field(default=None)  # what a budget left of each move

    @property
    def last(self) -> Stretch:
        """The last days that count."""
        return self.slices[-1].stretch


def shared_lines(earning: Earning) -> list[tuple[Move, int]]:
    """What each move of an earning brought after caps and budgets, in minor units, in the order of the moves."""
    scale = 10 ** minor_places(earning.version.currency)
    moves = [move for item in earning.slices for move in item.moves or ()]
    amounts = earning.kept if earning.kept is not None else [int(move.amount * scale) for move in moves]
    if earning.amount != sum(amounts):
        amounts = apportion(earning.amount, amounts)
    return list(zip(moves, amounts, strict=True))


#: What measures entitle to.
Reader = Callable[[dict[str, Fraction]], Entitled]
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
        self.quotas = quotas or Quotas(facts, book, problems)

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
            stay = [part for own in days.values() for item in own if (part := item.cut(start, due.end)) is not None]
            around = (min(part.start for part in stay), max(part.end for part in stay))
            try:
                yield self.earning(payee, version, component, due, parts, around)
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
        stay: tuple[date, date],
    ) -> Earning:
        """What the days of a due interval earned. Raises Refused for an absent value.

        `stay`: the payee's first day on the plan in the interval over which the component accumulates, and the last one due.
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
        if component.prorated is not None:
            slices = self._prorated(payee, version, component, due, starts, parts, targets, stay[1])
        else:
            slices = [self._slice(payee, version, component, start, starts, part, targets, stay[0]) for part in parts]
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
            None if component.main is None else self.book.value(component.main, payee, start, parts[-1].end),
            self._credited(payee, component.main, parts),
            self._credited(payee, version.revenue_of(component, self.facts.program.measures), parts),
            self._lowest(payee, component, parts, places),
            earned,
            earned,
        )

    def _slice(
        self,
        payee: str,
        version: PlanVersion,
        component: Component,
        start: date,
        starts: Starts,
        part: Stretch,
        targets: dict[str, Target],
        first_day: date,
    ) -> Slice:
        day_before = part.start - _DAY
        before = self._standing(payee, component, starts, day_before, part, targets)
        after = self._standing(payee, component, starts, part.end, part, targets)
        # Before the interval, and before the first day of a component that reads no measure, nothing is earned yet.
        fresh = day_before < start or (not component.measures and part.start == first_day)
        known = Standing(before.measures, NOTHING) if fresh else before
        moves = None
        if self._walks(version, component):
            reads = self._reader(component, part.row, part.end, targets)
            walked = self.book.credits(component.measures, payee, part.start, part.end)
            moves = tuple(_moves(component, walked, part.start, reads, known.entitled, before))
        return Slice(part, known, after, moves)

    def _walks(self, version: PlanVersion, component: Component) -> bool:
        first_come = self.facts.program.first_come(version.name, component.name)
        return component.rounding.per is RoundPer.LINE or first_come or self.request.lines

    def _reader(
        self, component: Component, row: Row, day: date, targets: dict[str, Target], part: Fraction = Fraction(1)
    ) -> Reader:
        """How measures are read: by one roster row, on one day; `part` of what they entitle to counts."""

        def read(measures: dict[str, Fraction]) -> Entitled:
            whole = entitle(component, Scene(self.facts, row, day, measures, targets))
            return whole if part == 1 else whole.part(component, part)

        return read

    def _prorated(
        self,
        payee: str,
        version: PlanVersion,
        component: Component,
        due: Interval,
        starts: Starts,
        parts: list[Stretch],
        targets: dict[str, Target],
        last_day: date,
    ) -> list[Slice]:
        """One slice for each roster row: its part of the days, of what the whole interval pays by this row."""
        assert component.prorated is not None
        whole = count_days(component.prorated, due.start, due.end)
        before = self._measures(payee, starts, due.start - _DAY)
        after = self._measures(payee, starts, last_day)
        found = []
        for own in _by_row(parts):
            stretch = Stretch(own[0].start, own[-1].end, own[0].row)
            days = sum(count_days(component.prorated, part.start, part.end) for part in own)
            reads = self._reader(component, stretch.row, stretch.end, targets, Fraction(days, whole))
            moves = None
            if self._walks(version, component):
                walked = self.book.credits(component.measures, payee, due.start, last_day)
                moves = tuple(_moves(component, walked, due.start, reads, NOTHING, Standing(before, reads(before))))
            slice_ = Slice(stretch, Standing(before, NOTHING), Standing(after, reads(after)), moves, (days, whole))
            found.append(slice_)
        return found

    def _standing(
        self, payee: str, component: Component, starts: Starts, day: date, part: Stretch, targets: dict[str, Target]
    ) -> Standing:
        measures = self._measures(payee, starts, day)
        return Standing(measures, self._reader(component, part.row, part.end, targets)(measures))

    def _measures(self, payee: str, starts: Starts, day: date) -> dict[str, Fraction]:
        return {
            longer_key(name, over): self.book.value(name, payee, start, day) for (name, over), start in starts.items()
        }

    def _credited(self, payee: str, measure: str | None, parts: list[Stretch]) -> Fraction | None:
        """What these days brought of a measure."""
        if measure is None:
            return None
        return sum((self.book.value(measure, payee, part.start, part.end) for part in parts), Fraction(0))

    def _lowest(self, payee: str, component: Component, parts: list[Stretch], places: int) -> int | None:
        """What the lowest tier's value would have paid on everything."""
        total = Fraction(0)
        for part in parts:
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


def _by_row(parts: list[Stretch]) -> list[list[Stretch]]:
    """Days with the same roster row, together."""
    found: dict[int, list[Stretch]] = {}
    for part in parts:
        found.setdefault(id(part.row), []).append(part)
    return list(found.values())


def _moves(
    component: Component, walked: list[Credit], start: date, reads: Reader, known: Entitled, before: Standing
) -> Iterator[Move]:
    """Walk credits one by one, from what stood before them; what was not `known` then moves by itself."""
    per_line = component.rounding.per is RoundPer.LINE

    def change(earlier: Entitled, later: Entitled) -> Fraction:
        if per_line:
            return round_to(later.exact - earlier.exact, component.rounding.step, component.rounding.mode)
        return later.rounded - earlier.rounded

    flat = change(known, before.entitled)
    if flat:
        yield Move(None, start, flat)
    measures, entitled = dict(before.measures), before.entitled
    for credit in walked:
        measures[credit.measure] += credit.amount
        for name, over in component.longer:
            if name == credit.measure:
                measures[longer_key(name, over)] += credit.amount
        reached = reads(measures)
        yield Move(credit, credit.day, change(entitled, reached))
        entitled = reached
