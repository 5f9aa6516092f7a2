"""What a component pays on measures to date, as one exact number over named columns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from spmlang.compile.sources.columns_read import pay_expressions
from spmlang.compile.sources.expressions import Bindings, compare_attainment, number, scalar
from spmlang.program.expressions import Attainment, QuotaValue, walk
from spmlang.program.program import Basis, Component, Formula, TierMode, Tiers
from spmlang.relations.exact_numbers import Number, add, at_scale, choose, compare, constant, multiply
from spmlang.relations.nodes import Binary, Call, Compare, Const, IsNull, Logic, Not, Scalar
from spmlang.values.calendar import Grain

_ZERO = Number(Const(0), 0)


def entitlement(component: Component, names: Bindings) -> Number:
    """Entitlement to date, zero where a condition does not hold."""
    if component.uses:
        names = replace(names, earnings={used.name: entitlement(used, names) for used in component.uses})
    pay = component.pay
    exact = number(pay.value, names) if isinstance(pay, Formula) else _tiers(pay, names)
    if not component.conditions:
        return exact
    held = Logic("and", tuple(scalar(condition.test, names) for condition in component.conditions))
    return choose([(held, exact)], _ZERO)


def lowest_value(component: Component, names: Bindings) -> Number | None:
    """What the lowest tier pays for each unit; None without tiers."""
    return number(component.pay.rows[0].value, names) if isinstance(component.pay, Tiers) else None


@dataclass(frozen=True)
class QuotaUse:
    """A quota asked for: over the component's interval or a longer one (`over`), perhaps only as far as it has begun."""

    quota: str
    over: Grain | None = None
    so_far: bool = False


def quotas_used(component: Component) -> dict[str, QuotaUse]:
    """The quotas that the component, and those whose earnings it reads, ask for, by key."""
    found: dict[str, QuotaUse] = {}
    for top in pay_expressions(component):
        for node in walk(top):
            if isinstance(node, Attainment):
                found[node.quota_key] = QuotaUse(node.quota, node.over, node.so_far)
            elif isinstance(node, QuotaValue):
                found[node.quota] = QuotaUse(node.quota)
    if isinstance(component.pay, Tiers) and component.pay.basis is Basis.ATTAINMENT:
        found[component.pay.quota] = QuotaUse(component.pay.quota)
    for used in component.uses:
        found |= quotas_used(used)
    return dict(sorted(found.items()))


def _tiers(tiers: Tiers, names: Bindings) -> Number:
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
    bound = constant(_high(high))
    if tiers.basis is Basis.ATTAINMENT:
        return compare_attainment("<", measure, names.targets[tiers.quota], bound)
    return compare("<", measure, bound)


def _whole(measure: Number, values: list[Number], tests: list[Scalar]) -> Number:
    """The value of the tier reached, on the whole measure; the tests say whether it is below each tier's upper bound."""
    products = [multiply(value, measure) for value in values]
    return choose(list(zip(tests, products, strict=False)), products[-1])


def _bands(tiers: Tiers, measure: Number, values: list[Number], names: Bindings) -> Number:
    """The sum over tiers of the value times what of the measure lies in the tier. The measure is not negative."""
    total = _ZERO
    for tier, value in zip(tiers.rows, values, strict=True):
        inside = measure if tier.low == 0 and tier.high is None else _inside(tiers, tier.low, tier.high, measure, names)
        product = multiply(value, inside)
        total = product if total is _ZERO else add(total, product)
    return total


def _inside(tiers: Tiers, low: Fraction, high: Fraction | None, measure: Number, names: Bindings) -> Number:
    scaled = [measure, *(_bound(tiers, bound, names) for bound in (low, high) if bound is not None)]
    scale = max(item.scale for item in scaled)
    level, bottom, *top = [at_scale(item, scale) for item in scaled]
    reached: Scalar = Call("least", (level, top[0])) if top else level
    if low == 0:
        return Number(reached, scale)
    return Number(Call("greatest", (Binary("-", reached, bottom), Const(0))), scale)


def _bound(tiers: Tiers, bound: Fraction, names: Bindings) -> Number:
    if tiers.basis is Basis.ATTAINMENT:
        return multiply(constant(bound), names.targets[tiers.quota].amount)
    return constant(bound)


def _high(high: Fraction | None) -> Fraction:
    assert high is not None, "only the last tier is open, and it is not asked"
    return high
