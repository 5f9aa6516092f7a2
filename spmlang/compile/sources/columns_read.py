"""What plans read of the rows of payees: the columns that stand in expressions."""

from __future__ import annotations

from spmlang.program.expressions import Column, Expr, Fallback, Presence, children, walk
from spmlang.program.program import AssignedMembers, Component, Formula, PlanVersion


def payee_columns(plan: PlanVersion) -> tuple[Column, ...]:
    """The roster columns (and what they refer to) that a version reads, each once."""
    caps = [*(cap for component in plan.components for cap in component.caps), *([plan.cap] if plan.cap else [])]
    return tuple(dict.fromkeys([*daily_columns(plan), *columns_of(*(cap.limit for cap in caps))]))


def daily_columns(plan: PlanVersion) -> tuple[Column, ...]:
    """Those that count on each day: of who is on the plan, and of what components pay. A cap looks at an interval's last day."""
    members = [] if isinstance(plan.members, AssignedMembers) else [plan.members]
    return columns_of(*members, *(node for component in plan.components for node in pay_expressions(component)))


def pay_expressions(component: Component) -> list[Expr]:
    """What a component, and each whose earning it reads, pays, and under which conditions."""
    pay = component.pay
    values = [pay.value] if isinstance(pay, Formula) else [tier.value for tier in pay.rows]
    own = [*values, *(condition.test for condition in component.conditions)]
    return [*own, *(node for used in component.uses for node in pay_expressions(used))]


def columns_of(*expressions: object) -> tuple[Column, ...]:
    """The columns that expressions (None is skipped) read, each once."""
    found = [node for top in expressions if top is not None for node in walk(top) if isinstance(node, Column)]  # type: ignore[arg-type]
    return tuple(dict.fromkeys(found))


def asked_columns(*expressions: object) -> tuple[Column, ...]:
    """The columns that must have a value: not those that `or else` or `is present` answers for."""
    waiting: list[Expr] = [top for top in expressions if top is not None]  # type: ignore[misc]
    found: dict[Column, None] = {}
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, Column):
            found[node] = None
        elif not isinstance(node, Fallback | Presence):
            waiting = [*children(node), *waiting]
    return tuple(found)
