"""The slices of an interval that falls due: what stood before and after each, and what every credit moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from spmlang.data.tables import Row
from spmlang.program.expressions import longer_key
from spmlang.program.program import Component, PlanVersion, RoundPer
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
    """What one credit changed, rounded by the component's rule; without a credit: what moves by itself at an end of a slice."""

    credit: Credit | None
    day: date
    amount: Fraction

    @property
    def order(self) -> tuple[date, bool, tuple[object, ...]]:
        """By day; on a day what no credit moves comes first."""
        return (self.day, self.credit is not None, self.credit.order if self.credit is not None else ())


@dataclass(frozen=True)
class MeasuresAndEntitlement:
    """Measures to date and the entitlement they give."""

    measures: dict[str, Fraction]
    entitled: Entitled


@dataclass(frozen=True)
class Slice:
    """Days of one due interval with one roster row. `before` is the standing on the day before, judged by this row.

    Of a component that is prorated the standing is that of the payee's last day on the plan in the interval, `read_to`, of which
    a part is paid, by `days`.
    """

    stretch: MembershipSpan
    read_to: date
    before: MeasuresAndEntitlement
    after: MeasuresAndEntitlement
    moves: tuple[LineDelta, ...] | None  # None unless asked for, or needed for rounding or for a budget
    days: tuple[int, int] | None = None  # how many days count, and of how many

    @property
    def earned(self) -> Fraction:
        """Rounded money."""
        if self.moves is not None:
            return sum((move.amount for move in self.moves), Fraction(0))
        return self.after.entitled.rounded - self.before.entitled.rounded

    @property
    def exact(self) -> Fraction:
        """Money before any rounding."""
        return self.after.entitled.exact - self.before.entitled.exact


#: What measures entitle to.
Entitle = Callable[[dict[str, Fraction]], Entitled]
#: The first day of each interval over which measures are read: the component's own (None), and longer ones.
IntervalStarts = dict[tuple[str, Grain | None], date]


@dataclass(frozen=True)
class EarningContext:
    """A component of a version that is judged for a payee: the interval that falls due, and what holds for all of it.

    `start`: the first day of the interval over which it accumulates. `first`, `last`: the payee's first day on the plan in that
    interval, and the last one that is due. `earned`: what components with shorter intervals earned, by the last day of those.
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
        """What was earned by a day in shorter intervals, and whether the payee stays to the end."""
        earned = {
            name: sum((amount for end, amount in own if self.start <= end <= day), Fraction(0))
            for name, own in self.earned.items()
        }
        return EarlierEarnings(earned, self.last == self.due.end)


class SliceBuilder:
    """Cuts what a component earns into slices; with `lines` every credit's move is told."""

    def __init__(self, facts: SourceRows, book: CreditTotals, *, lines: bool) -> None:
        self.facts = facts
        self.book = book
        self.lines = lines

    def slices(self, judged: EarningContext, parts: list[MembershipSpan]) -> list[Slice]:
        """The slices of the payee's days on the version. Raises Refused for an absent value."""
        if judged.component.prorated is not None:
            return [self._prorated(judged, own) for own in _by_row(parts)]
        return [self._slice(judged, part) for part in parts]

    def _slice(self, judged: EarningContext, part: MembershipSpan) -> Slice:
        component, day_before = judged.component, part.start - _DAY
        before, after = self._measures(judged, day_before), self._measures(judged, part.end)
        earlier = MeasuresAndEntitlement(
            before, self._reader(judged, part.row, part.end, judged.so_far(day_before))(before)
        )
        # What shorter intervals have earned counts when the slice's last credit is in: they end with its pay period.
        walking = self._reader(judged, part.row, part.end, judged.so_far(day_before))
        reads = self._reader(judged, part.row, part.end, judged.so_far(part.end))
        # Before the interval, and before the first day of a component that reads no measure, nothing is earned yet.
        fresh = day_before < judged.start or (not component.measures and part.start == judged.first)
        known = MeasuresAndEntitlement(before, NOTHING) if fresh else earlier
        moves = None
        if self._walks(judged):
            walked = self.book.credits(component.measures, judged.payee, part.start, part.end)
            closing = _closing(part.end, walking(after), reads(after)) if component.earlier else ()
            moves = (*_moves(component, walked, part.start, walking, known), *closing)
        return Slice(part, part.end, known, MeasuresAndEntitlement(after, reads(after)), moves)

    def _prorated(self, judged: EarningContext, own: list[MembershipSpan]) -> Slice:
        """The days with one roster row: their part of what the whole interval pays by this row."""
        component, due = judged.component, judged.due
        assert component.prorated is not None
        stretch = MembershipSpan(own[0].start, own[-1].end, own[0].row)
        whole = count_days(component.prorated, due.start, due.end)
        days = sum(count_days(component.prorated, part.start, part.end) for part in own)
        so_far = judged.so_far(judged.last)
        reads = self._reader(judged, stretch.row, stretch.end, so_far, Fraction(days, whole))
        known = MeasuresAndEntitlement(self._measures(judged, due.start - _DAY), NOTHING)
        after = self._measures(judged, judged.last)
        moves = None
        if self._walks(judged):
            walked = self.book.credits(component.measures, judged.payee, due.start, judged.last)
            moves = tuple(_moves(component, walked, due.start, reads, known))
        return Slice(stretch, judged.last, known, MeasuresAndEntitlement(after, reads(after)), moves, (days, whole))

    def _walks(self, judged: EarningContext) -> bool:
        component, first_come = (
            judged.component,
            self.facts.program.first_come(judged.version.name, judged.component.name),
        )
        return component.rounding.per is RoundPer.LINE or component.paid_by_line or first_come or self.lines

    def _reader(
        self, judged: EarningContext, row: Row, day: date, so_far: EarlierEarnings, part: Fraction = Fraction(1)
    ) -> Entitle:
        """How measures are read: by one roster row, on one day; `part` of what they entitle to counts."""

        def read(measures: dict[str, Fraction]) -> Entitled:
            scene = EvaluationContext(self.facts, row, day, measures, judged.targets, so_far=so_far)
            whole = entitle(judged.component, scene)
            return whole if part == 1 else whole.part(judged.component, part)

        return read

    def _measures(self, judged: EarningContext, day: date) -> dict[str, Fraction]:
        return {
            longer_key(name, over): self.book.value(name, judged.payee, start, day)
            for (name, over), start in judged.starts.items()
        }


def _closing(day: date, walked: Entitled, reached: Entitled) -> Iterator[LineDelta]:
    """What moves at the end, by what shorter intervals have earned."""
    if reached.rounded != walked.rounded:
        yield LineDelta(None, day, reached.rounded - walked.rounded)


def _by_row(parts: list[MembershipSpan]) -> list[list[MembershipSpan]]:
    """Days with the same roster row, together."""
    found: dict[int, list[MembershipSpan]] = {}
    for part in parts:
        found.setdefault(id(part.row), []).append(part)
    return list(found.values())


def _moves(
    component: Component, walked: list[Credit], start: date, reads: Entitle, known: MeasuresAndEntitlement
) -> Iterator[LineDelta]:
    """Walk credits one by one, from the measures before them; what they do not move (a flat amount) moves by itself."""
    per_line = component.rounding.per is RoundPer.LINE

    def change(earlier: Entitled, later: Entitled) -> Fraction:
        if per_line:
            return round_to(later.exact - earlier.exact, component.rounding.step, component.rounding.mode)
        return later.rounded - earlier.rounded

    measures, entitled = dict(known.measures), reads(known.measures)
    flat = change(known.entitled, entitled)
    if flat:
        yield LineDelta(None, start, flat)
    for credit in walked:
        measures[credit.measure] += credit.amount
        for name, over in component.longer:
            if name == credit.measure:
                measures[longer_key(name, over)] += credit.amount
        reached = reads(measures)
        yield LineDelta(credit, credit.day, change(entitled, reached))
        entitled = reached
