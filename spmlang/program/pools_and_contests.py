"""Amounts that depend on several payees: budgets, pools and contests."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from spmlang.diagnostics.text import Span


@dataclass(frozen=True)
class Budget:
    """A limit for all payees together over the component's window.

    If the budget does not suffice, it is shared in proportion. With `first_come` it goes to the lines in the order of
    their days until it is used up.
    """

    limit: Fraction
    first_come: bool
    span: Span = field(compare=False, repr=False)


class Ties(StrEnum):
    """The treatment of payees with equal scores.

    They get an equal part of the prizes of their places (`share`), or each the highest or the lowest of these prizes.
    """

    SHARE = "share"
    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True)
class Prize:
    """The prize of the places from `low` to `high`.

    The prize is an amount in the plan's currency, or a share of the payee's measure; the other one of the two is zero.
    """

    low: int
    high: int
    amount: Fraction
    rate: Fraction


@dataclass(frozen=True)
class Contest:
    """A contest: the component's amount is a score, and payees are ranked by it.

    Only payees with a score above zero who are on the version on the last day of the interval that falls due are
    ranked. Each gets the prize of the payee's place, or nothing.
    """

    ties: Ties
    prizes: tuple[Prize, ...]
    span: Span = field(compare=False, repr=False)

    @property
    def rated(self) -> bool:
        """True if a prize depends on the payee's measure."""
        return any(prize.rate for prize in self.prizes)

    def prize(self, place: int, measure: Fraction) -> Fraction:
        """Return the prize of a place for a payee with this measure; never below zero."""
        found = next((prize for prize in self.prizes if prize.low <= place <= prize.high), None)
        return Fraction(0) if found is None else max(Fraction(0), found.amount + found.rate * measure)


@dataclass(frozen=True)
class Pool:
    """A pool: the component's amount is a weight, and the pot is shared in proportion to all weights above zero.

    The pot is a fixed `amount`, or all that the other `component` of the version earned. That component then pays
    nothing itself.
    """

    amount: Fraction | None
    component: str | None
    span: Span = field(compare=False, repr=False)
