"""Compute the growth of cost: the exponent of seconds in rows or in payees."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from math import log
from statistics import linear_regression

from tests.benchmarks.measure import Figure


@dataclass(frozen=True, kw_only=True)
class Growth:
    """The growth of seconds with `of` (rows or payees), to the power of `exponent`.

    The exponent is the slope of the least-squares line through the logarithms.
    """

    plan: str
    side: str
    of: str
    exponent: float
    sizes: list[int]
    seconds: list[float]


def growths(figures: list[Figure], of: str) -> list[Growth]:
    """Return the growth of each plan and side, from figures at several sizes."""
    points: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    for figure in figures:
        points[figure.plan, figure.side].append((figure.rows if of == "rows" else figure.payees, figure.seconds))
    found = []
    for (plan, side), measured in points.items():
        sizes, seconds = [size for size, _ in measured], [taken for _, taken in measured]
        slope = linear_regression([log(size) for size in sizes], [log(taken) for taken in seconds]).slope
        found.append(Growth(plan=plan, side=side, of=of, exponent=round(slope, 3), sizes=sizes, seconds=seconds))
    return found
