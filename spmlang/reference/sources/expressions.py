"""Exact values of expressions.

Every operand is evaluated, whatever the values of the others, so that an absent value is never overlooked.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import cast

from spmlang.data.tables import Cell, Row
from spmlang.program.expressions import (
    AllOf,
    AnyOf,
    Arithmetic,
    Attainment,
    Column,
    Comparison,
    EarnedSoFar,
    EarningValue,
    Expr,
    Fallback,
    Key,
    Literal,
    Lookup,
    MeasureBefore,
    MeasureValue,
    Membership,
    Negation,
    OnPlanAtEnd,
    Presence,
    QuotaValue,
    Ratio,
    Rounded,
    Table,
)
from spmlang.program.expressions import Row as TableRow
from spmlang.values.rounding import round_to

from .rows import SourceRows

COMPARE: dict[str, Callable[..., bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_CALCULATE: dict[str, Callable[..., Fraction]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "at most": min,
    "at least": max,
}


@dataclass(frozen=True)
class Target:
    """A payee's quota for an interval.

    `stated` is the attainment that the plan states for a quota that is zero or missing (None).
    """

    amount: Fraction | None
    stated: Fraction | None = None


@dataclass(frozen=True)
class EarlierEarnings:
    """The earnings of components with shorter intervals, by component.

    `at_end`: True if the payee is on the plan on the last day of the due interval.
    """

    earned: Mapping[str, Fraction] = field(default_factory=dict)
    at_end: bool = True


@dataclass(frozen=True, kw_only=True)
class EvaluationContext:
    """The data that an expression is evaluated on: a row on a day and, for pay, the payee's measures and quotas.

    `measures` has measures to date, `targets` quotas, and `earnings` the exact entitlements of components over the same
    interval, each by the key that the expression's nodes have. `so_far` has the earnings of components with shorter
    intervals.
    """

    sources: SourceRows
    row: Row
    day: date
    measures: Mapping[str, Fraction] = field(default_factory=dict)
    targets: Mapping[str, Target] = field(default_factory=dict)
    earnings: Mapping[str, Fraction] = field(default_factory=dict)
    so_far: EarlierEarnings = field(default_factory=lambda: EarlierEarnings())


def evaluate(node: Expr, context: EvaluationContext) -> Cell:
    """Return the value of an expression, which is never None.

    Raises:
        MissingValue: if a column is absent and neither `or else` nor `is present` answers it.
    """
    match node:
        case Literal():
            return node.value
        case Column():
            return context.sources.require(context.row, node, context.day)
        case MeasureValue():
            return context.measures[node.key]
        case MeasureBefore():
            return context.measures[node.key]
        case QuotaValue():
            return context.targets[node.quota].amount or Fraction(0)
        case Arithmetic():
            return _CALCULATE[node.operator](number(node.left, context), number(node.right, context))
        case Comparison():
            return _comparison(node, context)
        case Membership():
            value = evaluate(node.value, context)
            return any(value == option.value for option in node.options) != node.negated
        case AllOf():
            held = [evaluate(operand, context) for operand in node.operands]
            return all(held)
        case AnyOf():
            held = [evaluate(operand, context) for operand in node.operands]
            return any(held)
        case Negation():
            return not evaluate(node.operand, context)
        case Fallback():
            found = context.sources.read(context.row, node.column, context.day)
            return node.otherwise.value if found is None else found
        case Presence():
            return context.sources.read(context.row, node.column, context.day) is not None
        case Attainment():
            value, whole = _against(node, Fraction(1), context)
            return value / whole
        case EarningValue():
            return context.earnings[node.component]
        case EarnedSoFar():
            return context.so_far.earned[node.component]
        case OnPlanAtEnd():
            return context.so_far.at_end
        case Ratio():
            top, bottom = number(node.top, context), number(node.bottom, context)
            return top / bottom if bottom else node.otherwise.value
        case Lookup():
            return look_up(node.table, [evaluate(key, context) for key in node.keys])
        case Rounded():
            return round_to(number(node.value, context), node.step, node.mode)


def number(node: Expr, context: EvaluationContext) -> Fraction:
    """Return the value of a numeric expression. Raises MissingValue."""
    return cast(Fraction, evaluate(node, context))


def evaluate_condition(node: Expr, context: EvaluationContext) -> bool:
    """Return the value of a condition. Raises MissingValue."""
    return bool(evaluate(node, context))


def _comparison(node: Comparison, context: EvaluationContext) -> bool:
    """Compare two values.

    Attainment is compared by cross-multiplying (value OP rate × quota), so nothing is divided.
    """
    compare = COMPARE[node.operator]
    match node.left, node.right:
        case Attainment(), _:
            value, rate = _against(node.left, number(node.right, context), context)
            return compare(value, rate)
        case _, Attainment():
            value, rate = _against(node.right, number(node.left, context), context)
            return compare(rate, value)
    return compare(evaluate(node.left, context), evaluate(node.right, context))


def look_up(table: Table, keys: Sequence[Cell]) -> Fraction:
    """Return the value of the first table row that holds all keys.

    For an interpolated table it is the point on the line between two rows, and beyond the ends the value of the nearest
    row.
    """
    if table.interpolated:
        return _between(table.rows, cast(Fraction, keys[0]))
    for row in table.rows:
        if all(_holds(key, value) for key, value in zip(row.keys, keys, strict=True)):
            return row.value
    raise AssertionError("the check has proven that every value lies in a row")


def _holds(key: Key, value: Cell) -> bool:
    """Return True if a table row's key holds a value. The lower bound belongs to it, the upper one does not."""
    if isinstance(value, str):
        return key.text is None or key.text == value
    x = cast(Fraction, value)
    return (key.low is None or key.low <= x) and (key.high is None or x < key.high)


def _between(rows: Sequence[TableRow], x: Fraction) -> Fraction:
    """Return the value of an interpolated table at x."""
    points = [(cast(Fraction, row.keys[0].low), row.value) for row in rows]
    if x < points[0][0]:
        return points[0][1]
    for (low, value), (high, following) in pairwise(points):
        if x < high:
            return value + (x - low) * (following - value) / (high - low)
    return points[-1][1]


def _against(node: Attainment, rate: Fraction, context: EvaluationContext) -> tuple[Fraction, Fraction]:
    """Return two numbers that compare as the attainment compares with the rate."""
    target = context.targets[node.quota_key]
    if target.stated is not None:
        return target.stated, rate
    assert target.amount is not None
    return context.measures[node.key], rate * target.amount
