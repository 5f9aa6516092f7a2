"""Compile typed expressions into scalars over named columns; numbers become whole units with a static scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from spmlang.program import expressions as typed
from spmlang.program.expressions import Expr
from spmlang.relations.exact_arithmetic import (
    Number,
    add,
    at_scale,
    choose,
    compare,
    constant,
    multiply,
    multiply_whole,
    round_number,
)
from spmlang.relations.nodes import Binary, Call, Case, Compare, Const, IsIn, IsNull, Logic, Not, Ref, Scalar, ToUnits

from .rate_tables import row_value

_TURNED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class Target:
    """The columns of a quota: its amount and the attainment that the plan states instead.

    The amount is absent where the quota is missing.

    `stated` is None if the plan never states one.
    """

    amount: Number
    stated: Number | None


@dataclass(frozen=True, kw_only=True)
class Bindings:
    """The columns of a relation that an expression's leaves read.

    `columns` are names of columns. `measures` are numbers by the key of the measure, `targets` by the key of the quota,
    and `earnings` (exact entitlements) and `so_far` (earnings of shorter intervals) by component.
    """

    columns: Mapping[typed.Column, str] = field(default_factory=dict)
    measures: Mapping[str, Number] = field(default_factory=dict)
    targets: Mapping[str, Target] = field(default_factory=dict)
    earnings: Mapping[str, Number] = field(default_factory=dict)
    so_far: Mapping[str, Number] = field(default_factory=dict)


def number(node: Expr, names: Bindings) -> Number:
    """Compile a numeric expression into an exact number."""
    match node:
        case typed.Literal():
            assert isinstance(node.value, Fraction)
            return constant(node.value)
        case typed.Column():
            return Number(ToUnits(Ref(names.columns[node]), node.type.scale), node.type.scale)
        case typed.MeasureValue() | typed.MeasureBefore():
            return names.measures[node.key]
        case typed.QuotaValue():
            amount = names.targets[node.quota].amount
            return Number(Call("coalesce", (amount.value, Const(0))), amount.scale)
        case typed.Arithmetic(operator="*"):
            return multiply(number(node.left, names), number(node.right, names))
        case typed.Attainment():
            return _attainment(node, names)
        case typed.EarningValue():
            return names.earnings[node.component]
        case typed.EarnedSoFar():
            return names.so_far[node.component]
        case typed.Ratio():
            return _ratio(node, names)
        case typed.Lookup():
            return look_up(node, names)
        case typed.Rounded():
            return round_number(number(node.value, names), node.step, node.mode)
        case typed.Arithmetic(operator="at most" | "at least"):
            left, right = number(node.left, names), number(node.right, names)
            smaller = compare("<=", left, right)
            first, second = (left, right) if node.operator == "at most" else (right, left)
            return choose([(smaller, first)], second)
        case typed.Arithmetic():
            return add(number(node.left, names), number(node.right, names), node.operator)
        case typed.Fallback():
            column, otherwise = number(node.column, names), number(node.otherwise, names)
            scale = max(column.scale, otherwise.scale)
            return Number(Call("coalesce", (at_scale(column, scale), at_scale(otherwise, scale))), scale)
    raise AssertionError(f"{node} is no number")


def scalar(node: Expr, names: Bindings) -> Scalar:
    """Compile a text, date or flag, or a condition."""
    match node:
        case typed.Literal():
            assert not isinstance(node.value, Fraction)
            return Const(node.value)
        case typed.Column():
            return Ref(names.columns[node])
        case typed.Comparison():
            return _comparison(node, names)
        case typed.Membership():
            found = _membership(node, names)
            return Not(found) if node.negated else found
        case typed.AllOf():
            return Logic("and", tuple(scalar(operand, names) for operand in node.operands))
        case typed.AnyOf():
            return Logic("or", tuple(scalar(operand, names) for operand in node.operands))
        case typed.Negation():
            return Not(scalar(node.operand, names))
        case typed.Fallback():
            return Call("coalesce", (scalar(node.column, names), scalar(node.otherwise, names)))
        case typed.OnPlanAtEnd():
            return Ref("at_end")
        case typed.Presence():
            return Not(IsNull(Ref(names.columns[node.column])))
    raise AssertionError(f"{node} is a number")


def _comparison(node: typed.Comparison, names: Bindings) -> Scalar:
    """Compile a comparison; one of attainment is cross-multiplied."""
    match node.left, node.right:
        case typed.Attainment(), _:
            return _compare_with_rate(node.operator, node.left, number(node.right, names), names)
        case _, typed.Attainment():
            return _compare_with_rate(_TURNED[node.operator], node.right, number(node.left, names), names)
    if node.left.type.numeric:
        return compare(node.operator, number(node.left, names), number(node.right, names))
    return Compare(node.operator, scalar(node.left, names), scalar(node.right, names))


def _compare_with_rate(operator: str, node: typed.Attainment, rate: Number, names: Bindings) -> Scalar:
    """Compare an attainment with a rate."""
    return compare_attainment(operator, names.measures[node.key], names.targets[node.quota_key], rate)


def compare_attainment(operator: str, measure: Number, target: Target, rate: Number) -> Scalar:
    """Compare an attainment with a rate, or the stated attainment where the plan states one.

    The measure is compared with rate × quota, so nothing is divided. The quota must be above zero unless an attainment
    is stated.
    """
    crossed = compare(operator, measure, multiply(rate, target.amount))
    if target.stated is None:
        return crossed
    return Case(((Not(IsNull(target.stated.value)), compare(operator, target.stated, rate)),), crossed)


def look_up(node: typed.Lookup, names: Bindings) -> Number:
    """Return the value of the row of a rate table in which the keys lie."""
    keys = [number(key, names) if key.type.numeric else scalar(key, names) for key in node.keys]
    return row_value(node.table, keys)


def _ratio(node: typed.Ratio, names: Bindings) -> Number:
    """Return top ÷ bottom, or the plan's `else` where the bottom is zero.

    The divisor of the result is greater than zero.
    """
    top, bottom, otherwise = number(node.top, names), number(node.bottom, names), number(node.otherwise, names)
    zero = Compare("==", bottom.value, Const(0))
    # (t / 10^a / d) / (b / 10^c / e) = t × e × 10^c / 10^a / (b × d)
    value = multiply_whole(top.value, 10**bottom.scale)
    value = value if bottom.divisor is None else Binary("*", value, bottom.divisor)
    signed = Case(((Compare("<", bottom.value, Const(0)), Binary("-", Const(0), value)),), value)
    size: Scalar = Call("abs", (bottom.value,))
    divisor = size if top.divisor is None else Binary("*", size, top.divisor)
    scale = max(top.scale, otherwise.scale)
    found = multiply_whole(signed, 10 ** (scale - top.scale))
    return Number(Case(((zero, at_scale(otherwise, scale)),), found), scale, Case(((zero, Const(1)),), divisor))


def _attainment(node: typed.Attainment, names: Bindings) -> Number:
    """Return measure ÷ quota as a ratio, or the attainment that the plan states."""
    value, target = names.measures[node.key], names.targets[node.quota_key]
    # (m / 10^a) / (q / 10^b) = m × 10^b / 10^a / q
    ratio = multiply_whole(value.value, 10**target.amount.scale)
    if target.stated is None:
        return Number(ratio, value.scale, target.amount.value)
    scale = max(value.scale, target.stated.scale)
    is_stated = Not(IsNull(target.stated.value))
    top = Case(((is_stated, at_scale(target.stated, scale)),), multiply_whole(ratio, 10 ** (scale - value.scale)))
    return Number(top, scale, Case(((is_stated, Const(1)),), target.amount.value))


def _membership(node: typed.Membership, names: Bindings) -> Scalar:
    """Compile a test of whether the value equals one of the options, without the negation."""
    if node.value.type.numeric:
        value = number(node.value, names)
        tests = tuple(compare("==", value, number(option, names)) for option in node.options)
        return Logic("or", tests)
    values = [option.value for option in node.options]
    return IsIn(scalar(node.value, names), tuple(Const(value) for value in values if not isinstance(value, Fraction)))
