"""Compute a component's entitlement on measures to date, as one exact number over named columns."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from spmlang.compile.sources.expressions import Bindings, compare_attainment, number, scalar
from spmlang.program.pay_rules import Basis, Formula, TierMode, Tiers
from spmlang.program.program import Component
from spmlang.relations.exact_arithmetic import Number, add, at_scale, choose, compare, constant, multiply
from spmlang.relations.nodes import Binary, Call, Compare, Const, IsNull, Logic, Not, Scalar

_ZERO = Number(Const(0), 0)


def entitlement(component: Component, names: Bindings) -> Number:
    """Return the exact entitlement to date, which is zero unless all conditions hold (decision 2, "Entitlement")."""
    if component.uses:
        names = replace(names, earnings={used.name: entitlement(used, names) for used in component.uses})
    pay = component.pay
    exact = number(pay.value, names) if isinstance(pay, Formula) else _tiers(pay, names)
    if not component.conditions:
        return exact
    held = Logic("and", tuple(scalar(condition.test, names) for condition in component.conditions))
    return choose([(held, exact)], _ZERO)


def lowest_value(component: Component, names: Bindings) -> Number | None:
    """Return the value that the lowest tier pays for each unit; None without tiers."""
    return number(component.pay.rows[0].value, names) if isinstance(component.pay, Tiers) else None


def _tiers(tiers: Tiers, names: Bindings) -> Number:
    """Return the exact value of tiers, marginal or retroactive, on the measure to date."""
    measure = names.measures[tiers.measure]
    values = [number(tier.value, names) for tier in tiers.rows]
    if tiers.mode is TierMode.RETROACTIVE:
        tests = [_below(tiers, tier.high, measure, names) for tier in tiers.rows[:-1]]
        return _whole(measure, values, tests)
    lowest = (Compare("<", measure.value, Const(0)), multiply(values[0], measure))
    bands = _bands(tiers, measure, values, names)
    if tiers.basis is Basis.ATTAINMENT:
        stated = names.targets[tiers.quota].stated
        if stated is not None:
            tests = [compare("<", stated, constant(_high(tier.high))) for tier in tiers.rows[:-1]]
            return choose([(Not(IsNull(stated.value)), _whole(measure, values, tests)), lowest], bands)
    return choose([lowest], bands)


def _below(tiers: Tiers, high: Fraction | None, measure: Number, names: Bindings) -> Scalar:
    """Return the condition that the measure, or the attainment, is below the bound."""
    bound = constant(_high(high))
    if tiers.basis is Basis.ATTAINMENT:
        return compare_attainment("<", measure, names.targets[tiers.quota], bound)
    return compare("<", measure, bound)


def _whole(measure: Number, values: list[Number], tests: list[Scalar]) -> Number:
    """Return the value of the tier reached, times the whole measure.

    `tests` has for each tier but the last the condition that the measure lies below the tier's upper bound.
    """
    products = [multiply(value, measure) for value in values]
    return choose(list(zip(tests, products, strict=False)), products[-1])


def _bands(tiers: Tiers, measure: Number, values: list[Number], names: Bindings) -> Number:
    """Return the sum of each tier's value times the measure inside the tier.

    The measure must not be negative.
    """
    total = _ZERO
    for tier, value in zip(tiers.rows, values, strict=True):
        inside = (
            measure
            if tier.low == 0 and tier.high is None
            else _inside(tiers, tier.low, high=tier.high, measure=measure, names=names)
        )
        product = multiply(value, inside)
        total = product if total is _ZERO else add(total, product)
    return total


def _inside(tiers: Tiers, low: Fraction, *, high: Fraction | None, measure: Number, names: Bindings) -> Number:
    """Return the part of the measure between the bounds of a tier."""
    scaled = [measure, *(_bound(tiers, bound, names) for bound in (low, high) if bound is not None)]
    scale = max(item.scale for item in scaled)
    level, bottom, *top = [at_scale(item, scale) for item in scaled]
    reached: Scalar = Call("least", (level, top[0])) if top else level
    if low == 0:
        return Number(reached, scale)
    return Number(Call("greatest", (Binary("-", reached, bottom), Const(0))), scale)


def _bound(tiers: Tiers, bound: Fraction, names: Bindings) -> Number:
    """Return a tier's bound in units of the measure.

    A bound of attainment is multiplied by the quota.
    """
    if tiers.basis is Basis.ATTAINMENT:
        return multiply(constant(bound), names.targets[tiers.quota].amount)
    return constant(bound)


def _high(high: Fraction | None) -> Fraction:
    """Return a bound that must exist: only the last tier has no upper bound, and its bound is never needed."""
    assert high is not None, "only the last tier is open, and it is not asked"
    return high
