"""The class of every row and share of each measure, as docs/decisions/0011-reconciliation.md defines it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import cast

from spmlang.data.tables import Row
from spmlang.program.measures import DateRange, Measure
from spmlang.program.program import Component, PlanVersion, Program
from spmlang.program.reads import earlier_measures, measures_of, quota_uses
from spmlang.program.reconciliation_classes import COUNTED, NO_PLAN, NOT_ON_ROSTER, UNPAID
from spmlang.program.undated_values import reads_no_dated_table
from spmlang.values.calendar import Interval

from .credits.credit_rows import Credit, Credits, Uncredited
from .payees.plan_members import MembershipSpan, membership_spans
from .sources.expressions import EvaluationContext, evaluate_condition, number
from .sources.rows import MissingValue, SourceRows, roster_row


@dataclass(frozen=True, kw_only=True)
class Class:
    """The class of a share or of a row: see decision 11.

    `payee` is only set for classes that pay no payee.
    """

    measure: str
    via: str
    name: str
    reason: str
    payee: str | None


@dataclass(kw_only=True)
class Total:
    """The rows or shares of a class: how many, how many with an unknown amount, and the sum of the others.

    `first` and `last` are the first and the last pay period (index), for classes that pay no payee.
    """

    rows: int = 0
    untold: int = 0
    amount: Fraction | None = None
    first: int | None = None
    last: int | None = None

    def add(self, amount: Fraction | None, period: int | None) -> None:
        """Add a row or share.

        Args:
            amount: its amount; None if it is unknown.
            period: the pay period of its day, for classes that pay no payee.
        """
        self.rows += 1
        if amount is None:
            self.untold += 1
        else:
            self.amount = amount + (self.amount or Fraction(0))
        if period is not None:
            self.first = period if self.first is None else min(self.first, period)
            self.last = period if self.last is None else max(self.last, period)


def not_on_roster(sources: SourceRows, credits: Iterable[Credit]) -> Iterator[Uncredited]:
    """Yield the credits, except for rolled-up ones, to payees who are not on the roster on the credit's day.

    Days before any plan is in force are left out, because no payee can be paid on them.
    """
    begins = first_in_force(sources.program)
    for credit in credits:
        if credit.via is None and credit.day >= begins and roster_row(sources, credit.payee, credit.day) is None:
            yield Uncredited(
                measure=credit.measure,
                day=credit.day,
                source=credit.source,
                key=credit.key,
                rule=credit.rule,
                reason=NOT_ON_ROSTER,
                territory=credit.territory,
                payee=credit.payee,
                file=credit.file,
                row=credit.row,
                amount=credit.amount,
            )


def first_in_force(program: Program) -> date:
    """Return the first day on which a plan is in force."""
    return min((plan.effective.start for plan in program.plans), default=date.max)


class Reconciler:
    """A search for the class of every share of every row.

    `days`: the days whose rows can count. `first`: the first pay period of the run.
    """

    def __init__(self, sources: SourceRows, credits: Credits, days: DateRange, first: Interval) -> None:
        self.sources = sources
        self.program = sources.program
        self.credits = credits
        self.days = days
        self.first = first
        self.begins = first_in_force(self.program)
        self._stretches: dict[tuple[str, str, int], list[MembershipSpan]] = {}

    def totals(self) -> dict[Class, Total]:
        """Return the totals of all classes that have a row or share."""
        found: dict[Class, Total] = defaultdict(Total)
        for name, given in self.credits.by_measure.items():
            for credit in given:
                kind, reason = self.kind(credit)
                payee = credit.payee if kind in UNPAID else None
                period = self.program.calendar.pay_period(credit.day).index if payee is not None else None
                found[Class(measure=name, via=self._via(credit), name=kind, reason=reason, payee=payee)].add(
                    credit.amount, period
                )
            measure = self.program.measures[name]
            for row in self.sources.rows(measure.source) if measure.source is not None else ():
                why = self.left_out(measure, row)
                worth = None if why is None else self._worth(measure, row)
                kind, reason = why or (COUNTED, "")
                found[Class(measure=name, via="", name=kind, reason=reason, payee=None)].add(worth, None)
        for credit in self.credits.repeated:
            early = credit.day < self.first.start
            kind, reason = ("outside", "before-the-run") if early else ("counted-already", "")
            own = Class(measure=credit.measure, via=self._via(credit), name=kind, reason=reason, payee=None)
            found[own].add(credit.amount, None)
        return dict(found)

    def not_on_roster(self) -> Iterator[Uncredited]:
        """Yield the credits, except for rolled-up ones, to payees who are not on the roster on the credit's day."""
        for given in self.credits.by_measure.values():
            yield from not_on_roster(self.sources, given)

    def kind(self, credit: Credit) -> tuple[str, str]:
        """Return the class of a credit, and the reason."""
        there = roster_row(self.sources, credit.payee, credit.day) is not None
        found = list(self._reading(credit)) if there else []
        if any(found):
            return "read", ""
        if found:
            return "read", "to-date"
        if credit.day < self.begins:
            return "outside", "before-any-plan"
        if credit.day < self.first.start:
            return "outside", "before-the-run"
        if there and self._is_passed_on(credit.measure):
            return "passed-on", ""
        if there:
            return NO_PLAN, "not-in-plan" if self._is_on_a_plan(credit) else "on-no-plan"
        return NOT_ON_ROSTER, self._away(credit)

    def left_out(self, measure: Measure, row: Row) -> tuple[str, str] | None:
        """Return the class and reason of a row that does not count; None if it counts."""
        assert measure.on is not None
        day = cast("date | None", self.sources.read(row, measure.on, date.min))
        if day is None:
            return "left-out", "where"
        if measure.counts is not None and day not in measure.counts:
            return "outside", "counts"
        if day not in self.days:
            return "outside", "before-the-run" if day < self.days.start else "after-the-run"
        if measure.where is not None and not evaluate_condition(
            measure.where, EvaluationContext(sources=self.sources, row=row, day=day)
        ):
            return "left-out", "where"
        return None

    def _worth(self, measure: Measure, row: Row) -> Fraction | None:
        """Return the amount of a row that does not count; None if it is unknown."""
        if measure.value is None:
            return Fraction(1)
        if not reads_no_dated_table(self.program, measure.value):
            return None
        try:
            return number(measure.value, EvaluationContext(sources=self.sources, row=row, day=date.min))
        except MissingValue:
            return None

    def _via(self, credit: Credit) -> str:
        """Return the way in which a credit came about: "direct", "overlay" or "rollup"."""
        if credit.via is not None:
            return "rollup"
        return "overlay" if self.program.measures[credit.measure].credits[credit.rule].overlay else "direct"

    def _reading(self, credit: Credit) -> Iterator[bool]:
        """Yield a boolean for each way in which a component of the payee's plans reads the credit.

        True: the component pays for the credit. False: the credit only counts to date.
        """
        for version in self.program.plans:
            for component in version.components:
                since = self.program.first_due_day(version, component, self.first)
                for interval, prorated in self._counted(version, component, credit):
                    for part in self._days_on(version, credit.payee):
                        low, high = max(part.start, credit.day, since), min(part.end, interval.end)
                        if low <= high:
                            yield prorated or low == credit.day

    def _counted(
        self, version: PlanVersion, component: Component, credit: Credit
    ) -> Iterator[tuple[Interval | _Days, bool]]:
        """Yield the days over which the component counts the credit.

        Beside each comes True if the component is prorated, so that it pays for all credits of these days.
        """
        revenue = version.revenue_of(component, self.program.measures)
        if credit.measure in component.measures or credit.measure == revenue:
            if component.window is None:
                interval = self.program.calendar.interval(credit.day, component.accumulates)
                yield interval, component.prorated is not None
            elif credit.day in component.window:
                yield _Days(component.window.through or date.max), False
        for name, over in component.longer:
            if name == credit.measure:
                yield self.program.calendar.interval(credit.day, over), False
        if credit.measure in earlier_measures(version.quotas[use.quota] for use in quota_uses(component)):
            yield _Days(date.max), False

    def _days_on(self, version: PlanVersion, payee: str) -> list[MembershipSpan]:
        """Return the spans of days on which the payee is on a version, up to the last day that counts."""
        key = (payee, version.name, version.version)
        if key not in self._stretches:
            last = self.days.through
            assert last is not None
            self._stretches[key] = membership_spans(self.sources, version, payee, last)
        return self._stretches[key]

    def _is_on_a_plan(self, credit: Credit) -> bool:
        """Return True if the payee is on any plan on the credit's day."""
        days = (part for plan in self.program.plans for part in self._days_on(plan, credit.payee))
        return any(part.start <= credit.day <= part.end for part in days)

    def _is_passed_on(self, measure: str) -> bool:
        """Return True if no component reads a measure, except through a measure that rolls it up."""
        measures: Collection[Measure] = [self.program.measures[name] for name in self.credits.by_measure]
        return measure not in self._read_by_any and any(
            item.rollup is not None and item.rollup.measure == measure for item in measures
        )

    @cached_property
    def _read_by_any(self) -> frozenset[str]:
        """The measures that any component reads, uses as revenue or makes targets of."""
        pairs = ((version, component) for version in self.program.plans for component in version.components)
        return frozenset(name for pair in pairs for name in measures_of(self.program, *pair))

    def _away(self, credit: Credit) -> str:
        """Return the reason for which a payee is not on the roster on the credit's day."""
        rows = self.sources.having(self.program.roster, "payee", credit.payee)
        if not rows:
            return "never"
        if credit.day < min(cast(date, row["_from"]) for row in rows):
            return "before-joining"
        return "after-leaving" if credit.day > max(cast(date, row["_through"]) for row in rows) else "away"


@dataclass(frozen=True)
class _Days:
    """Days without a first one, up to the last one."""

    end: date
