"""How a plain number may have been meant where a rate, an amount or a bound is needed: one reading, or both to choose from."""

from __future__ import annotations

import re
from fractions import Fraction

from spmlang.diagnostics.text import Span
from spmlang.program import expressions as typed
from spmlang.program.types import Kind, Type
from spmlang.syntax import ast
from spmlang.values.money import number_text, rate_text

_NUMBER = re.compile(r"-?[ \t]*\d[\d_]*(?:\.\d+)?")
#: A bound up to this, in decimals, is a part or a multiple of the whole quota; from this on it is a number of percent.
_MOST_TIMES = 5
_LEAST_PERCENT = 10
#: No tiers end at 2% of a quota.
_SURELY_TIMES = 2


def written_number(node: typed.Literal) -> str:
    """A number as it is written, or by its value where it was put in in the place of something else."""
    text, value = node.span.text, node.value
    return number_text(value).replace(",", "_") if isinstance(value, Fraction) and not _NUMBER.fullmatch(text) else text


def as_rate(written: str, value: Fraction) -> str:
    """What to write for a number that should be a rate: 0.05 may be 5% or 0.05%, and 1 may be 100% or 1%."""
    if value == 0 or abs(value) >= _LEAST_PERCENT:
        return f"Write the rate with its percent sign: `{rate_text(value / 100)}`."
    percent = rate_text(value / 100)
    return f"Write `{rate_text(value)}` if {written} is a part of 1, or `{percent}` if it is a number of percent."


def as_part(written: str, value: Fraction) -> str:
    """The same where no multiple is meant: nobody pays 5 times what was sold."""
    return f"Write `{written}%`." if is_percent(value) else as_rate(written, value)


def is_percent(value: Fraction) -> bool:
    """True for a number that can only be one of percent, where a part of something is asked for."""
    return value >= 1 or value == 0


def as_rate_of(left: typed.Expr, right: Span) -> tuple[str, tuple[Span, str] | None]:
    """The remedy where something else than a rate stands before `of`, and what to write where, if that is known."""
    if isinstance(left, typed.Arithmetic) and left.operator == "*" and left.right.type.kind is Kind.RATE:
        last = Span(right.source, left.right.span.start, right.end)
        return f"Write `{left.left.span.text} * ({last.text})`: the rate applies first.", (last, f"({last.text})")
    if isinstance(left, typed.Literal) and isinstance(left.value, Fraction) and left.type.kind is not Kind.MONEY:
        known = (left.span, f"{written_number(left)}%") if is_percent(left.value) else None
        return as_part(written_number(left), left.value), known
    return "Write a percentage such as `5%` before `of`.", None


def as_share(value: Fraction) -> str:
    """A whole number beside rates counts wholes: three attainments divided by 3 are divided by 300%."""
    return f"Write `{rate_text(value)}`: rates are divided by a rate."


def how_to_write(wanted: Type, found: typed.Expr) -> str:
    """The remedy where a value of another type stands."""
    if found.type.kind in (Kind.COUNT, Kind.NUMBER) and isinstance(found, typed.Literal):
        written, value = written_number(found), found.value
        if wanted.kind is Kind.RATE and isinstance(value, Fraction):
            return as_rate(written, value)
        if wanted.kind is Kind.MONEY:
            return f"Write the amount with its currency: `{written} {wanted.currency}`."
    return f"Write {wanted} instead."


def how_to_round(wanted: Type, step: typed.Literal) -> str:
    """`rounded to 2`: decimals, or multiples of an amount."""
    unit, written = wanted.currency, written_number(step)
    steps = f"`0.01 {unit}` for two decimals, `1 {unit}` for none"
    return f"Write the step: {steps}; `{written} {unit}` gives multiples of {written}."


def bound_of_quota(bounds: list[ast.Number]) -> Fraction | None:
    """What one of the numbers that bound tiers is multiplied with to be a part of the quota; None where both are possible."""
    most = max(abs(bound.value) for bound in bounds)
    if most >= _LEAST_PERCENT:
        return Fraction(1, 100)
    in_decimals = most <= _MOST_TIMES and any(bound.places for bound in bounds)
    return Fraction(1) if in_decimals or most <= _SURELY_TIMES else None


def how_to_cover(missing: str, *, texts: bool) -> str:
    """The remedy where a combination of keys lies in no row of a table; `texts`: one of them is a text."""
    if texts:
        return f"Add a row `{missing} : …`; in a column of texts `else` stands for all that no row names."
    return (
        f"Add a row `{missing} : …`, or let the rows beside it reach that far: ranges touch, "
        "and a value exactly on a bound belongs to the upper row."
    )
