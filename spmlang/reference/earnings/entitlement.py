"""The entitlement that measures to date give: the formula behind earnings, lines and explanations.

See decision 2, Entitlement.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from spmlang.program.pay_rules import Basis, Formula, Tier, TierMode, Tiers
from spmlang.program.program import Component, Condition
from spmlang.reference.sources.expressions import EvaluationContext, evaluate_condition, number
from spmlang.values.rounding import round_to


@dataclass(frozen=True)
class Band:
    """The pay of one tier: its `value` times `inside`, the part of the measure in the tier.

    In a retroactive table `inside` is the whole measure.
    """

    tier: Tier
    inside: Fraction
    value: Fraction

    @property
    def pays(self) -> Fraction:
        """The exact amount of money."""
        return self.inside * self.value


@dataclass(frozen=True, kw_only=True)
class Entitled:
    """An entitlement to date: `exact` as the formula gives it, and `rounded` by the component's rule.

    Both are zero if a condition fails. `conditions` has each condition with its result, `bands` the pay of each tier.
    `whole`: the exact entitlement of the whole interval, if this is a part of it.
    """

    exact: Fraction
    rounded: Fraction
    conditions: tuple[tuple[Condition, bool], ...] = ()
    bands: tuple[Band, ...] = ()
    whole: Fraction | None = None

    def part(self, component: Component, share: Fraction) -> Entitled:
        """Return a share of the entitlement, rounded by the component's rule."""
        exact = self.exact * share
        rounded = round_to(exact, component.rounding.step, component.rounding.mode)
        return replace(self, exact=exact, rounded=rounded, whole=self.exact)


NOTHING = Entitled(exact=Fraction(0), rounded=Fraction(0))


def entitle(component: Component, context: EvaluationContext) -> Entitled:
    """Return the entitlement of a payee on the measures, quotas and roster row of `context`.

    Raises:
        MissingValue: if a value is absent.
    """
    if component.uses:
        context = replace(context, earnings={used.name: entitle(used, context).exact for used in component.uses})
    conditions = tuple((condition, evaluate_condition(condition.test, context)) for condition in component.conditions)
    bands: tuple[Band, ...] = ()
    if isinstance(component.pay, Formula):
        pays = number(component.pay.value, context)
    else:
        bands = _bands(component.pay, context)
        pays = sum((band.pays for band in bands), Fraction(0))
    if not all(held for _, held in conditions):
        return Entitled(exact=Fraction(0), rounded=Fraction(0), conditions=conditions)
    return Entitled(
        exact=pays,
        rounded=round_to(pays, component.rounding.step, component.rounding.mode),
        conditions=conditions,
        bands=bands,
    )


def lowest_value(component: Component, context: EvaluationContext) -> Fraction | None:
    """Return the value of the lowest tier; None without tiers."""
    return number(component.pay.rows[0].value, context) if isinstance(component.pay, Tiers) else None


def _bands(tiers: Tiers, context: EvaluationContext) -> tuple[Band, ...]:
    """Return the pay of each tier that holds a part of the measure."""
    measure = context.measures[tiers.measure]
    values = [number(tier.value, context) for tier in tiers.rows]
    level, scale = measure, Fraction(1)  # the value that picks a tier, and the factor of the bounds
    if tiers.basis is Basis.ATTAINMENT:
        target = context.targets[tiers.quota]
        if target.stated is not None:
            return (_whole(tiers, values, measure=measure, level=target.stated, scale=scale),)
        assert target.amount is not None
        scale = target.amount
    if tiers.mode is TierMode.RETROACTIVE or level < 0:
        return (_whole(tiers, values, measure=measure, level=level, scale=scale),)
    bands = []
    for tier, value in zip(tiers.rows, values, strict=True):
        low = tier.low * scale
        high = level if tier.high is None else min(level, tier.high * scale)
        if high > low:
            bands.append(Band(tier, high - low, value))
    return tuple(bands)


def _whole(tiers: Tiers, values: list[Fraction], *, measure: Fraction, level: Fraction, scale: Fraction) -> Band:
    """Return the tier that holds `level`, with the whole measure in it.

    A level below zero belongs to the first tier. The bounds of tiers are times `scale`.
    """
    for tier, value in zip(tiers.rows, values, strict=True):
        if tier.high is None or level < tier.high * scale:
            return Band(tier, measure, value)
    raise AssertionError("the check has proven that the last tier is open")
