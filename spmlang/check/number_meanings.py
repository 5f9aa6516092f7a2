"""Remedies for a plain number where a rate, an amount or a bound is needed.

A remedy gives the one possible reading of the number, or both readings to choose from.
"""

from __future__ import annotations

import re
from fractions import Fraction

from spmlang.diagnostics.text import Span
from spmlang.program import expressions as typed
from spmlang.program.types import Kind, Type
from spmlang.syntax import ast
from spmlang.values.money import number_text, rate_text

_NUMBER = re.compile(r"-?[ \t]*\d[\d_]*(?:\.\d+)?")
#: A bound up to `_MOST_TIMES`, in decimals, is a multiple of the quota; one from `_LEAST_PERCENT` on is in percent.
_MOST_TIMES = 5
_LEAST_PERCENT = 10
#: Bounds up to this are multiples of the quota, because no tiers end at 2% of a quota.
_SURELY_TIMES = 2


def written_number(node: typed.Literal) -> str:
    """Return a number as it is written.

    If it was inserted for something else, such as a template's parameter, its value is written instead.
    """
    text, value = node.span.text, node.value
    return number_text(value).replace(",", "_") if isinstance(value, Fraction) and not _NUMBER.fullmatch(text) else text


def as_rate(written: str, value: Fraction) -> str:
    """Return the remedy for a number that should be a rate: 0.05 may be 5% or 0.05%, and 1 may be 100% or 1%."""
    if value == 0 or abs(value) >= _LEAST_PERCENT:
        return f"Write the rate with its percent sign: `{rate_text(value / 100)}`."
    percent = rate_text(value / 100)
    return f"Write `{rate_text(value)}` if {written} is a part of 1, or `{percent}` if it is a percentage."


def as_rate_up_to_one(written: str, value: Fraction) -> str:
    """Return the remedy for a number that should be a part of an amount.

    A multiple is not offered, because no plan pays 5 times what was sold.
    """
    return f"Write `{written}%`." if is_percent(value) else as_rate(written, value)


def is_percent(value: Fraction) -> bool:
    """Return True if a number that stands for a part of an amount can only be in percent: 1 or more, or 0."""
    return value >= 1 or value == 0


def as_rate_of(left: typed.Expr, right: Span) -> tuple[str, tuple[Span, str] | None]:
    """Return the remedy for a left side of `of` that is not a rate.

    The second result is the place and the text to write there, if they are known.
    """
    if isinstance(left, typed.Arithmetic) and left.operator == "*" and left.right.type.kind is Kind.RATE:
        last = Span(right.source, left.right.span.start, right.end)
        return f"Write `{left.left.span.text} * ({last.text})`: the rate applies first.", (last, f"({last.text})")
    if isinstance(left, typed.Literal) and isinstance(left.value, Fraction) and left.type.kind is not Kind.MONEY:
        known = (left.span, f"{written_number(left)}%") if is_percent(left.value) else None
        return as_rate_up_to_one(written_number(left), left.value), known
    return "Write a percentage such as `5%` before `of`.", None


def as_share(value: Fraction) -> str:
    """Return the remedy for a whole number that divides a rate: three attainments divided by 3 are divided by 300%."""
    return f"Write `{rate_text(value)}`: rates are divided by a rate."


def how_to_write(wanted: Type, found: typed.Expr) -> str:
    """Return the remedy for a value of another type than `wanted`."""
    if found.type.kind in (Kind.COUNT, Kind.NUMBER) and isinstance(found, typed.Literal):
        written, value = written_number(found), found.value
        if wanted.kind is Kind.RATE and isinstance(value, Fraction):
            return as_rate(written, value)
        if wanted.kind is Kind.MONEY:
            return f"Write the amount with its currency: `{written} {wanted.currency}`."
    return f"Write {wanted} instead."


def how_to_round(wanted: Type, step: typed.Literal) -> str:
    """Return the remedy for `rounded to 2`, which may mean decimals or multiples of an amount."""
    unit, written = wanted.currency, written_number(step)
    steps = f"`0.01 {unit}` for two decimals, `1 {unit}` for none"
    return f"Write the step: {steps}; `{written} {unit}` gives multiples of {written}."


def bound_of_quota(bounds: list[ast.Number]) -> Fraction | None:
    """Return the factor that turns the bounds of tiers into parts of the quota; None if both readings are possible."""
    most = max(abs(bound.value) for bound in bounds)
    if most >= _LEAST_PERCENT:
        return Fraction(1, 100)
    in_decimals = most <= _MOST_TIMES and any(bound.places for bound in bounds)
    return Fraction(1) if in_decimals or most <= _SURELY_TIMES else None


def how_to_cover(missing: str, *, texts: bool) -> str:
    """Return the remedy for a combination of keys that no row of a table covers.

    `texts`: one of the keys is a text.
    """
    if texts:
        return f"Add a row `{missing} : …`; in a column of texts `else` stands for all that no row names."
    return (
        f"Add a row `{missing} : …`, or let the rows beside it reach that far: ranges touch, "
        "and a value exactly on a bound belongs to the upper row."
    )
