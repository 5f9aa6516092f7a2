"""Terms of payment: guarantees, draws, holds, instalments, and amounts below zero."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction

from spmlang.diagnostics.text import Span
from spmlang.values.calendar import Grain

from .expressions import Column, Expr


class Negative(StrEnum):
    """The treatment of an amount below zero: carried into later periods, dropped, or charged to the payee at once."""

    CARRIED = "carried forward"
    FORGIVEN = "forgiven"
    CHARGED = "charged"


@dataclass(frozen=True)
class Guarantee:
    """The least payment of each pay period on the plan. It is never paid back.

    `amount` is a payee expression. It holds for the first `periods` pay periods on the plan, or for all if None.
    """

    amount: Expr
    periods: int | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Draw:
    """The least payment of each pay period on the plan, as an advance.

    `amount` is a payee expression. It holds for the first `periods` pay periods on the plan, or for all if None. Only
    earnings above the draws pay it back: never before `recover_from`, and in a period at most the share `recover_most`
    of the amount due.
    """

    name: str
    amount: Expr
    periods: int | None
    recover_from: date | None
    recover_most: Fraction | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The terms of payment of a plan version. `draws` are sorted by name.

    Attributes:
        negative_most: The most that is carried forward; the rest is forgiven.
        negative_recover_most: The share of the amount due in a later period that may pay back what was carried forward.
    """

    negative: Negative
    negative_most: Fraction | None
    negative_recover_most: Fraction | None
    guarantee: Guarantee | None
    draws: tuple[Draw, ...]


@dataclass(frozen=True, kw_only=True)
class Hold:
    """A part of each amount that is paid later.

    Exactly one of `grain`, `day`, `test` and `column` is set. The part is kept back until the end of the interval of
    `grain`, until `day`, or while the condition `test` on the payee holds. With `column` a part of each line is kept
    back until the day in that column of the line's own row.
    """

    part: Fraction
    grain: Grain | None
    day: date | None
    test: Expr | None
    column: Column | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Release:
    """Instalments: each amount is paid in `parts` that sum to 1.

    The first part is paid at once, each further one when the next interval of `each` ends.
    """

    parts: tuple[Fraction, ...]
    each: Grain
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class ReleaseWith:
    """Payment of each line as the cash for its own row comes in.

    On the day `on` the fraction `cash` / `of` is paid. All three are columns of one source; `of` reads its reference to
    the line's row.
    """

    cash: Column
    of: Column
    on: Column
    span: Span = field(compare=False, repr=False)

    @property
    def source(self) -> str:
        """The source of the rows that are paid for."""
        return self.of.steps[0].target
