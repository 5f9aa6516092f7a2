"""Pay rules of a component: tiers, a formula, and rounding."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from spmlang.diagnostics.text import Span
from spmlang.values.rounding import Mode

from .expressions import Expr


class Basis(StrEnum):
    """The quantity that a tier's bounds apply to."""

    ATTAINMENT = "attainment"
    AMOUNT = "amount"


class TierMode(StrEnum):
    """The way in which tiers apply.

    Marginal: each part of the measure earns the value of its own tier. Retroactive: the value of the tier reached
    applies to the whole measure.
    """

    MARGINAL = "marginal"
    RETROACTIVE = "retroactive"


@dataclass(frozen=True)
class Tier:
    """One tier: low <= x < high. `high` None means "and above". `value` is multiplied by the measure in the tier."""

    low: Fraction
    high: Fraction | None
    value: Expr
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Tiers:
    """The tiers of a component's measure: ascending from zero, without gap or overlap, open at the top.

    An amount below zero (net returns) belongs to the first tier. `quota` names the quota of tiers by attainment.
    """

    measure: str
    quota: str
    basis: Basis
    mode: TierMode
    rows: tuple[Tier, ...]
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Formula:
    """A `pays` expression, whose value is money."""

    value: Expr
    span: Span = field(compare=False, repr=False)


class RoundPer(StrEnum):
    """The place where a component rounds."""

    LINE = "line"
    PERIOD = "payee and period"


@dataclass(frozen=True)
class Rounding:
    """Rounding to a multiple of `step`.

    `step` is in the plan's currency, and a multiple of its minor unit.
    """

    per: RoundPer
    step: Fraction
    mode: Mode
    span: Span = field(compare=False, repr=False)
