"""Find the columns that plans read in their expressions."""

from __future__ import annotations

from spmlang.program.expressions import Column, Expr, Fallback, Presence, children, walk
from spmlang.program.pay_rules import Formula
from spmlang.program.program import AssignedMembers, Component, PlanVersion


def payee_columns(plan: PlanVersion) -> tuple[Column, ...]:
    """Return the roster columns that a version reads, including those behind references, each once."""
    caps = [*(cap for component in plan.components for cap in component.caps), *([plan.cap] if plan.cap else [])]
    return tuple(dict.fromkeys([*daily_columns(plan), *columns_of(*(cap.limit for cap in caps))]))


def daily_columns(plan: PlanVersion) -> tuple[Column, ...]:
    """Return the roster columns that a version reads on each day.

    It reads them in its `for` condition and in its components.

    Columns of caps are not among them, because a limit is read on the last day of an interval only.
    """
    members = [] if isinstance(plan.members, AssignedMembers) else [plan.members]
    return columns_of(*members, *(node for component in plan.components for node in pay_expressions(component)))


def pay_expressions(component: Component) -> list[Expr]:
    """Return the expressions of a component's pay and conditions, and those of components whose earnings it reads."""
    pay = component.pay
    values = [pay.value] if isinstance(pay, Formula) else [tier.value for tier in pay.rows]
    own = [*values, *(condition.test for condition in component.conditions)]
    return [*own, *(node for used in component.uses for node in pay_expressions(used))]


def columns_of(*expressions: object) -> tuple[Column, ...]:
    """Return the columns that the expressions read, each once. None is skipped."""
    found = [node for top in expressions if top is not None for node in walk(top) if isinstance(node, Column)]  # type: ignore[arg-type]
    return tuple(dict.fromkeys(found))


def required_columns(*expressions: object) -> tuple[Column, ...]:
    """Return the columns that must have a value.

    Columns for which `or else` or `is present` answers need none.
    """
    waiting: list[Expr] = [top for top in expressions if top is not None]  # type: ignore[misc]
    found: dict[Column, None] = {}
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, Column):
            found[node] = None
        elif not isinstance(node, Fallback | Presence):
            waiting = [*children(node), *waiting]
    return tuple(found)
