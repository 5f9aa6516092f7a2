"""Compile rate tables into scalars.

The value is that of the row in which the keys lie, or a point on the line between two rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import lcm

from spmlang.program.expressions import Key, Row, Table
from spmlang.relations.exact_arithmetic import Number, add, choose, compare, constant, multiply
from spmlang.relations.nodes import Compare, Const, Logic, Scalar


def row_value(table: Table, keys: Sequence[Number | Scalar]) -> Number:
    """Return the value of the first row in which the keys lie.

    Keys that are texts are scalars, all others numbers. An interpolated table has one key.
    """
    if table.interpolated:
        (x,) = keys
        assert isinstance(x, Number)
        return _between(table.rows, x)
    *rows, last = table.rows
    branches = [(_in_row(row, keys), constant(row.value)) for row in rows]
    return choose(branches, constant(last.value))


def _in_row(row: Row, keys: Sequence[Number | Scalar]) -> Scalar:
    """Return the condition that the keys lie in the row."""
    tests = [test for key, value in zip(row.keys, keys, strict=True) for test in _tests(key, value)]
    return Logic("and", tuple(tests)) if tests else Const(True)


def _tests(key: Key, value: Number | Scalar) -> list[Scalar]:
    """Return the conditions that a value lies in a key: equal to its text, or from `low` to below `high`."""
    if not isinstance(value, Number):
        return [] if key.text is None else [Compare("==", value, Const(key.text))]
    tests = []
    if key.low is not None:
        tests.append(compare(">=", value, constant(key.low)))
    if key.high is not None:
        tests.append(compare("<", value, constant(key.high)))
    return tests


def _between(rows: Sequence[Row], x: Number) -> Number:
    """Return the value on the line between two points; beyond the ends that of the nearest point.

    Lines of different slopes share one divisor, so that they form one number.
    """
    points = [(row.keys[0].low or Fraction(0), row.value) for row in rows]
    slopes = [(after - value) / (high - low) for (low, value), (high, after) in pairwise(points)]
    divisor = lcm(*(slope.denominator for slope in slopes))
    branches = [(compare("<", x, constant(points[0][0])), constant(points[0][1]))]
    for (low, value), (high, _), slope in zip(points[:-1], points[1:], slopes, strict=True):
        risen = multiply(add(x, constant(low), "-"), _over(slope * divisor, divisor))
        branches.append((compare("<", x, constant(high)), add(constant(value), risen)))
    return choose(branches, constant(points[-1][1]))


def _over(value: Fraction, divisor: int) -> Number:
    """Return the constant value ÷ divisor."""
    number = constant(value)
    return number if divisor == 1 else Number(number.value, number.scale, Const(divisor))
