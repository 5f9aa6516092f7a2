"""What payees share: budgets, pools, and contests for places."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from spmlang.diagnostics.text import Span


@dataclass(frozen=True)
class Budget:
    """At most this much for all payees together over the component's window.

    When it is exceeded it is shared pro rata, or (`first_come`) goes to the lines in the order of their days until it is used up.
    """

    limit: Fraction
    first_come: bool
    span: Span = field(compare=False, repr=False)


class Ties(StrEnum):
    """What payees of equal score get: an equal part of the prizes of their places, or each the highest or the lowest of them."""

    SHARE = "share"
    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True)
class Prize:
    """The prize of the places from `low` to `high`: an amount in the plan's currency, or a share of the component's measure."""

    low: int
    high: int
    amount: Fraction
    rate: Fraction


@dataclass(frozen=True)
class Contest:
    """What a component pays is a score; the payees with a score above zero who are on the version on the last day of the interval
    that falls due are ranked by it, and get the prize of their place, or nothing.
    """

    ties: Ties
    prizes: tuple[Prize, ...]
    span: Span = field(compare=False, repr=False)

    @property
    def rated(self) -> bool:
        """Whether a prize depends on the payee's measure."""
        return any(prize.rate for prize in self.prizes)

    def prize(self, place: int, measure: Fraction) -> Fraction:
        """The prize of a place, for a payee whose measure stands so; never below zero."""
        found = next((prize for prize in self.prizes if prize.low <= place <= prize.high), None)
        return Fraction(0) if found is None else max(Fraction(0), found.amount + found.rate * measure)


@dataclass(frozen=True)
class Pool:
    """What a component pays is a weight; the pot is shared in proportion to all weights above zero.

    The pot is an amount, or all that another component of the version earned, which then pays nothing itself.
    """

    amount: Fraction | None
    component: str | None
    span: Span = field(compare=False, repr=False)
