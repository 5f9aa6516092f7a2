"""Reads of plans: the expressions, roster columns, quotas and measures of components, versions and programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from spmlang.diagnostics.text import Span
from spmlang.values.calendar import Grain

from .expressions import SO_FAR, Attainment, Column, Expr, Fallback, Presence, QuotaValue, children, longer_key, walk
from .pay_rules import Basis, Formula, Tiers
from .program import AssignedMembers, Component, Condition, PlanVersion, Program
from .quotas import Quota

# ---- expressions ------------------------------------------------------------------------------


def own_expressions(pay: Tiers | Formula, conditions: Iterable[Condition]) -> list[Expr]:
    """Return the expressions of a component's pay and conditions."""
    values = [pay.value] if isinstance(pay, Formula) else [tier.value for tier in pay.rows]
    return [*values, *(condition.test for condition in conditions)]


def pay_expressions(component: Component) -> list[Expr]:
    """Return the expressions of a component's pay and conditions, and those of components whose earnings it reads."""
    own = own_expressions(component.pay, component.conditions)
    return [*own, *(node for used in component.uses for node in pay_expressions(used))]


def daily_expressions(plan: PlanVersion) -> list[Expr]:
    """Return the expressions of a version that are read on each day: its `for` condition, pay and conditions."""
    members = [] if isinstance(plan.members, AssignedMembers) else [plan.members]
    return [*members, *(node for component in plan.components for node in pay_expressions(component))]


def cap_expressions(plan: PlanVersion) -> list[Expr]:
    """Return the limits of a version's caps, which are read on the last day of an interval only."""
    caps = [cap for component in plan.components for cap in component.caps]
    return [cap.limit for cap in (*caps, *([plan.cap] if plan.cap is not None else []))]


# ---- columns ----------------------------------------------------------------------------------


def columns_of(*expressions: Expr | None) -> tuple[Column, ...]:
    """Return the columns that the expressions read, each once. None is skipped."""
    tops = (top for top in expressions if top is not None)
    return tuple(dict.fromkeys(node for top in tops for node in walk(top) if isinstance(node, Column)))


def required_columns(*expressions: Expr | None) -> tuple[Column, ...]:
    """Return the columns that must have a value.

    Columns for which `or else` or `is present` answers need none.
    """
    waiting = [top for top in expressions if top is not None]
    found: dict[Column, None] = {}
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, Column):
            found[node] = None
        elif not isinstance(node, Fallback | Presence):
            waiting = [*children(node), *waiting]
    return tuple(found)


def daily_columns(plan: PlanVersion) -> tuple[Column, ...]:
    """Return the roster columns that a version reads on each day, including those behind references."""
    return columns_of(*daily_expressions(plan))


def payee_columns(plan: PlanVersion) -> tuple[Column, ...]:
    """Return all roster columns that a version reads, including those behind references and those of caps."""
    return columns_of(*daily_expressions(plan), *cap_expressions(plan))


# ---- quotas -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class QuotaUse:
    """A quota that a component reads, over the component's interval or a longer one (`over`).

    With `so_far` only the targets of the intervals that have begun are summed.
    """

    quota: str
    over: Grain | None = None
    so_far: bool = False
    span: Span = field(compare=False, repr=False)

    @property
    def key(self) -> str:
        """The key of its value among the values of a component's quotas."""
        return longer_key(self.quota, self.over) + (SO_FAR if self.so_far else "")


def quota_uses(component: Component) -> Iterator[QuotaUse]:
    """Yield a use for each place in which a component, or one whose earnings it reads, reads a quota."""
    for top in own_expressions(component.pay, component.conditions):
        for node in walk(top):
            if isinstance(node, Attainment):
                yield QuotaUse(quota=node.quota, over=node.over, so_far=node.so_far, span=node.span)
            elif isinstance(node, QuotaValue):
                yield QuotaUse(quota=node.quota, span=node.span)
    if isinstance(component.pay, Tiers) and component.pay.basis is Basis.ATTAINMENT:
        yield QuotaUse(quota=component.pay.quota, span=component.pay.span)
    for used in component.uses:
        yield from quota_uses(used)


def quotas_used(component: Component) -> dict[str, QuotaUse]:
    """Return the quotas that a component reads, itself or through other components' earnings, sorted by key."""
    return {use.key: use for use in sorted(quota_uses(component), key=lambda use: use.key)}


# ---- measures ---------------------------------------------------------------------------------


def earlier_measures(quotas: Iterable[Quota]) -> frozenset[str]:
    """Return the measures whose results of earlier intervals are part of targets."""
    return frozenset(node.measure for quota in quotas for node in quota.earlier)


def measures_of(program: Program, version: PlanVersion, component: Component) -> frozenset[str]:
    """Return the measures that a component reads, uses as revenue or makes targets of."""
    revenue = version.revenue_of(component, program.measures)
    targets = earlier_measures(version.quotas[use.quota] for use in quota_uses(component))
    return frozenset(component.measures) | targets | ({revenue} if revenue is not None else set())


def with_rolled_up(program: Program, names: Iterable[str]) -> frozenset[str]:
    """Return the measures, and the measures that they roll up."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        found.add(name)
        rollup = program.measures[name].rollup
        if rollup is not None:
            waiting.append(rollup.measure)
    return frozenset(found)


def used_measures(program: Program) -> frozenset[str]:
    """Return the measures that components read, use as revenue or make targets of, and those that these roll up.

    The revenue measure of a plan is among them, even if each of its components has a measure that is money.
    """
    pairs = [(version, component) for version in program.plans for component in version.components]
    names = {name for pair in pairs for name in measures_of(program, *pair)}
    return with_rolled_up(program, names | {plan.revenue for plan in program.plans if plan.revenue is not None})
