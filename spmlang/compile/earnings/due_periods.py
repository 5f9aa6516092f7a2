"""The slices that fall due for each payee, with all that conditions read besides measures and quotas."""

from __future__ import annotations

from spmlang.compile.attainment.measures_to_date import measures_stage, scope_of
from spmlang.compile.payees.plan_members import members_of
from spmlang.compile.periods.slices import Slices
from spmlang.compile.stages.earnings import DUE
from spmlang.compile.stages.payees import MEMBERS
from spmlang.compile.stages.periods import PERIODS, SLICES
from spmlang.program.program import Component, PlanVersion, Program
from spmlang.relations.nodes import (
    AddColumns,
    Aggregate,
    AggregateColumn,
    Call,
    Compare,
    Const,
    Filter,
    IsNull,
    Join,
    Logic,
    Not,
    Project,
    Ref,
    Relation,
    Scalar,
    Stage,
    Union,
)
from spmlang.values.own_names import own_name

_EARNED: tuple[tuple[str, Scalar], ...] = tuple((name, Ref(name)) for name in ("period", "payee", "earned_minor"))


def due_rows(program: Program, version: PlanVersion, component: Component, slices: Slices) -> Relation:
    """Return the slices of members that fall due, with their pay period `due`.

    The columns are those of the members and of the measures to date over the component's scope. If the component asks
    for it, `at_end` is true where the payee is on the plan, in any version, on the last day of the interval or window.
    """
    rows = _due_slices(version, component, slices)
    if not component.at_end:
        return rows
    members = members_of(item for item in program.plans if item.name == version.name)
    last = Project(PERIODS.rows(), (("due", Ref("period")), ("slice", Ref("final_slice"))))
    if component.window is not None and component.window.through is not None:
        on_last = Compare("==", Ref("slice"), Const(slices.slice_of(component.window.through)))
        due = slices.calendar.pay_period(component.window.through).index
        there: Relation = AddColumns(Filter(members, on_last), (("due", Const(due)),))
    else:
        there = Join(members, last, ("slice",))
    marked = Project(there, (("payee", Ref("payee")), ("due", Ref("due")), ("there", Const(True))))
    joined = Join(rows, marked, ("payee", "due"), optional=True)
    return AddColumns(joined, (("at_end", Not(IsNull(Ref("there")))),))


def _due_slices(version: PlanVersion, component: Component, slices: Slices) -> Relation:
    """Return the members' slices with `due`.

    Slices of an interval or window that ends after the run are left out.

    A window must have a last day.
    """
    rows = Join(
        MEMBERS.rows(version.name, version.version), Stage(measures_stage(scope_of(component))), ("payee", "slice")
    )
    if component.window is not None:
        end = component.window.through
        assert end is not None
        due = slices.calendar.pay_period(end).index
        kept = rows if due <= slices.last.index else Filter(rows, Const(False))
        return AddColumns(kept, (("due", Const(due)),))
    due_column = Ref(f"due_{component.due}")
    return AddColumns(Filter(rows, Not(IsNull(due_column))), (("due", due_column),))


def so_far_column(name: str, *, earlier: bool = False) -> str:
    """Return the column of a shorter-interval component's earnings to date.

    They are counted up to the end of the slice, or with `earlier` up to the day before it.
    """
    return own_name("earned_before" if earlier else "earned", name)


def join_earlier_earnings(
    program: Program, version: PlanVersion, *, component: Component, rows: Relation, at: str = "slice"
) -> Relation:
    """Add the earnings of components with shorter intervals, from the start of the interval to date.

    For each of these components two columns (`so_far_column`) are added, in minor units: up to the slice in column
    `at`, and up to the slice before that one. Both are 0 if nothing was earned. `rows` need `payee`, the column of the
    component's grain, and `at`.
    """
    grain = component.accumulates.value
    for name in component.earlier:
        due = tuple(
            Project(DUE.rows(other.name, other.version, name), _EARNED)
            for other in program.plans
            if other.name == version.name and other.component(name) is not None
        )
        ends = Project(PERIODS.rows(), (("period", Ref("period")), ("slice", Ref("final_slice"))))
        intervals = Project(SLICES.rows(), (("slice", Ref("slice")), ("earned_in", Ref(grain))))
        placed = Join(Join(Union(due), ends, ("period",)), intervals, ("slice",))
        earned = Project(
            placed, tuple((f"its_{column}", Ref(column)) for column in ("payee", "slice", "earned_in", "earned_minor"))
        )
        tests = (
            Compare("==", Ref("payee"), Ref("its_payee")),
            Compare("==", Ref(grain), Ref("its_earned_in")),
            Compare("<=", Ref("its_slice"), Ref(at)),
        )
        by_now, until_now = (own_name(word, name) for word in ("by_now", "until_now"))
        keys = Aggregate(rows, tuple(dict.fromkeys(("payee", grain, at))), ())
        sums = Aggregate(
            Join(keys, earned, on=Logic("and", tests)),
            ("payee", at),
            (
                AggregateColumn(by_now, "sum", Ref("its_earned_minor")),
                AggregateColumn(
                    until_now, "sum", Ref("its_earned_minor"), where=Compare("<", Ref("its_slice"), Ref(at))
                ),
            ),
        )
        found = Join(rows, sums, ("payee", at), optional=True)
        named = ((so_far_column(name), by_now), (so_far_column(name, earlier=True), until_now))
        rows = AddColumns(found, tuple((new, Call("coalesce", (Ref(old), Const(0)))) for new, old in named))
    return rows
