"""Caps and budgets over all earnings, in the order that docs/decisions/0002-meaning-of-a-run.md states."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from spmlang.compile.earnings.component import CompiledComponent
from spmlang.compile.earnings.earnings import NO_LIMIT
from spmlang.compile.earnings.payout_rows import PayoutKeys, any_of, named, row_locations
from spmlang.compile.payees.plan_members import on_roster_in, payee_checks
from spmlang.compile.periods.slices import Slices, grains_from
from spmlang.program.program import Program
from spmlang.relations import nodes
from spmlang.relations.exact_numbers import apportion_column
from spmlang.relations.nodes import (
    AddColumns,
    Aggregate,
    AggregateColumn,
    Binary,
    Call,
    Case,
    Check,
    Compare,
    Const,
    Filter,
    Input,
    Join,
    Project,
    Ref,
    Relation,
    Scalar,
    Stage,
    Union,
    Window,
    WindowColumn,
)
from spmlang.values.calendar import Calendar, Grain

from .budgets import budget_stages
from .pools_and_contests import sharing_stages


def limit_stages(
    program: Program, works: Iterable[CompiledComponent], keys: PayoutKeys, slices: Slices
) -> tuple[list[nodes.Step | Check | Input | nodes.WeightStage], Relation]:
    """Stages from `earned` on, and what they come to: the same rows with `amount` after caps and budgets."""
    stages: list[nodes.Step | Check | Input | nodes.WeightStage] = [periods_input(slices), keys.input()]
    sharing, held = sharing_stages(program, works, keys, row_locations(keys, "earned"), slices)
    stages += sharing
    for grain in grains_from(program.calendar.pay):
        # Every version of a component that any version caps: an uncapped version's earnings fill the cap of the next.
        capped = {
            keys.components[plan.name, component.name]
            for plan in program.plans
            for component in plan.components
            if any(cap.grain is grain for cap in component.caps)
        }
        if capped:
            stages += _cap_rows(program, keys, grain)
            stages.append(_cap_check(Stage("earned"), f"limit_{grain}", "component_name"))
            step = nodes.Step(f"capped_each_{grain}", _component_caps(keys, held.rows(capped), grain), "")
            stages.append(step)
            held = held.after(step.name, capped)
    budgeting, held = budget_stages(program, keys, held)
    stages += budgeting
    for grain in grains_from(program.calendar.pay):
        plans = {plan.name for plan in program.plans if plan.cap is not None and plan.cap.grain is grain}
        if plans:
            concerned = {number for (plan, _), number in keys.components.items() if plan in plans}
            rows = held.rows(concerned)
            stages += _plan_cap_rows(program, keys, grain)
            stages.append(_cap_check(_deciding(), "plan_limit", "plan_name"))
            cuts = nodes.Step(f"plans_cut_each_{grain}", _plan_cuts(program, rows, grain), "")
            step = nodes.Step(f"plans_capped_each_{grain}", _plan_caps(keys, rows, Stage(cuts.name)), "")
            stages += [cuts, step]
            held = held.after(step.name, concerned)
    return stages, held.rows()


def periods_input(slices: Slices) -> Input:
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


def _cap_rows(program: Program, keys: PayoutKeys, grain: Grain) -> list[Check]:
    """A cap's limit can be told on the last day of every earning that has the cap."""
    checks = []
    for plan in program.plans:
        for component in plan.components:
            limits = [cap.limit for cap in component.caps if cap.grain is grain]
            earned = Filter(Stage("earned"), any_of([keys.of(plan, component.name)]))
            checks += payee_checks(program, limits, on_roster_in(earned, "last_slice"))
    return checks


def _plan_cap_rows(program: Program, keys: PayoutKeys, grain: Grain) -> list[Check]:
    """The same for the earning that decides about the plan's cap."""
    checks = []
    for plan in program.plans:
        if plan.cap is not None and plan.cap.grain is grain:
            own = Filter(_deciding(), any_of([keys.of(plan)]))
            checks += payee_checks(program, [plan.cap.limit], on_roster_in(own, "last_slice"))
    return checks


def _deciding() -> Relation:
    """The earnings that decide about the cap of their plan, payee and period."""
    rows = AddColumns(Stage("earned"), (("decides", _decides()),))
    latest = Window(rows, (WindowColumn("latest", "max", Ref("decides"), _TOGETHER),))
    return Filter(latest, Compare("==", Ref("decides"), Ref("latest")))


def _cap_check(rows: Relation, column: str, name: str) -> Check:
    bad = named(Filter(rows, Compare("<", Ref(column), Const(NO_LIMIT))))
    words = (("payee", Ref("payee")), ("period", Ref("period_label")), ("component", Ref(name)))
    return Check("run-cap-negative", Project(bad, words))


def _left(total: str, before: Scalar, limit: str) -> Scalar:
    """What a limit leaves of a step in a running sum."""
    return Binary("-", Call("least", (Ref(total), Ref(limit))), Call("least", (before, Ref(limit))))


def _component_caps(keys: PayoutKeys, rows: Relation, grain: Grain) -> Relation:
    placed = Join(rows, _interval(grain), ("period",))
    order = (("period", False), ("version", False))
    running = Window(placed, (WindowColumn("total", "sum", Ref("amount"), ("component", "payee", "interval"), order),))
    limit = f"limit_{grain}"
    left = _left("total", Binary("-", Ref("total"), Ref("amount")), limit)
    amount = Case(((Compare("==", Ref(limit), Const(NO_LIMIT)), Ref("amount")),), left)
    return keys.keep(running, amount)


def _interval(grain: Grain) -> Relation:
    return Project(Stage("periods"), (("period", Ref("period")), ("interval", Ref(f"in_{grain}"))))


#: What a plan's cap looks at as one sum.
_TOGETHER = ("plan", "payee", "period")


def _plan_cuts(program: Program, rows: Relation, grain: Grain) -> Relation:
    """Per plan, payee and period of which a cap takes something: the sum, and what is left of it. Few periods reach a cap."""
    own = Case(((Compare("==", Ref("plan_cap_grain"), Const(grain.value)), Ref("plan_limit")),), Const(NO_LIMIT))
    periods = Aggregate(
        AddColumns(rows, (("own_limit", own),)),
        _TOGETHER,
        (
            AggregateColumn("sum_of_period", "sum", Ref("amount")),
            AggregateColumn("cap", "last", Ref("own_limit"), None, _decides()),
        ),
    )
    running: Relation = AddColumns(periods, (("total", Ref("sum_of_period")),))
    if grain is not program.calendar.pay:
        placed = Join(periods, _interval(grain), ("period",))
        order = (("period", False),)
        running = Window(
            placed, (WindowColumn("total", "sum", Ref("sum_of_period"), ("plan", "payee", "interval"), order),)
        )
    left = _left("total", Binary("-", Ref("total"), Ref("sum_of_period")), "cap")
    capped = Project(
        running,
        (
            *((name, Ref(name)) for name in _TOGETHER),
            ("sum_of_period", Ref("sum_of_period")),
            ("left", Case(((Compare("==", Ref("cap"), Const(NO_LIMIT)), Ref("sum_of_period")),), left)),
        ),
    )
    cut = Filter(capped, Compare("!=", Ref("left"), Ref("sum_of_period")))
    return Project(cut, tuple((name, Ref(name)) for name in (*_TOGETHER, "sum_of_period", "left")))


def _plan_caps(keys: PayoutKeys, rows: Relation, cuts: Relation) -> Relation:
    """The rows, with what a cap leaves shared over those of its plan, payee and period."""
    joined = Join(rows, cuts, _TOGETHER, optional=True)
    untouched = Filter(joined, nodes.IsNull(Ref("left")))
    touched = Filter(joined, nodes.Not(nodes.IsNull(Ref("left"))))
    shared = apportion_column(touched, "share", "left", "amount", _TOGETHER, ("component", "version"), "sum_of_period")
    return Union((keys.keep(shared, Ref("share")), keys.keep(untouched, Ref("amount"))))


def _decides() -> Scalar:
    """The version in force at the period's end decides about a plan's cap; of its rows the one that looks furthest."""
    return Binary("+", Binary("*", Ref("version"), Const(10**9)), Ref("last_slice"))
