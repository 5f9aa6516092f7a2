"""Payout rows in the making: what identifies one, and how its amount is changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from spmlang.values.calendar import Grain

from .nodes import Const, Logic, Project, Ref, Relation, Scalar, Test

ROW = ("period", "payee", "plan", "version", "component")


def keep(rows: Relation, amount: Scalar, grains: tuple[Grain, ...]) -> Relation:
    """The rows with another amount."""
    same = (*ROW, "measure_units", "quota_units", "credited_units", "revenue_units", "lowest_minor", "earned_minor")
    more = ("last_slice", "budget", *(f"limit_{grain}" for grain in grains), "plan_limit", "plan_cap_grain")
    return Project(rows, (*((name, Ref(name)) for name in (*same, *more)), ("amount", amount)))


def any_of(choices: Iterable[Mapping[str, str | int]]) -> Scalar:
    """Rows that have one of the combinations of values."""
    return Logic(
        "or",
        tuple(
            Logic("and", tuple(Test("==", Ref(name), Const(value)) for name, value in choice.items()))
            for choice in choices
        ),
    )
