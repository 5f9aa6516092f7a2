"""Where everything that a measure's rows hold went, class by class, so that nothing is lost without a word.

Credits are told apart by what is summed of them anyway; rows that do not count, in a pass of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import cast

from spmlang.model.measured import Measure
from spmlang.model.program import Program

from . import nodes
from .crediting import credit_rows, first_of_each
from .credits import no_rows
from .nodes import (
    Absent,
    Aggregate,
    Case,
    Const,
    Filter,
    Join,
    Measured,
    Not,
    Null,
    Output,
    Project,
    Ref,
    Relation,
    Scalar,
    Source,
    Stage,
    Test,
    Union,
)
from .parts import again_of, overlay_of, parts_of, rows_of
from .readings import Reading, counted, read, reading_stages, with_readings
from .refusals import UNCREDITED
from .slices import Slices
from .standing import SOLD_DIRECTLY, rolled_stage
from .sums import Sums
from .uncounted import left_out

_CLASSES = ("measure", "via", "class", "reason", "payee")
COLUMNS = (*_CLASSES, "first_period", "last_period", "rows", "units")

#: The stage of credits by payee and slice with their class.
_TOLD = "told_apart"

#: The stage of measures and of payees who are credited with them on days on which they are not on the roster.
_GONE = "gone"


def reconciling_stages(
    program: Program, measures: Mapping[str, Measure], found: list[Reading], sums: list[Sums], slices: Slices
) -> list[nodes.Step]:
    """`told_apart`: measure, via, class, reason, payee, period, rows and units of all that is credited; and `gone`."""
    if not sums:
        return []
    days = ("slice", "first_day", "last_day", "period", *(grain.value for grain in slices.grains))
    known = Project(Stage("slices"), tuple((name, Ref(name)) for name in days))
    there = Project(Stage("on_roster"), (("payee", Ref("payee")), ("slice", Ref("slice")), ("there", Const(True))))
    on_plan = Project(Stage("on_plan"), (("payee", Ref("payee")), ("slice", Ref("slice")), ("planned", Const(True))))
    ends = (Measured("joins", "min", Ref("_from")), Measured("leaves", "max", Ref("_through")))
    roster = Source(program.roster, tuple((name, name) for name in ("payee", "_from", "_through")))

    def placed(stage: str) -> Relation:
        rows = Join(Join(Stage(stage), known, ("slice",)), there, ("payee", "slice"), optional=True)
        rows = Join(rows, on_plan, ("payee", "slice"), optional=True)
        return with_readings(Join(rows, Stage("roster_days"), ("payee",), optional=True), found)

    stages = [
        *reading_stages(found, slices),
        nodes.Step("roster_days", Aggregate(roster, ("payee",), ends), ""),
        nodes.Step("placed_directly", placed(SOLD_DIRECTLY), ""),
    ]
    again = {column for item in sums if item.again for column in item.columns}
    told: list[Relation] = []
    for name, measure in measures.items():
        classes = _classes(program, measures, measure, found)
        if measure.rollup is not None:
            rows = f"placed_{rolled_stage(name)}"
            stages.append(nodes.Step(rows, placed(rolled_stage(name)), ""))
            told.append(_told(Stage(rows), name, name, "rollup", classes))
            continue
        for column, via in ((name, "direct"), (overlay_of(name), "overlay")):
            if any(column in item.columns for item in sums):
                told.append(_told(Stage("placed_directly"), name, column, via, classes))
            if column in again:
                twice = (Const("counted-already"), Const(""))
                told.append(_told(Stage("placed_directly"), name, again_of(column), via, twice))
    stages.append(nodes.Step(_TOLD, Union(tuple(told)), ""))
    gone = Filter(Stage(_TOLD), Test("==", Ref("class"), Const("not-on-roster")))
    pairs = Aggregate(Filter(gone, Test("!=", Ref("via"), Const("rollup"))), ("measure", "payee"), ())
    return [*stages, nodes.Step(_GONE, pairs, "")]


def not_on_roster(program: Program, measures: Mapping[str, Measure], slices: Slices) -> Output:
    """The single credits, but for those passed on, to somebody who is not on the roster; columns as `uncredited` has them."""
    ends = (("rostered", "payee"), ("rostered_from", "_from"), ("rostered_through", "_through"))
    roster = Source(program.roster, ends)
    held = (
        Test("==", Ref("payee"), Ref("rostered")),
        Test(">=", Ref("day"), Ref("rostered_from")),
        Test("<=", Ref("day"), Ref("rostered_through")),
    )
    since = Test(">=", Ref("day"), Const(_first_in_force(program)))
    parts = []
    for name, measure in measures.items():
        gone = Project(Filter(Stage(_GONE), Test("==", Ref("measure"), Const(name))), (("gone", Ref("payee")),))
        for part in parts_of([measure]):
            rows: Relation = credit_rows(program, measure, slices, part.rule)
            rows = Join(rows, gone, on=Test("==", Ref("payee"), Ref("gone")))
            if measure.distinct is not None:
                rows = first_of_each(measure, rows)
            found = Join(Filter(rows, since), roster, on=nodes.Logic("and", held), optional=True)
            words = (("measure", Const(name)), ("reason", Const("not-on-roster")))
            kept = tuple((name, cast(Scalar, Ref(name))) for name in UNCREDITED if name not in ("measure", "reason"))
            parts.append(Project(Filter(found, Absent(Ref("rostered"))), (*words, *kept)))
    return Output("not_on_roster", Union(tuple(parts)), UNCREDITED, given=_GONE)


def _first_in_force(program: Program) -> date:
    """The first day on which anybody can be paid."""
    return min(plan.effective.start for plan in program.plans)


def _classes(
    program: Program, measures: Mapping[str, Measure], measure: Measure, found: list[Reading]
) -> tuple[Scalar, Scalar]:
    """The class and the reason of what is credited of a measure."""
    passed = any(item.rollup is not None and item.rollup.measure == measure.name for item in measures.values())
    unread = not any(item.measure == measure.name for item in found)
    before = Test("<", Ref("last_day"), Const(_first_in_force(program)))
    there = Not(Absent(Ref("there")))
    reads, counts = (nodes.Logic("and", (there, test(measure.name, found))) for test in (read, counted))
    only_passed = passed and unread
    word = Const("passed-on" if only_passed else "no-plan")
    kind = Case(
        ((reads, Const("read")), (counts, Const("read")), (before, Const("outside")), (there, word)),
        Const("not-on-roster"),
    )
    unasked = nodes.Logic("and", (there, Not(Absent(Ref("planned")))))
    joins, leaves = Ref("joins"), Ref("leaves")
    reason = Case(
        (
            (reads, Const("")),
            (counts, Const("to-date")),
            (before, Const("before-any-plan")),
            (unasked, Const("" if only_passed else "not-in-plan")),
            (there, Const("" if only_passed else "on-no-plan")),
            (Absent(joins), Const("never")),
            (Test("<", Ref("last_day"), joins), Const("before-joining")),
            (Test(">", Ref("first_day"), leaves), Const("after-leaving")),
        ),
        Const("away"),
    )
    return kind, reason


def _told(rows: Relation, name: str, column: str, via: str, classes: tuple[Scalar, Scalar]) -> Relation:
    some = Filter(rows, Test("!=", Ref(rows_of(column)), Const(0)))
    kept = tuple((name, cast(Scalar, Ref(name))) for name in ("payee", "period"))
    words = (("measure", Const(name)), ("via", Const(via)), ("class", classes[0]), ("reason", classes[1]))
    return Project(some, (*words, *kept, ("rows", Ref(rows_of(column))), ("units", Ref(column))))


def reconciliation(program: Program, measures: Mapping[str, Measure], sums: list[Sums], slices: Slices) -> Output:
    """What is credited, by class and for what pays nobody by payee; and the rows that do not count."""
    parts = left_out(program, measures, slices)
    if sums:
        unpaid = nodes.OneOf(Ref("class"), (Const("no-plan"), Const("not-on-roster")))
        own = tuple((name, cast(Scalar, Ref(name))) for name in ("measure", "via", "class", "reason"))
        named = Project(
            Stage(_TOLD),
            (
                *own,
                ("payee", Case(((unpaid, Ref("payee")),), Null("text"))),
                ("period", Case(((unpaid, Ref("period")),), Null("index"))),
                ("rows", Ref("rows")),
                ("units", Ref("units")),
            ),
        )
        values = (
            Measured("first_period", "min", Ref("period")),
            Measured("last_period", "max", Ref("period")),
            Measured("rows", "sum", Ref("rows")),
            Measured("units", "sum", Ref("units")),
        )
        summed = Aggregate(named, _CLASSES, values)
        parts.append(Project(summed, tuple((name, cast(Scalar, Ref(name))) for name in COLUMNS)))
    return Output("reconciliation", Union(tuple(parts)) if parts else no_rows(COLUMNS), _CLASSES)
