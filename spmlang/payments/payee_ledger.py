"""Payments and balances of a payee on a plan, pay period by pay period. All amounts are in minor units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import cast

from spmlang.data.tables import Row, Tables
from spmlang.diagnostics.diagnostic import Diagnostic, Problems, diagnose
from spmlang.program.expressions import Expr
from spmlang.program.payment_terms import Draw, Guarantee, Hold, Negative, Terms
from spmlang.program.program import PlanVersion, Program
from spmlang.reference.payees.plan_members import membership_spans
from spmlang.reference.sources.expressions import EvaluationContext, evaluate_condition, number
from spmlang.reference.sources.rows import SourceRows
from spmlang.values.calendar import Interval
from spmlang.values.money import minor_places, money_text
from spmlang.values.rounding import Mode, div_round

from . import instalments
from .cash_receipts import CashReceipts
from .instalments import Instalment
from .records import DuePayout, Line, Payment, Promise


def pay(program: Program, tables: Tables, dues: Iterable[DuePayout], last: Interval) -> list[Payment]:
    """Return all payments up to a pay period, sorted by period, payee, plan and currency.

    Args:
        program: the program.
        tables: the tables.
        dues: all payouts from the first pay period on, because earlier ones decide the balances carried into a
            period.
        last: the last pay period.

    Raises:
        Problems: if the amount of a guarantee or draw is below zero.
    """
    sources = SourceRows(program, tables)
    cash = CashReceipts(sources)
    by_series: dict[tuple[str, str, str], list[DuePayout]] = defaultdict(list)
    for due in dues:
        by_series[due.payee, due.version.name, due.version.currency].append(due)
    for version in program.plans:
        if version.terms.guarantee is not None or version.terms.draws:
            for payee in sorted({str(row["payee"]) for row in sources.rows(program.roster)}):
                by_series.setdefault((payee, version.name, version.currency), [])
    found = []
    for (payee, plan, currency), own in by_series.items():
        versions = [version for version in program.plans if (version.name, version.currency) == (plan, currency)]
        found += list(_PayeeLedger(sources, payee, versions=versions, last=last, cash=cash).payments(own))
    return sorted(found, key=lambda item: (item.period.index, item.payee, item.plan.name, item.plan.currency))


def promises(program: Program, tables: Tables, period: Interval) -> Iterator[Promise]:
    """Yield the guarantees and draws that hold in a pay period, in minor units.

    Raises:
        Problems: if the amount of one is below zero.
    """
    sources = SourceRows(program, tables)
    cash = CashReceipts(sources)
    plans = {version.name for version in program.plans if version.terms.guarantee is not None or version.terms.draws}
    for plan in sorted(plans):
        versions = [version for version in program.plans if version.name == plan]
        for payee in sorted({str(row["payee"]) for row in sources.rows(program.roster)}):
            yield from _PayeeLedger(sources, payee, versions=versions, last=period, cash=cash).promises(period)


@dataclass
class _Advance:
    """The amount that a draw advanced in one pay period, less what was paid back.

    `draw` is the draw as the plan had it in that period.
    """

    draw: Draw
    amount: int


@dataclass(frozen=True)
class _OnPlan:
    """The version and roster row that hold last in a pay period, and the number of days on the plan in it."""

    version: PlanVersion
    row: Row
    days: int


@dataclass
class _OpenBalances:
    """The balances between two pay periods.

    `waiting`: instalments not yet released. `owed`: the amount carried forward. `advances`: the advances of draws.
    """

    waiting: list[Instalment] = field(default_factory=list)
    owed: int = 0  # zero or less
    advances: list[_Advance] = field(default_factory=list)  # the oldest first

    @property
    def drawn(self) -> int:
        """The sum of the advances to be paid back."""
        return sum(advance.amount for advance in self.advances)

    @property
    def open(self) -> bool:
        """True if any balance is not zero, or an instalment waits."""
        return bool(self.waiting) or self.owed != 0 or self.drawn != 0


class _PayeeLedger:
    """The payments of one payee for one plan, in one currency.

    `versions`: those of the plan in that currency. `last`: the last pay period.
    """

    def __init__(
        self, sources: SourceRows, payee: str, *, versions: list[PlanVersion], last: Interval, cash: CashReceipts
    ) -> None:
        self.sources = sources
        self.cash = cash
        self.calendar = sources.program.calendar
        self.payee = payee
        self.last = last
        self.versions = versions
        self.places = minor_places(self.versions[0].currency)
        self.on_plan = self._on_plan()

    def _on_plan(self) -> dict[int, _OnPlan]:
        """Return the payee's version, roster row and days on the plan by pay period (index).

        The result is empty if no version has a guarantee or draw, because only these need it.
        """
        if not any(version.terms.guarantee or version.terms.draws for version in self.versions):
            return {}
        found: dict[int, _OnPlan] = {}
        for version in self.versions:
            for stretch in membership_spans(self.sources, version, self.payee, self.last.end):
                for period in self.calendar.intervals(self.calendar.pay, stretch.start, stretch.end):
                    days = (min(stretch.end, period.end) - max(stretch.start, period.start)).days + 1
                    before = found[period.index].days if period.index in found else 0
                    found[period.index] = _OnPlan(version, stretch.row, before + days)
        return found

    def promises(self, period: Interval) -> Iterator[Promise]:
        """Yield the amounts that terms add in a pay period in which nothing is earned.

        A guarantee counts towards the draws.
        """
        if period.index not in self.on_plan:
            return
        version, row = self.on_plan[period.index].version, self.on_plan[period.index].row
        reached = self._term(version.terms.guarantee, "guarantee", row, period)
        if reached:
            yield Promise(payee=self.payee, plan=version, kind="guarantee", name=None, amount=reached)
        least = 0
        for draw in version.terms.draws:
            least += self._term(draw, f"draw {draw.name}", row, period)
            if least > reached:
                yield Promise(payee=self.payee, plan=version, kind="draw", name=draw.name, amount=least - reached)
                reached = least

    def payments(self, dues: list[DuePayout]) -> Iterator[Payment]:
        """Yield the payment of every pay period with a payout, a term or an open balance."""
        by_period: dict[int, list[DuePayout]] = defaultdict(list)
        for due in dues:
            by_period[due.period].append(due)
        indexes = [*by_period, *self.on_plan]
        if not indexes:
            return
        start = self.calendar.pay_period(self.versions[0].effective.start)
        periods = {item.index: item for item in self.calendar.intervals(self.calendar.pay, start.start, self.last.end)}
        standing = _OpenBalances()
        version = self.versions[0]
        for index in range(min(indexes), self.last.index + 1):
            period = periods[index]
            for due in by_period[index]:
                parts = instalments.instalments(
                    self.calendar, due.component, period=period, amount=due.amount, lines=due.lines, cash=self.cash
                )
                standing.waiting += parts
                version = due.version
            version = self.on_plan[index].version if index in self.on_plan else version
            if by_period[index] or index in self.on_plan or standing.open:
                yield self._payment(version, period, standing)

    def _payment(self, version: PlanVersion, period: Interval, standing: _OpenBalances) -> Payment:
        """Return the payment of a pay period, and update the balances (decision 5, steps 1 to 6)."""
        lines = self._released(period, standing)
        due = sum(line.amount for line in lines)
        brought = self._brought(version.terms, standing.owed, due)
        if brought:
            lines.append(Line(kind="brought forward", amount=brought))
        net = due + brought
        lines += self._terms(version, period, standing, max(net, 0))
        standing.owed -= brought
        if net < 0 and version.terms.negative is not Negative.CHARGED:
            kept = self._carried(version.terms, net)
            standing.owed += kept
            lines += [Line(kind="carried forward", amount=-kept)] if kept else []
            lines += [Line(kind="forgiven", amount=kept - net)] if kept != net else []
        held = sum(lot.amount for lot in standing.waiting)
        waiting = tuple(standing.waiting) if period.index == self.last.index else ()
        notes = tuple(self._in_full(version, period, lines))
        return Payment(
            period=period,
            payee=self.payee,
            plan=version,
            lines=tuple(lines),
            held=held,
            owed=-standing.owed,
            drawn=standing.drawn,
            waiting=waiting,
            notes=notes,
        )

    def _brought(self, terms: Terms, owed: int, due: int) -> int:
        """Return the part of an amount owed (zero or less) that is taken from what is due now.

        It is all of `owed`, or with `recover at most` no more than that share of `due`.
        """
        if terms.negative_recover_most is None or due <= 0:
            return owed
        return max(owed, -int(terms.negative_recover_most * due))

    def _carried(self, terms: Terms, net: int) -> int:
        """Return the part of a net amount below zero that is carried into later pay periods."""
        if terms.negative is Negative.FORGIVEN:
            return 0
        return net if terms.negative_most is None else max(net, -int(terms.negative_most * 10**self.places))

    # ---- releases ---------------------------------------------------------------------------------

    def _released(self, period: Interval, standing: _OpenBalances) -> list[Line]:
        """Return a line for each component with an instalment that is released in the period.

        These instalments are removed from `waiting`.
        """
        paid: dict[tuple[str, str | None], int] = {}
        waiting = []
        for lot in standing.waiting:
            if lot.release > period.index or (lot.hold is not None and self._is_held(lot.hold, period)):
                waiting.append(lot)
            else:
                at = (lot.component.name, lot.component.code)
                paid[at] = paid.get(at, 0) + lot.amount
        standing.waiting = [lot for lot in waiting if lot.amount]
        return [
            Line(kind="earning", amount=paid[component, code], component=component, code=code)
            for component, code in sorted(paid, key=_without_code_last)
        ]

    def _is_held(self, hold: Hold, period: Interval) -> bool:
        """Return True if the hold's condition on the payee holds on the last day of the period.

        It reads the roster row in force on that day, or the last one before.
        """
        assert hold.test is not None
        own = self.sources.having(self.sources.program.roster, "payee", self.payee)
        row = max((item for item in own if cast(date, item["_from"]) <= period.end), key=_begins)
        return evaluate_condition(hold.test, EvaluationContext(sources=self.sources, row=row, day=period.end))

    # ---- guarantee and draws ----------------------------------------------------------------------

    def _terms(self, version: PlanVersion, period: Interval, standing: _OpenBalances, net: int) -> Iterator[Line]:
        """Yield the lines of guarantee, draws and recovery.

        `net` is the amount due before these, not below zero.
        """
        terms = version.terms
        row = self.on_plan[period.index].row if period.index in self.on_plan else None
        guaranteed = self._term(terms.guarantee, "guarantee", row, period)
        if guaranteed > net:
            yield Line(kind="guarantee", amount=guaranteed - net, name=None)
        due = max(net, guaranteed)
        least = 0
        for draw in terms.draws:
            least += self._term(draw, f"draw {draw.name}", row, period)
            if least > due:
                yield Line(kind="draw", amount=least - due, name=draw.name)
                standing.advances.append(_Advance(draw, least - due))
                due = least
        yield from self._recovered(terms, period, standing=standing, net=net, above=net - max(least, guaranteed))

    def _in_full(self, version: PlanVersion, period: Interval, lines: list[Line]) -> Iterator[Diagnostic]:
        """Yield a note for each guarantee or draw added in a period that the payee spent only partly on the plan."""
        whole = (period.end - period.start).days + 1
        if period.index not in self.on_plan or self.on_plan[period.index].days == whole:
            return
        for line in lines:
            if line.kind in ("guarantee", "draw"):
                words = {
                    "what": f"{line.kind} `{line.name}`" if line.name else line.kind,
                    "payee": self.payee,
                    "plan": version.name,
                    "period": period.label,
                    "amount": money_text(Fraction(line.amount, 10**self.places), version.currency),
                    "days": self.on_plan[period.index].days,
                    "whole": whole,
                }
                yield diagnose("run-term-in-full", version.span, (), **words)

    def _recovered(
        self, terms: Terms, period: Interval, *, standing: _OpenBalances, net: int, above: int
    ) -> Iterator[Line]:
        """Yield a line for each draw whose advances are paid back, the oldest advances first.

        A draw is paid back by its terms in this period, or by its last ones if it has ended.

        Args:
            terms: the terms of payment in this period.
            period: the pay period.
            standing: the balances; the advances in them are reduced.
            net: the amount due before guarantee and draws, of which `at most` is a share.
            above: the part of `net` above the guarantee and all draws.
        """
        today = {draw.name: draw for draw in terms.draws}
        back: dict[str, int] = {}
        for advance in standing.advances:
            name = advance.draw.name
            draw = today.get(name, advance.draw)
            if draw.recover_from is not None and period.end < draw.recover_from:
                continue
            most = above if draw.recover_most is None else int(draw.recover_most * net) - back.get(name, 0)
            part = max(0, min(advance.amount, above, most))
            advance.amount -= part
            above -= part
            back[name] = back.get(name, 0) + part
        standing.advances = [advance for advance in standing.advances if advance.amount]
        yield from (Line(kind="recovery", amount=-amount, name=name) for name, amount in back.items() if amount)

    def _term(self, term: Guarantee | Draw | None, what: str, row: Row | None, period: Interval) -> int:
        """Return the amount of a guarantee or draw in a period.

        It is zero if the term does not hold for the payee, or its number of periods is used up.

        Raises:
            Problems: if the amount is below zero.
        """
        if term is None or row is None:
            return 0
        if term.periods is not None and sum(index < period.index for index in self.on_plan) >= term.periods:
            return 0
        amount = self._minor(term.amount, row, period)
        if amount < 0:
            words = {"what": what, "payee": self.payee, "period": period.label}
            raise Problems([diagnose("run-negative-term", term.span, (), **words)])
        return amount

    def _minor(self, amount: Expr, row: Row, period: Interval) -> int:
        units: Fraction = (
            number(amount, EvaluationContext(sources=self.sources, row=row, day=period.end)) * 10**self.places
        )
        return div_round(units.numerator, units.denominator, Mode.HALF_UP)


def _without_code_last(earning: tuple[str, str | None]) -> tuple[str, bool, str]:
    name, code = earning
    return name, code is None, code or ""


def _begins(row: Row) -> date:
    return cast(date, row["_from"])
