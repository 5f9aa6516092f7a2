"""The slices of an interval that falls due: measures and entitlement before and after each, and its line deltas.

See decision 2, Earning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from spmlang.data.tables import Row
from spmlang.program.expressions import longer_key
from spmlang.program.pay_rules import RoundPer
from spmlang.program.program import Component, PlanVersion
from spmlang.reference.attainment.measures_to_date import CreditTotals
from spmlang.reference.attainment.quotas import count_days
from spmlang.reference.credits.credit_rows import Credit
from spmlang.reference.payees.plan_members import MembershipSpan
from spmlang.reference.sources.expressions import EarlierEarnings, EvaluationContext, Target
from spmlang.reference.sources.rows import SourceRows
from spmlang.values.calendar import Grain, Interval
from spmlang.values.rounding import round_to

from .entitlement import NOTHING, Entitled, entitle

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class LineDelta:
    """A change in entitlement, rounded by the component's rule, caused by one credit.

    If `credit` is None the change is caused by the start of a slice (a flat amount) or by its end (earnings of shorter
    intervals).
    """

    credit: Credit | None
    day: date
    amount: Fraction

    @property
    def order(self) -> tuple[date, bool, tuple[object, ...]]:
        """The order of line deltas: by day, and on a day those without a credit first."""
        return (self.day, self.credit is not None, self.credit.order if self.credit is not None else ())


@dataclass(frozen=True)
class MeasuresAndEntitlement:
    """Measures to date, and the entitlement that they give."""

    measures: dict[str, Fraction]
    entitled: Entitled


@dataclass(frozen=True, kw_only=True)
class Slice:
    """The days of one due interval with one roster row.

    `before` and `after` are measures and entitlement on the day before the slice and on its last day, both by this
    roster row. The entitlement before the interval is zero. `deltas` are the line deltas; None unless lines are
    requested, or needed for rounding, release by line or a budget.

    For a prorated component `before` is on the day before the due interval, and `after` on the payee's last day on the
    plan in it, `read_to`. `days` are then the days that count, and the days of the interval; their quotient is the part
    that is paid.
    """

    stretch: MembershipSpan
    read_to: date
    before: MeasuresAndEntitlement
    after: MeasuresAndEntitlement
    deltas: tuple[LineDelta, ...] | None
    days: tuple[int, int] | None = None

    @property
    def earned(self) -> Fraction:
        """Money, rounded by the component's rule."""
        if self.deltas is not None:
            return sum((delta.amount for delta in self.deltas), Fraction(0))
        return self.after.entitled.rounded - self.before.entitled.rounded

    @property
    def exact(self) -> Fraction:
        """Money before any rounding."""
        return self.after.entitled.exact - self.before.entitled.exact


#: Returns the entitlement that measures to date give.
Entitle = Callable[[dict[str, Fraction]], Entitled]
#: The first day over which each measure is summed, by (measure, longer interval; None for the component's own).
IntervalStarts = dict[tuple[str, Grain | None], date]


@dataclass(frozen=True, kw_only=True)
class EarningContext:
    """A component of a version, for one payee and one due interval, with everything that holds for all of its slices.

    `start`: the first day of the interval over which the component accumulates. `starts`: that of each measure.
    `targets`: the quotas. `first`: the payee's first day on the plan from `start` on. `last`: the payee's last day on
    the plan up to the end of `due`. `earned`: by component with a shorter interval, the last day of each of its
    intervals and the earning.
    """

    payee: str
    version: PlanVersion
    component: Component
    due: Interval
    start: date
    starts: IntervalStarts
    targets: dict[str, Target]
    first: date
    last: date
    earned: Mapping[str, list[tuple[date, Fraction]]]

    def so_far(self, day: date) -> EarlierEarnings:
        """Return the earnings of shorter intervals that end by a day.

        The result also says whether the payee is on the plan on the last day of the due interval.
        """
        earned = {
            name: sum((amount for end, amount in own if self.start <= end <= day), Fraction(0))
            for name, own in self.earned.items()
        }
        return EarlierEarnings(earned, self.last == self.due.end)


class SliceBuilder:
    """A builder of the slices of earnings. With `lines` every slice has line deltas."""

    def __init__(self, sources: SourceRows, totals: CreditTotals, *, lines: bool) -> None:
        self.sources = sources
        self.totals = totals
        self.lines = lines

    def slices(self, context: EarningContext, parts: list[MembershipSpan]) -> list[Slice]:
        """Return the slices of the payee's days on the version.

        Raises:
            MissingValue: if a value is absent.
        """
        if context.component.prorated is not None:
            return [self._prorated(context, own) for own in _by_row(parts)]
        return [self._slice(context, part) for part in parts]

    def _slice(self, context: EarningContext, part: MembershipSpan) -> Slice:
        """Return the slice of a span of days."""
        component, day_before = context.component, part.start - _DAY
        before, after = self._measures(context, day_before), self._measures(context, part.end)
        # Earnings of shorter intervals count after the slice's last credit, because such an interval ends with its pay
        # period.
        until_then = self._entitler(context, part.row, part.end, so_far=context.so_far(day_before))
        at_end = self._entitler(context, part.row, part.end, so_far=context.so_far(part.end))
        earlier = until_then(before)
        # No entitlement exists before the interval, nor before the first day of a component that reads no measure.
        fresh = day_before < context.start or (not component.measures and part.start == context.first)
        known = MeasuresAndEntitlement(before, NOTHING if fresh else earlier)
        deltas = None
        if self._needs_line_deltas(context):
            credits = self.totals.credits(component.measures, context.payee, part.start, part.end)
            closing = (
                _delta_of_earlier_earnings(part.end, until_then(after), at_end(after)) if component.earlier else ()
            )
            deltas = (*_line_deltas(component, credits, known, until_then, start=part.start), *closing)
        reached = MeasuresAndEntitlement(after, at_end(after))
        return Slice(stretch=part, read_to=part.end, before=known, after=reached, deltas=deltas)

    def _prorated(self, context: EarningContext, own: list[MembershipSpan]) -> Slice:
        """Return the slice of all days with one roster row: their part of the entitlement of the whole interval."""
        component, due = context.component, context.due
        assert component.prorated is not None
        stretch = MembershipSpan(own[0].start, own[-1].end, own[0].row)
        whole = count_days(component.prorated, due.start, due.end)
        days = sum(count_days(component.prorated, part.start, part.end) for part in own)
        so_far = context.so_far(context.last)
        entitled = self._entitler(context, stretch.row, stretch.end, so_far=so_far, part=Fraction(days, whole))
        known = MeasuresAndEntitlement(self._measures(context, due.start - _DAY), NOTHING)
        after = self._measures(context, context.last)
        deltas = None
        if self._needs_line_deltas(context):
            credits = self.totals.credits(component.measures, context.payee, due.start, context.last)
            deltas = tuple(_line_deltas(component, credits, known, entitled, start=due.start))
        reached = MeasuresAndEntitlement(after, entitled(after))
        return Slice(
            stretch=stretch, read_to=context.last, before=known, after=reached, deltas=deltas, days=(days, whole)
        )

    def _needs_line_deltas(self, context: EarningContext) -> bool:
        """Return True if slices need line deltas."""
        component = context.component
        first_come = self.sources.program.first_come(context.version.name, component.name)
        return component.rounding.per is RoundPer.LINE or component.paid_by_line or first_come or self.lines

    def _entitler(
        self, context: EarningContext, row: Row, day: date, *, so_far: EarlierEarnings, part: Fraction = Fraction(1)
    ) -> Entitle:
        """Return a function from measures to their entitlement, by one roster row on one day.

        Args:
            context: the component, payee and interval.
            row: the roster row.
            day: the day on which dated tables are read.
            so_far: the earnings of shorter intervals.
            part: the part of the entitlement that counts.
        """

        def entitled(measures: dict[str, Fraction]) -> Entitled:
            values = EvaluationContext(
                sources=self.sources, row=row, day=day, measures=measures, targets=context.targets, so_far=so_far
            )
            whole = entitle(context.component, values)
            return whole if part == 1 else whole.part(context.component, part)

        return entitled

    def _measures(self, context: EarningContext, day: date) -> dict[str, Fraction]:
        """Return the measures to date on a day."""
        return {
            longer_key(name, over): self.totals.value(name, context.payee, start, day)
            for (name, over), start in context.starts.items()
        }


def _delta_of_earlier_earnings(day: date, without: Entitled, reached: Entitled) -> Iterator[LineDelta]:
    """Yield the line delta at the slice's end, of the earnings of shorter intervals, if there is a change.

    `without` is the entitlement without these earnings, `reached` the one with them.
    """
    if reached.rounded != without.rounded:
        yield LineDelta(None, day, reached.rounded - without.rounded)


def _by_row(parts: list[MembershipSpan]) -> list[list[MembershipSpan]]:
    """Group spans by their roster row."""
    found: dict[int, list[MembershipSpan]] = {}
    for part in parts:
        found.setdefault(id(part.row), []).append(part)
    return list(found.values())


def _line_deltas(
    component: Component, credits: list[Credit], known: MeasuresAndEntitlement, entitled_by: Entitle, *, start: date
) -> Iterator[LineDelta]:
    """Yield the line delta of each credit, in order, starting from the measures before them.

    An amount that no credit changes (a flat amount) has a line delta of its own first.

    Args:
        component: the component.
        credits: the credits, in the order of lines.
        known: measures and entitlement before the first credit.
        entitled_by: returns the entitlement of measures.
        start: the day of the line delta without a credit.
    """
    per_line = component.rounding.per is RoundPer.LINE

    def change(earlier: Entitled, later: Entitled) -> Fraction:
        if per_line:
            return round_to(later.exact - earlier.exact, component.rounding.step, component.rounding.mode)
        return later.rounded - earlier.rounded

    measures, entitled = dict(known.measures), entitled_by(known.measures)
    flat = change(known.entitled, entitled)
    if flat:
        yield LineDelta(None, start, flat)
    for credit in credits:
        measures[credit.measure] += credit.amount
        for name, over in component.longer:
            if name == credit.measure:
                measures[longer_key(name, over)] += credit.amount
        reached = entitled_by(measures)
        yield LineDelta(credit, credit.day, change(entitled, reached))
        entitled = reached
