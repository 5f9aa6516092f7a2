"""Values of expressions, exact. Every operand is evaluated, whatever the others say: an absent value is never overlooked."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import cast

from spmlang.data.tables import Cell, Row
from spmlang.model.expressions import (
    AllOf,
    AnyOf,
    Arithmetic,
    Attainment,
    Column,
    Comparison,
    Expr,
    Fallback,
    Literal,
    MeasureValue,
    Membership,
    Negation,
    Presence,
    QuotaValue,
)

from .facts import Facts

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
    """A payee's quota for an interval. `stated` is the attainment the plan states where `amount` is zero or missing."""

    amount: Fraction | None
    stated: Fraction | None = None


@dataclass(frozen=True)
class Scene:
    """What an expression is evaluated against: a row on a day and, for pay, the payee's measures and quotas."""

    facts: Facts
    row: Row
    day: date
    measures: Mapping[str, Fraction] = field(default_factory=dict)
    targets: Mapping[str, Target] = field(default_factory=dict)


def evaluate(node: Expr, scene: Scene) -> Cell:
    """The value of an expression; never None but for a column that may be absent. Raises Refused."""
    match node:
        case Literal():
            return node.value
        case Column():
            return scene.facts.require(scene.row, node, scene.day)
        case MeasureValue():
            return scene.measures[node.measure]
        case QuotaValue():
            return scene.targets[node.measure].amount or Fraction(0)
        case Arithmetic():
            return _CALCULATE[node.operator](number(node.left, scene), number(node.right, scene))
        case Comparison():
            return _comparison(node, scene)
        case Membership():
            value = evaluate(node.value, scene)
            return any(value == option.value for option in node.options) != node.negated
        case AllOf():
            held = [evaluate(operand, scene) for operand in node.operands]
            return all(held)
        case AnyOf():
            held = [evaluate(operand, scene) for operand in node.operands]
            return any(held)
        case Negation():
            return not evaluate(node.operand, scene)
        case Fallback():
            found = scene.facts.read(scene.row, node.column, scene.day)
            return node.otherwise.value if found is None else found
        case Presence():
            return scene.facts.read(scene.row, node.column, scene.day) is not None
        case Attainment():
            value, whole = _against(node.measure, Fraction(1), scene)
            return value / whole


def number(node: Expr, scene: Scene) -> Fraction:
    """The value of a numeric expression."""
    return cast(Fraction, evaluate(node, scene))


def holds_true(node: Expr, scene: Scene) -> bool:
    """The value of a condition."""
    return bool(evaluate(node, scene))


def _comparison(node: Comparison, scene: Scene) -> bool:
    """Attainment is compared by cross-multiplying: value OP rate × quota. Nothing is divided."""
    compare = COMPARE[node.operator]
    match node.left, node.right:
        case Attainment(), _:
            value, rate = _against(node.left.measure, number(node.right, scene), scene)
            return compare(value, rate)
        case _, Attainment():
            value, rate = _against(node.right.measure, number(node.left, scene), scene)
            return compare(rate, value)
    return compare(evaluate(node.left, scene), evaluate(node.right, scene))


def _against(measure: str, rate: Fraction, scene: Scene) -> tuple[Fraction, Fraction]:
    """Two numbers that compare as the attainment compares with the rate."""
    target = scene.targets[measure]
    if target.stated is not None:
        return target.stated, rate
    assert target.amount is not None
    return scene.measures[measure], rate * target.amount
