"""Caps and budgets over all earnings, in the order that docs/decisions/0002-meaning-of-a-run.md states."""

from __future__ import annotations

from datetime import date

from spmlang.model.program import Program
from spmlang.values.calendar import Calendar, Grain

from . import nodes
from .budgets import budget_stages
from .earning import NO_LIMIT
from .members import on_roster_in, payee_checks
from .nodes import (
    Aggregate,
    Binary,
    Call,
    Case,
    Check,
    Const,
    Extend,
    Filter,
    Input,
    Join,
    Measured,
    Over,
    Project,
    Ref,
    Relation,
    Scalar,
    Stage,
    Test,
    Union,
    Window,
)
from .numbers import apportion_column
from .rows import any_of, keep
from .sharing import shared_out
from .slices import Slices, grains_from


def limit_stages(program: Program, slices: Slices) -> tuple[list[nodes.Step | Check | Input], str]:
    """Stages from `earned` on, and the name of the last: the same rows with `amount` after caps and budgets."""
    stages: list[nodes.Step | Check | Input] = [_periods(slices)]
    name = "earned"
    if any(version.together() for version in program.plans):
        stages.append(nodes.Step("shared_out", shared_out(program, slices), ""))
        name = "shared_out"
    components = [component for plan in program.plans for component in plan.components]
    for grain in grains_from(program.calendar.pay):
        if any(cap.grain is grain for component in components for cap in component.caps):
            stages += _cap_rows(program, grain)
            stages.append(_cap_check(f"limit_{grain}", "component"))
            stages.append(
                nodes.Step(f"capped_each_{grain}", _component_caps(program, Stage(name), grain, slices.grains), "")
            )
            name = f"capped_each_{grain}"
    budgeting, name = budget_stages(program, name, slices.grains)
    stages += budgeting
    for grain in grains_from(program.calendar.pay):
        if any(plan.cap is not None and plan.cap.grain is grain for plan in program.plans):
            stages += _plan_cap_rows(program, grain)
            stages.append(_cap_check("plan_limit", "plan"))
            stages.append(
                nodes.Step(f"plans_capped_each_{grain}", _plan_caps(program, Stage(name), grain, slices.grains), "")
            )
            name = f"plans_capped_each_{grain}"
    return stages, name


def _periods(slices: Slices) -> Input:
    """Pay periods with their labels and, per grain, the interval that holds them."""
    calendar: Calendar = slices.calendar
    columns = [
        ("period", "index"),
        ("period_label", "text"),
        ("final_slice", "index"),
        *((f"in_{grain}", "index") for grain in slices.grains),
    ]
    rows: list[tuple[int | str | date | bool | None, ...]] = [
        (
            period.index,
            period.label,
            slices.slice_of(period.end),
            *(calendar.interval(period.end, grain).index for grain in slices.grains),
        )
        for period in calendar.intervals(calendar.pay, slices.starts[0], slices.last.end)
    ]
    return Input("periods", tuple(columns), tuple(rows))


def _cap_rows(program: Program, grain: Grain) -> list[Check]:
    """A cap's limit can be told on the last day of every earning that has the cap."""
    checks = []
    for plan in program.plans:
        for component in plan.components:
            limits = [cap.limit for cap in component.caps if cap.grain is grain]
            own: dict[str, str | int] = {"plan": plan.name, "version": plan.version, "component": component.name}
            earned = Filter(Stage("earned"), any_of([own]))
            checks += payee_checks(program, limits, on_roster_in(earned, "last_slice"))
    return checks


def _plan_cap_rows(program: Program, grain: Grain) -> list[Check]:
    """The same for the earning that decides about the plan's cap."""
    group = ("plan", "payee", "period")
    latest = Window(
        Extend(Stage("earned"), (("decides", _decides()),)), (Over("latest", "max", Ref("decides"), group),)
    )
    deciding = Filter(latest, Test("==", Ref("decides"), Ref("latest")))
    checks = []
    for plan in program.plans:
        if plan.cap is not None and plan.cap.grain is grain:
            own = Filter(deciding, any_of([{"plan": plan.name, "version": plan.version}]))
            checks += payee_checks(program, [plan.cap.limit], on_roster_in(own, "last_slice"))
    return checks


def _cap_check(column: str, named: str) -> Check:
    bad = Join(Filter(Stage("earned"), Test("<", Ref(column), Const(NO_LIMIT))), Stage("periods"), ("period",))
    words = (("payee", Ref("payee")), ("period", Ref("period_label")), ("component", Ref(named)))
    return Check("run-cap-negative", Project(bad, words))


def _left(total: str, before: Scalar, limit: str) -> Scalar:
    """What a limit leaves of a step in a running sum."""
    return Binary("-", Call("least", (Ref(total), Ref(limit))), Call("least", (before, Ref(limit))))


def _component_caps(program: Program, rows: Relation, grain: Grain, grains: tuple[Grain, ...]) -> Relation:
    # Every version of a component that any version caps: an uncapped version's earnings fill the cap of the next.
    capped = {
        (plan.name, component.name)
        for plan in program.plans
        for component in plan.components
        if any(cap.grain is grain for cap in component.caps)
    }
    concerned = any_of([{"plan": plan, "component": component} for plan, component in sorted(capped)])
    placed = Join(Filter(rows, concerned), _interval(grain), ("period",))
    order = (("period", False), ("version", False))
    running = Window(placed, (Over("total", "sum", Ref("amount"), ("plan", "payee", "component", "interval"), order),))
    limit = f"limit_{grain}"
    left = _left("total", Binary("-", Ref("total"), Ref("amount")), limit)
    amount = Case(((Test("==", Ref(limit), Const(NO_LIMIT)), Ref("amount")),), left)
    return Union((keep(running, amount, grains), keep(Filter(rows, nodes.Not(concerned)), Ref("amount"), grains)))


def _interval(grain: Grain) -> Relation:
    return Project(Stage("periods"), (("period", Ref("period")), ("interval", Ref(f"in_{grain}"))))


def _plan_caps(program: Program, rows: Relation, grain: Grain, grains: tuple[Grain, ...]) -> Relation:
    """Per plan and payee: what the cap leaves of each period's sum, shared over the period's rows."""
    group = ("plan", "payee", "period")
    capped_plans = sorted({plan.name for plan in program.plans if plan.cap is not None and plan.cap.grain is grain})
    concerned = any_of([{"plan": name} for name in capped_plans])
    own = Case(((Test("==", Ref("plan_cap_grain"), Const(grain.value)), Ref("plan_limit")),), Const(NO_LIMIT))
    periods = Aggregate(
        Extend(Filter(rows, concerned), (("own_limit", own),)),
        group,
        (Measured("sum_of_period", "sum", Ref("amount")), Measured("cap", "last", Ref("own_limit"), None, _decides())),
    )
    placed = Join(periods, _interval(grain), ("period",))
    running = Window(
        placed, (Over("total", "sum", Ref("sum_of_period"), ("plan", "payee", "interval"), (("period", False),)),)
    )
    left = _left("total", Binary("-", Ref("total"), Ref("sum_of_period")), "cap")
    capped = Project(
        running,
        (
            *((name, Ref(name)) for name in group),
            ("sum_of_period", Ref("sum_of_period")),
            ("left", Case(((Test("==", Ref("cap"), Const(NO_LIMIT)), Ref("sum_of_period")),), left)),
        ),
    )
    # Few periods reach a cap: only their rows are shared out.
    cut = Filter(capped, Test("!=", Ref("left"), Ref("sum_of_period")))
    joined = Join(rows, cut, group, optional=True)
    untouched = Filter(joined, nodes.Absent(Ref("left")))
    touched = Filter(joined, nodes.Not(nodes.Absent(Ref("left"))))
    shared = apportion_column(touched, "share", "left", "amount", group, ("component", "version"))
    return Union((keep(shared, Ref("share"), grains), keep(untouched, Ref("amount"), grains)))


def _decides() -> Scalar:
    """The version in force at the period's end decides about a plan's cap; of its rows the one that looks furthest."""
    return Binary("+", Binary("*", Ref("version"), Const(10**9)), Ref("last_slice"))
