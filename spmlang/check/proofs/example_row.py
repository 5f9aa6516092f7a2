"""A row of a box, in words."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from spmlang.program.expressions import Column
from spmlang.program.types import Kind, Type
from spmlang.program.value_sets import Box, Texts, Units, Values
from spmlang.values.money import money_text, number_text, rate_text

from .conditions import Covering

#: The most names in a text of the form "any … but …".
_MOST_NAMED = 3
_ANY = "any "


def describe_row(box: Box, covering: Covering) -> str:
    """Describe a row of the box by the columns that the box restricts.

    For each of them the least text, the least number or the first day is named.
    """
    told = []
    for axis, values in box.items():
        reached = all(box[link].inside for link in covering.links(axis) if link in box)
        if reached and values != covering.everything(axis):
            told.append(_phrase(axis.column, values, covering.everything(axis)))
    if not told:
        return "every row"
    # A phrase that begins with "any" comes last, because the next column would seem to continue it.
    *rest, last = sorted(told, key=lambda words: (words.startswith(_ANY), words))
    return f"a row with {', '.join(rest)} and {last}" if rest else f"a row with {last}"


def _path(column: Column) -> str:
    return ".".join([*(step.column for step in column.steps), column.name])


def _phrase(column: Column, values: Values, everything: Values) -> str:
    path, inside = _path(column), values.inside
    if not inside:
        return f"no {path}"
    if inside == everything.inside:
        return f"{_ANY}{path}"
    if isinstance(inside, Texts):
        if not inside.others:
            return f'{path} "{min(inside.names)}"'
        names = sorted(f'"{name}"' for name in inside.names if name)
        if len(names) > _MOST_NAMED:
            return f"{_ANY}{path} not named"
        return f"{_ANY}{path} but {' and '.join(names)}"
    assert isinstance(inside, Units)
    assert isinstance(everything.inside, Units)
    least = everything.inside.runs[0][0]
    lows = [low for low, _ in inside.runs if low != least]
    return f"{path} {_value(column.type, int(lows[0] if lows else inside.runs[0][1]))}"


def _value(kind: Type, units: int) -> str:
    match kind.kind:
        case Kind.FLAG:
            return "true" if units else "false"
        case Kind.DATE:
            return str(date.fromordinal(units))
        case Kind.MONEY:
            return money_text(Fraction(units, 10**kind.scale), kind.currency or "")
        case Kind.RATE:
            return rate_text(Fraction(units, 10**kind.scale))
    return number_text(Fraction(units, 10**kind.scale))
