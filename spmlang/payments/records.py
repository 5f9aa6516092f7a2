"""Payouts that fall due, payments with their lines, and promises of the terms. All amounts are in minor units."""

from __future__ import annotations

from dataclasses import dataclass

from spmlang.diagnostics.diagnostic import Diagnostic
from spmlang.program.program import Component, PlanVersion
from spmlang.values.calendar import Interval

from . import instalments
from .instalments import Instalment


@dataclass(frozen=True, kw_only=True)
class DuePayout:
    """A payout: the amount that a component of a version pays a payee in pay period `period` (an index).

    `lines`: the parts of the amount by source row, if the component pays each line by itself.
    """

    period: int
    payee: str
    version: PlanVersion
    component: Component
    amount: int
    lines: tuple[instalments.Line, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a payment.

    `kind` is "earning" (then `component` and `code` name the component) or the term of payment that adds or takes the
    amount. `name` is the name of a draw.
    """

    kind: str
    amount: int
    component: str | None = None
    code: str | None = None
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class Payment:
    """The payment of a payee for a plan in a pay period: its lines, and the balances after it.

    `held` is still to be released. `owed` is the amount below zero that is carried forward, as a positive number.
    `drawn` is the sum of the advances not yet paid back. `waiting`: the instalments that `held` consists of, only
    filled in the last pay period computed. `notes`: diagnostics that deserve attention and stop nothing.
    """

    period: Interval
    payee: str
    plan: PlanVersion
    lines: tuple[Line, ...]
    held: int
    owed: int
    drawn: int
    waiting: tuple[Instalment, ...] = ()
    notes: tuple[Diagnostic, ...] = ()

    @property
    def paid(self) -> int:
        """The amount for payroll."""
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True, kw_only=True)
class Promise:
    """The least amount that a term of the plan promises a payee in a pay period.

    `kind` is "guarantee" or "draw", `name` the name of a draw.
    """

    payee: str
    plan: PlanVersion
    kind: str
    name: str | None
    amount: int
