"""How what is earned becomes what is paid: guarantees, draws, holds, instalments, and amounts below zero."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from spmlang.diagnostics.text import Span
from spmlang.values.calendar import Grain

from .expressions import Column, Expr


class Negative(StrEnum):
    """What becomes of an amount below zero: kept for later periods, dropped, or charged to the payee at once."""

    CARRIED = "carried forward"
    FORGIVEN = "forgiven"
    CHARGED = "charged"


@dataclass(frozen=True)
class Guarantee:
    """At least so much in each pay period on the plan (of the first `periods`, or all); never paid back. A payee expression."""

    amount: Expr
    periods: int | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Draw:
    """The same as an advance, which later periods pay back from what is above the draw.

    Nothing is paid back before `recover_from`, and in a period at most `recover_most` of what is due.
    """

    name: str
    amount: Expr
    periods: int | None
    recover_from: date | None
    recover_most: Fraction | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Terms:
    """The terms of payment of a plan version. `draws` are in the order of their names.

    `negative_most`: no more than this is carried forward, the rest is forgiven. `negative_recover_most`: the share of what is due
    in a later period that may go into what was carried forward.
    """

    negative: Negative
    negative_most: Fraction | None
    negative_recover_most: Fraction | None
    guarantee: Guarantee | None
    draws: tuple[Draw, ...]


@dataclass(frozen=True)
class Hold:
    """A part of each amount is kept back: to the end of the interval, to a day, or while a condition on the payee holds.

    Or a part of each line is, to a day that its own row states.

    One of `grain`, `day`, `test` and `column` is set.
    """

    part: Fraction
    grain: Grain | None
    day: date | None
    test: Expr | None
    column: Column | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Release:
    """Each amount is paid in parts, which sum to 1: the first one at once, each further one when the next interval ends."""

    parts: tuple[Fraction, ...]
    each: Grain
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class ReleaseWith:
    """Each line is paid as the cash for its own row comes in: by `cash` divided by `of`, on the day `on`.

    All three are columns of one source; `of` walks its reference to the line's row.
    """

    cash: Column
    of: Column
    on: Column
    span: Span = field(compare=False, repr=False)

    @property
    def source(self) -> str:
        """The source of the rows that are paid for."""
        return self.of.steps[0].target
