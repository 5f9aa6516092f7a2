"""Apply all limits to earnings, in the order that docs/decisions/0002-meaning-of-a-run.md states."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from spmlang.compile.earnings.component import CompiledComponent
from spmlang.compile.earnings.payout_rows import (
    PayoutKeys,
    any_of,
    limit_column,
    named,
    plan_limit_column,
    row_locations,
)
from spmlang.compile.payees.plan_members import on_roster_in, payee_checks
from spmlang.compile.periods.slices import Slices, grains_from
from spmlang.compile.stages.earnings import EARNED
from spmlang.compile.stages.limits import CAPPED, PLANS_CAPPED, PLANS_CUT
from spmlang.compile.stages.periods import PERIODS
from spmlang.program.program import Program
from spmlang.relations import nodes
from spmlang.relations.exact_arithmetic import apportion_column
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
    IsNull,
    Join,
    Logic,
    Not,
    Project,
    Ref,
    Relation,
    Scalar,
    Union,
    Window,
    WindowColumn,
)
from spmlang.values.calendar import Calendar, Grain

from .budgets import budget_stages
from .pools_and_contests import sharing_stages


def limit_stages(
    program: Program, components: Iterable[CompiledComponent], keys: PayoutKeys, slices: Slices
) -> tuple[list[nodes.Step | Check | Input | nodes.WeightStage], Relation]:
    """Build the stages from `earned` on: pools and contests, component caps, budgets, plan caps.

    Returns:
        The stages, and all payout rows with `amount` after limits, in minor units.
    """
    stages: list[nodes.Step | Check | Input | nodes.WeightStage] = [periods_input(slices), keys.input()]
    sharing, held = sharing_stages(components, keys, row_locations(keys, EARNED.name()), slices)
    stages += sharing
    for grain in grains_from(program.calendar.pay):
        # Take every version of a component that any version caps, because the earnings of a version without a cap
        # count towards the cap of the next.
        capped = {
            keys.components[plan.name, component.name]
            for plan in program.plans
            for component in plan.components
            if any(cap.grain is grain for cap in component.caps)
        }
        if capped:
            stages += _cap_column_checks(program, keys, grain)
            stages.append(_cap_check(EARNED.rows(), limit_column(grain), "component_name"))
            step = nodes.Step(CAPPED.name(grain), _component_caps(keys, held.rows(capped), grain), "")
            stages.append(step)
            held = held.after(step.name, capped)
    budgeting, held = budget_stages(program, keys, held)
    stages += budgeting
    for grain in grains_from(program.calendar.pay):
        plans = {plan.name for plan in program.plans if plan.cap is not None and plan.cap.grain is grain}
        if plans:
            concerned = {number for (plan, _), number in keys.components.items() if plan in plans}
            rows = held.rows(concerned)
            stages += _plan_cap_column_checks(program, keys, grain)
            stages.append(_cap_check(_deciding(), plan_limit_column(grain), "plan_name"))
            cuts = nodes.Step(PLANS_CUT.name(grain), _plan_cuts(program, rows, grain), "")
            step = nodes.Step(PLANS_CAPPED.name(grain), _plan_caps(keys, rows, PLANS_CUT.rows(grain)), "")
            stages += [cuts, step]
            held = held.after(step.name, concerned)
    return stages, held.rows()


def periods_input(slices: Slices) -> Input:
    """Return the input `periods`: period, period_label, final_slice, and `in_…` for each grain.

    `in_…` is the index of the interval that holds the period.
    """
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
    return Input(PERIODS.name(), tuple(columns), tuple(rows))


def _cap_column_checks(program: Program, keys: PayoutKeys, grain: Grain) -> list[Check]:
    """Build checks that columns of a component's limits have values in the last slice of every earning."""
    checks = []
    for plan in program.plans:
        for component in plan.components:
            limits = [cap.limit for cap in component.caps if cap.grain is grain]
            earned = Filter(EARNED.rows(), any_of([keys.of(plan, component.name)]))
            checks += payee_checks(program, limits, on_roster_in(earned, "last_slice"))
    return checks


def _plan_cap_column_checks(program: Program, keys: PayoutKeys, grain: Grain) -> list[Check]:
    """Build checks that columns of a plan's limit have values in the deciding slice.

    That is the last slice of the earning that decides about the cap.
    """
    checks = []
    for plan in program.plans:
        if plan.cap is not None and plan.cap.grain is grain:
            own = Filter(_deciding(), any_of([keys.of(plan)]))
            checks += payee_checks(program, [plan.cap.limit], on_roster_in(own, "last_slice"))
    return checks


def _deciding() -> Relation:
    """Return the earnings that decide about the cap of their plan, payee and period (see `_deciding_rank`)."""
    rows = AddColumns(EARNED.rows(), (("decides", _deciding_rank()),))
    latest = Window(rows, (WindowColumn("latest", "max", Ref("decides"), partition=_TOGETHER),))
    return Filter(latest, Compare("==", Ref("decides"), Ref("latest")))


def _cap_check(rows: Relation, column: str, name: str) -> Check:
    """Build the check that no limit in `column` is negative."""
    bad = named(Filter(rows, Compare("<", Ref(column), Const(0))))
    words = (("payee", Ref("payee")), ("period", Ref("period_label")), ("component", Ref(name)))
    return Check("run-cap-negative", Project(bad, words))


def _left(total: str, before: Scalar, limit: str) -> Scalar:
    """Return the part of a step in a running sum that a limit leaves.

    It is min(total, limit) − min(before, limit), as in decision 2 ("Caps, budget").
    """
    return Binary("-", Call("least", (Ref(total), Ref(limit))), Call("least", (before, Ref(limit))))


def _component_caps(keys: PayoutKeys, rows: Relation, grain: Grain) -> Relation:
    """Return the rows with the amounts that component caps of one grain leave."""
    placed = Join(rows, _interval(grain), ("period",))
    order = (("period", False), ("version", False))
    running = Window(
        placed,
        (WindowColumn("total", "sum", Ref("amount"), partition=("component", "payee", "interval"), order=order),),
    )
    limit = limit_column(grain)
    left = _left("total", Binary("-", Ref("total"), Ref("amount")), limit)
    amount = Case(((IsNull(Ref(limit)), Ref("amount")),), left)
    return keys.keep(running, amount)


def _interval(grain: Grain) -> Relation:
    """Return the index of each pay period's interval of a grain: period, interval."""
    return Project(PERIODS.rows(), (("period", Ref("period")), ("interval", Ref(f"in_{grain}"))))


#: A plan's cap limits the sum of the rows that are equal in these columns.
_TOGETHER = ("plan", "payee", "period")


def _plan_cuts(program: Program, rows: Relation, grain: Grain) -> Relation:
    """Return the sums that a plan's cap lowers: plan, payee, period, sum_of_period, and the part `left`.

    Few periods reach a cap, so this relation is small.
    """
    limit = Ref(plan_limit_column(grain))
    periods = Aggregate(
        rows,
        _TOGETHER,
        (
            AggregateColumn("sum_of_period", "sum", Ref("amount")),
            # `last` needs values in all rows, because engines pass over absent ones. So the row that decides says first
            # whether it is capped, and a limit is read only if it is.
            AggregateColumn("is_capped", "last", Not(IsNull(limit)), where=None, order=_deciding_rank()),
            AggregateColumn("cap", "last", Call("coalesce", (limit, Const(0))), where=None, order=_deciding_rank()),
        ),
    )
    running: Relation = AddColumns(periods, (("total", Ref("sum_of_period")),))
    if grain is not program.calendar.pay:
        placed = Join(periods, _interval(grain), ("period",))
        order = (("period", False),)
        running = Window(
            placed,
            (WindowColumn("total", "sum", Ref("sum_of_period"), partition=("plan", "payee", "interval"), order=order),),
        )
    left = _left("total", Binary("-", Ref("total"), Ref("sum_of_period")), "cap")
    columns = tuple((name, Ref(name)) for name in (*_TOGETHER, "sum_of_period"))
    found = Project(running, (*columns, ("is_capped", Ref("is_capped")), ("left", left)))
    cut = Filter(found, Logic("and", (Ref("is_capped"), Compare("!=", Ref("left"), Ref("sum_of_period")))))
    return Project(cut, (*columns, ("left", Ref("left"))))


def _plan_caps(keys: PayoutKeys, rows: Relation, cuts: Relation) -> Relation:
    """Apportion the part that a plan's cap leaves over the rows of its plan, payee and period."""
    joined = Join(rows, cuts, _TOGETHER, optional=True)
    untouched = Filter(joined, IsNull(Ref("left")))
    touched = Filter(joined, Not(IsNull(Ref("left"))))
    shared = apportion_column(
        touched,
        "share",
        total="left",
        weight="amount",
        partition=_TOGETHER,
        order=("component", "version"),
        weights="sum_of_period",
    )
    return Union((keys.keep(shared, Ref("share")), keys.keep(untouched, Ref("amount"))))


def _deciding_rank() -> Scalar:
    """Return the rank of a row in deciding about its plan's cap; the highest decides.

    The plan's cap is that of the latest version, and of its rows the one with the latest slice.
    """
    return Binary("+", Binary("*", Ref("version"), Const(10**9)), Ref("last_slice"))
