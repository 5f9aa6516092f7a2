"""Where everything that a measure's rows hold went, class by class, so that nothing is lost without a word.

Credits are told apart by what is summed of them anyway; rows are told by whether they count in a pass of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from spmlang.compile.attainment.measures_to_date import SOLD_DIRECTLY, rolled_stage
from spmlang.compile.credits.credit_rows import credit_rows, first_of_each
from spmlang.compile.credits.credit_shares import again_of, overlay_of, rows_of, shares_of, sold
from spmlang.compile.credits.credit_sums import CreditSumStage
from spmlang.compile.credits.ordered_credits import no_rows
from spmlang.compile.credits.uncredited import UNCREDITED
from spmlang.compile.periods.slices import Slices
from spmlang.program.measures import Measure
from spmlang.program.program import Program
from spmlang.program.share_classes import NO_PLAN, NOT_ON_ROSTER, UNPAID
from spmlang.relations import nodes
from spmlang.relations.nodes import (
    Aggregate,
    AggregateColumn,
    Case,
    Compare,
    Const,
    Filter,
    IsNull,
    Join,
    Not,
    Null,
    Output,
    Project,
    Ref,
    Relation,
    Scalar,
    Source,
    Stage,
    Union,
)
from spmlang.values.calendar import Interval
from spmlang.values.own_names import own_name

from .measures_read import READ_IN_SLICE, MeasureRead, counts_later, is_read, pays_later, read_stages, with_scopes
from .uncounted_rows import rows_by_class

_CLASSES = ("measure", "via", "class", "reason", "payee")
COLUMNS = (*_CLASSES, "first_period", "last_period", "rows", "untold", "units")

#: The stage of credits by payee and slice that no plan reads on their day, with their class.
_UNREAD = "unread"

#: The stage of measures and of payees who are credited with them on days on which they are not on the roster.
_GONE = "gone"


def class_stages(
    program: Program,
    measures: Mapping[str, Measure],
    found: list[MeasureRead],
    sums: list[CreditSumStage],
    slices: Slices,
    first: Interval,
) -> list[nodes.Step]:
    """`read`: one row of all that a plan reads on its day. `unread`: measure, via, class, reason, payee, period, rows and
    units of what none does. `gone`: who is credited without being on the roster. `first` is the first pay period of the run.
    """
    if not sums:
        return []
    ends = (AggregateColumn("joins", "min", Ref("_from")), AggregateColumn("leaves", "max", Ref("_through")))
    roster = Source(program.roster, tuple((name, name) for name in ("payee", "_from", "_through")))
    stages = [
        *read_stages(program, found, slices),
        nodes.Step("roster_days", Aggregate(roster, ("payee",), ends), ""),
    ]
    unread: list[Relation] = []
    for stage, columns in _credited(measures, sums).items():
        stages.append(nodes.Step(_with_readers(stage), _read_in_slice(stage), ""))
        rows = own_name("unread_of", stage)
        stages.append(nodes.Step(rows, _placed(program, stage, columns, found, slices), ""))
        for item in columns:
            measure = measures[item.measure]
            classes = _again(first) if item.again else _classes(program, measures, measure, found, first)
            unread.append(_told(program, Stage(rows), item, found, classes))
    stages.append(nodes.Step(_UNREAD, Union(tuple(unread)), ""))
    gone = Filter(Stage(_UNREAD), nodes.Logic("and", (Ref("gone"), Compare("!=", Ref("via"), Const("rollup")))))
    pairs = Aggregate(gone, ("measure", "payee"), ())
    return [*stages, nodes.Step(_GONE, pairs, "")]


@dataclass(frozen=True)
class _Credited:
    """A column of units: of which measure, and how it was credited; `again`: it was counted already."""

    column: str
    measure: str
    via: str
    again: bool = False

    def unread(self, found: list[MeasureRead]) -> Scalar:
        """Whether a row of the stage has any that no plan reads on its day."""
        some = Compare("!=", Ref(rows_of(self.column)), Const(0))
        return some if self.again else nodes.Logic("and", (some, Not(is_read(self.measure, found))))


def _credited(measures: Mapping[str, Measure], sums: list[CreditSumStage]) -> dict[str, list[_Credited]]:
    """The columns of each stage that holds what was credited by payee and slice."""
    summed = {column: item.again for item in sums for column in item.columns}
    found: dict[str, list[_Credited]] = {SOLD_DIRECTLY: []}
    for name, measure in measures.items():
        if measure.rollup is not None:
            found[rolled_stage(name)] = [_Credited(sold(name), name, "rollup")]
            continue
        for column, via in ((sold(name), "direct"), (overlay_of(name), "overlay")):
            if column in summed:
                found[SOLD_DIRECTLY].append(_Credited(column, name, via))
                if summed[column]:
                    found[SOLD_DIRECTLY].append(_Credited(again_of(column), name, via, again=True))
    return found


def _with_readers(stage: str) -> str:
    return own_name("with_readers", stage)


def _read_in_slice(stage: str) -> Relation:
    """What was credited, with what is read there: most of it, so nothing else is asked about all of it."""
    members = nodes.AddColumns(Stage(READ_IN_SLICE), (("planned", Const(True)),))
    return Join(Stage(stage), members, ("payee", "slice"), optional=True)


def _placed(
    program: Program, stage: str, columns: list[_Credited], found: list[MeasureRead], slices: Slices
) -> Relation:
    """The rows of which no plan reads all, with what else tells their class."""
    days = ("slice", "first_day", "last_day", "period", *(grain.value for grain in slices.grains))
    known = Project(Stage("slices"), tuple((name, Ref(name)) for name in days))
    unread = nodes.Logic("or", tuple(item.unread(found) for item in columns))
    rows: Relation = Join(Filter(Stage(_with_readers(stage)), unread), known, ("slice",))
    rows = _with_roster(program, rows, Ref("last_day"))
    rows = Join(rows, Stage("roster_days"), ("payee",), optional=True)
    return with_scopes(rows, found)


def not_on_roster(program: Program, measures: Mapping[str, Measure], slices: Slices) -> Output:
    """The single credits, but for those passed on, to somebody who is not on the roster; columns as `uncredited` has them."""
    since = Compare(">=", Ref("day"), Const(_first_in_force(program)))
    parts = []
    for name, measure in measures.items():
        gone = Project(Filter(Stage(_GONE), Compare("==", Ref("measure"), Const(name))), (("gone", Ref("payee")),))
        for part in shares_of([measure]):
            rows: Relation = credit_rows(program, measure, slices, part.rule)
            rows = Join(rows, gone, on=Compare("==", Ref("payee"), Ref("gone")))
            if measure.distinct is not None:
                rows = first_of_each(measure, rows)
            found = _with_roster(program, Filter(rows, since), Ref("day"))
            words = (("measure", Const(name)), ("reason", Const(NOT_ON_ROSTER)))
            kept = tuple((name, cast(Scalar, Ref(name))) for name in UNCREDITED if name not in ("measure", "reason"))
            parts.append(Project(Filter(found, IsNull(Ref("rostered"))), (*words, *kept)))
    return Output("not_on_roster", Union(tuple(parts)), UNCREDITED, given=_GONE)


def _with_roster(program: Program, rows: Relation, day: Scalar) -> Relation:
    """Rows of payees with `rostered`, absent where the payee is not on the roster on the day."""
    columns = (("rostered", "payee"), ("rostered_from", "_from"), ("rostered_through", "_through"))
    held = (
        Compare("==", Ref("payee"), Ref("rostered")),
        Compare(">=", day, Ref("rostered_from")),
        Compare("<=", day, Ref("rostered_through")),
    )
    return Join(rows, Source(program.roster, columns), on=nodes.Logic("and", held), optional=True)


def _first_in_force(program: Program) -> date:
    """The first day on which anybody can be paid."""
    return min(plan.effective.start for plan in program.plans)


def _earlier(first: Interval) -> Scalar:
    """Whether a slice lies before the run."""
    return Compare("<", Ref("last_day"), Const(first.start))


def _again(first: Interval) -> tuple[Scalar, Scalar]:
    """The class and the reason of what was counted already."""
    earlier = _earlier(first)
    kind = Case(((earlier, Const("outside")),), Const("counted-already"))
    return kind, Case(((earlier, Const("before-the-run")),), Const(""))


def _classes(
    program: Program, measures: Mapping[str, Measure], measure: Measure, found: list[MeasureRead], first: Interval
) -> tuple[Scalar, Scalar]:
    """The class and the reason of what is credited of a measure."""
    passed = any(item.rollup is not None and item.rollup.measure == measure.name for item in measures.values())
    unread = not any(item.measure == measure.name for item in found)
    there = Not(IsNull(Ref("rostered")))
    only_passed = passed and unread
    pays, counts = (nodes.Logic("and", (there, test(measure.name, found))) for test in (pays_later, counts_later))
    before = Compare("<", Ref("last_day"), Const(_first_in_force(program)))
    earlier = _earlier(first)
    unasked = nodes.Logic("and", (there, Not(IsNull(Ref("planned")))))
    joins, leaves = Ref("joins"), Ref("leaves")
    here = Const("passed-on" if only_passed else NO_PLAN)
    kind = Case(
        (
            (pays, Const("read")),
            (counts, Const("read")),
            (nodes.Logic("or", (before, earlier)), Const("outside")),
            (there, here),
        ),
        Const(NOT_ON_ROSTER),
    )
    reason = Case(
        (
            (pays, Const("")),
            (counts, Const("to-date")),
            (before, Const("before-any-plan")),
            (earlier, Const("before-the-run")),
            (unasked, Const("" if only_passed else "not-in-plan")),
            (there, Const("" if only_passed else "on-no-plan")),
            (IsNull(joins), Const("never")),
            (Compare("<", Ref("last_day"), joins), Const("before-joining")),
            (Compare(">", Ref("first_day"), leaves), Const("after-leaving")),
        ),
        Const("away"),
    )
    return kind, reason


def _told(
    program: Program, rows: Relation, item: _Credited, found: list[MeasureRead], classes: tuple[Scalar, Scalar]
) -> Relation:
    kind, reason = classes
    since = Compare(">=", Ref("last_day"), Const(_first_in_force(program)))
    gone = ("gone", nodes.Logic("and", (IsNull(Ref("rostered")), since)))
    words = (("measure", Const(item.measure)), ("via", Const(item.via)), ("class", kind), ("reason", reason))
    kept = (("payee", Ref("payee")), ("period", Ref("period")))
    units = (("rows", Ref(rows_of(item.column))), ("units", Ref(item.column)))
    return Project(Filter(rows, item.unread(found)), (*words, *kept, *units, gone))


def reconciliation(
    program: Program,
    measures: Mapping[str, Measure],
    found: list[MeasureRead],
    sums: list[CreditSumStage],
    slices: Slices,
) -> Output:
    """Rows, by whether they count; and what is credited, by class and for what pays nobody by payee."""
    parts = rows_by_class(program, measures, slices)
    if sums:
        unpaid = nodes.IsIn(Ref("class"), tuple(map(Const, UNPAID)))
        unread = Project(
            Stage(_UNREAD),
            (
                *_columns("measure", "via", "class", "reason"),
                ("payee", Case(((unpaid, Ref("payee")),), Null("text"))),
                ("period", Case(((unpaid, Ref("period")),), Null("index"))),
                *_columns("rows", "units"),
            ),
        )
        read = [part for stage, own in _credited(measures, sums).items() for part in _read(stage, own, found)]
        values = (
            AggregateColumn("first_period", "min", Ref("period")),
            AggregateColumn("last_period", "max", Ref("period")),
            AggregateColumn("rows", "sum", Ref("rows")),
            AggregateColumn("untold", "sum", Const(0)),
            AggregateColumn("units", "sum", Ref("units")),
        )
        summed = Aggregate(Union((unread, *read)), _CLASSES, values)
        parts.append(Project(summed, _columns(*COLUMNS)))
    return Output("reconciliation", Union(tuple(parts)) if parts else no_rows(COLUMNS), _CLASSES)


def _read(stage: str, columns: list[_Credited], found: list[MeasureRead]) -> list[Relation]:
    """What is read on its day, of each column."""
    parts: list[Relation] = []
    for item in columns:
        is_some = nodes.Logic("and", (Compare("!=", Ref(rows_of(item.column)), Const(0)), is_read(item.measure, found)))
        if item.again or not any(reading.measure == item.measure for reading in found):
            continue
        words = (
            ("measure", Const(item.measure)),
            ("via", Const(item.via)),
            ("class", Const("read")),
            ("reason", Const("")),
        )
        nobody = (("payee", Null("text")), ("period", Null("index")))
        units = (("rows", Ref(rows_of(item.column))), ("units", Ref(item.column)))
        parts.append(Project(Filter(Stage(_with_readers(stage)), is_some), (*words, *nobody, *units)))
    return parts


def _columns(*names: str) -> tuple[tuple[str, Scalar], ...]:
    return tuple((name, Ref(name)) for name in names)
