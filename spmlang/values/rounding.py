"""Exact division: rounding modes, and sharing a total by largest remainder."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from math import lcm


class Mode(StrEnum):
    """A rounding mode. `up` is away from zero, `down` towards zero."""

    HALF_UP = "half up"  # ties away from zero
    HALF_EVEN = "half even"
    UP = "up"
    DOWN = "down"


def div_round(n: int, d: int, mode: Mode) -> int:
    """Divide n by d and round to a whole number. Raises ValueError unless d > 0.

    Every engine divides and rounds by the same steps: r = |n| mod d, then q = (|n| - r) / d. Comparing 2r with d
    decides whether q is increased by one. The sign is applied last.
    """
    if d <= 0:
        raise ValueError("the divisor must be positive")
    r = abs(n) % d
    q = (abs(n) - r) // d
    match mode:
        case Mode.HALF_UP:
            moved = 2 * r >= d
        case Mode.HALF_EVEN:
            moved = 2 * r > d or (2 * r == d and q % 2 == 1)
        case Mode.UP:
            moved = r > 0
        case Mode.DOWN:
            moved = False
    q += moved
    return -q if n < 0 else q


def round_to(value: Fraction, step: Fraction, mode: Mode) -> Fraction:
    """Round `value` to a multiple of `step`. Raises ValueError unless step > 0."""
    if step <= 0:
        raise ValueError("the step must be positive")
    steps = value / step
    return div_round(steps.numerator, steps.denominator, mode) * step


def apportion(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` in proportion to `weights` by largest remainder.

    Each share is rounded down first. The shares with the largest remainders then get one more each, in order if
    remainders are equal. The shares sum to `total`, and each differs from its exact share by less than one. If the
    weights sum to zero, they are returned unchanged.
    """
    whole = sum(weights)
    if whole == 0:
        return list(weights)
    sign = -1 if whole < 0 else 1
    shares, rests = [], []
    for weight in weights:
        share, rest = divmod(total * weight * sign, whole * sign)
        shares.append(share)
        rests.append(rest)
    left = total - sum(shares)
    for index in sorted(range(len(weights)), key=lambda i: (-rests[i], i))[:left]:
        shares[index] += 1
    return shares


def in_proportion(weights: Sequence[Fraction]) -> list[int]:
    """Return whole numbers in the same proportion as the weights."""
    common = lcm(*(weight.denominator for weight in weights))
    return [int(weight * common) for weight in weights]
