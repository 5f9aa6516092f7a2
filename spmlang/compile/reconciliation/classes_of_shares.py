"""Put every row of a measure's source, and every share of counted rows, into one class.

The classes are those of decision 11 (docs/decisions/0011-reconciliation.md). Shares are classified by the sums that a
run computes anyway. Rows are classified in a scan of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from spmlang.compile.credits.credit_rows import credit_rows, first_of_each
from spmlang.compile.credits.credit_shares import (
    overlay_column,
    repeated_units_column,
    share_count_column,
    shares_of,
    units_column,
)
from spmlang.compile.credits.credit_sums import CreditSumStage
from spmlang.compile.credits.ordered_credits import no_rows
from spmlang.compile.credits.uncredited import UNCREDITED
from spmlang.compile.periods.slices import Slices
from spmlang.compile.stages.attainment import ROLLED_UP, SOLD_DIRECTLY
from spmlang.compile.stages.periods import SLICES
from spmlang.compile.stages.reconciliation import GONE, READ_IN_SLICE, ROSTER_DAYS, UNREAD, UNREAD_OF, WITH_READERS
from spmlang.program.measures import Measure
from spmlang.program.program import Program
from spmlang.program.reconciliation_classes import NO_PLAN, NOT_ON_ROSTER, UNPAID
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

from .classes_of_rows import rows_by_class
from .measures_read import MeasureRead, counts_later, is_read, pays_later, read_stages, with_scopes

_CLASSES = ("measure", "via", "class", "reason", "payee")
COLUMNS = (*_CLASSES, "first_period", "last_period", "rows", "untold", "units")


def class_stages(
    program: Program,
    measures: Mapping[str, Measure],
    *,
    found: list[MeasureRead],
    sums: list[CreditSumStage],
    slices: Slices,
    first: Interval,
) -> list[nodes.Step]:
    """Build the stages that classify shares, of which `UNREAD` and `GONE` are the results; none without sums.

    Args:
        program: The checked program.
        measures: The measures that the run needs.
        found: The measures that components read.
        sums: The stages of credit sums.
        slices: The slices of the run.
        first: The first pay period of the run.
    """
    if not sums:
        return []
    ends = (AggregateColumn("joins", "min", Ref("_from")), AggregateColumn("leaves", "max", Ref("_through")))
    roster = Source(program.roster, tuple((name, name) for name in ("payee", "_from", "_through")))
    stages = [
        *read_stages(program, found, slices),
        nodes.Step(ROSTER_DAYS.name(), Aggregate(roster, ("payee",), ends), ""),
    ]
    unread: list[Relation] = []
    for stage, columns in _credited(measures, sums).items():
        stages.append(nodes.Step(WITH_READERS.name(stage), _read_in_slice(stage), ""))
        placed = _placed(program, stage, columns=columns, found=found, slices=slices)
        stages.append(nodes.Step(UNREAD_OF.name(stage), placed, ""))
        for item in columns:
            measure = measures[item.measure]
            classes = (
                _class_of_repeated(first)
                if item.again
                else _classes(program, measures, measure=measure, found=found, first=first)
            )
            unread.append(_with_class(program, UNREAD_OF.rows(stage), item=item, found=found, classes=classes))
    stages.append(nodes.Step(UNREAD.name(), Union(tuple(unread)), ""))
    gone = Filter(UNREAD.rows(), nodes.Logic("and", (Ref("gone"), Compare("!=", Ref("via"), Const("rollup")))))
    pairs = Aggregate(gone, ("measure", "payee"), ())
    return [*stages, nodes.Step(GONE.name(), pairs, "")]


@dataclass(frozen=True)
class _Credited:
    """A column of credited units: its measure, and how it was credited (`via`).

    With `again` its values were already counted, in a `count distinct` measure.
    """

    column: str
    measure: str
    via: str
    again: bool = False

    def unread(self, found: list[MeasureRead]) -> Scalar:
        """Return the condition that no plan reads the row's shares in this column.

        Plans must read shares on their day. Values that were already counted are never read. A row without shares does
        not satisfy the condition.
        """
        some = Compare("!=", Ref(share_count_column(self.column)), Const(0))
        return some if self.again else nodes.Logic("and", (some, Not(is_read(self.measure, found))))


def _credited(measures: Mapping[str, Measure], sums: list[CreditSumStage]) -> dict[str, list[_Credited]]:
    """Return the columns of credited units of each stage that has any."""
    summed = {column: item.again for item in sums for column in item.columns}
    found: dict[str, list[_Credited]] = {SOLD_DIRECTLY.name(): []}
    for name, measure in measures.items():
        if measure.rollup is not None:
            found[ROLLED_UP.name(name)] = [_Credited(units_column(name), name, "rollup")]
            continue
        for column, via in ((units_column(name), "direct"), (overlay_column(name), "overlay")):
            if column in summed:
                found[SOLD_DIRECTLY.name()].append(_Credited(column, name, via))
                if summed[column]:
                    found[SOLD_DIRECTLY.name()].append(_Credited(repeated_units_column(column), name, via, again=True))
    return found


def _read_in_slice(stage: str) -> Relation:
    """Join the credited units with the measures that plans read in the slice.

    Plans read most credits, so all other classes are looked up only for the rest.
    """
    members = nodes.AddColumns(READ_IN_SLICE.rows(), (("planned", Const(True)),))
    return Join(Stage(stage), members, ("payee", "slice"), optional=True)


def _placed(
    program: Program, stage: str, *, columns: list[_Credited], found: list[MeasureRead], slices: Slices
) -> Relation:
    """Return the rows with shares that no plan reads, with the columns that decide about their class."""
    days = ("slice", "first_day", "last_day", "period", *(grain.value for grain in slices.grains))
    known = Project(SLICES.rows(), tuple((name, Ref(name)) for name in days))
    unread = nodes.Logic("or", tuple(item.unread(found) for item in columns))
    rows: Relation = Join(Filter(WITH_READERS.rows(stage), unread), known, ("slice",))
    rows = _with_roster(program, rows, Ref("last_day"))
    rows = Join(rows, ROSTER_DAYS.rows(), ("payee",), optional=True)
    return with_scopes(rows, found)


def not_on_roster(program: Program, measures: Mapping[str, Measure], slices: Slices) -> Output:
    """Return the output of single credits to payees not on the roster, in the columns `UNCREDITED`.

    Credits that a rollup passes on are not among them.
    """
    since = Compare(">=", Ref("day"), Const(_first_in_force(program)))
    parts = []
    for name, measure in measures.items():
        gone = Project(Filter(GONE.rows(), Compare("==", Ref("measure"), Const(name))), (("gone", Ref("payee")),))
        for share in shares_of([measure]):
            rows: Relation = credit_rows(program, measure, slices, share.rule)
            rows = Join(rows, gone, on=Compare("==", Ref("payee"), Ref("gone")))
            if measure.distinct is not None:
                rows = first_of_each(measure, rows)
            found = _with_roster(program, Filter(rows, since), Ref("day"))
            words = (("measure", Const(name)), ("reason", Const(NOT_ON_ROSTER)))
            kept = tuple((name, cast(Scalar, Ref(name))) for name in UNCREDITED if name not in ("measure", "reason"))
            parts.append(Project(Filter(found, IsNull(Ref("rostered"))), (*words, *kept)))
    return Output("not_on_roster", Union(tuple(parts)), UNCREDITED, given=GONE.name())


def _with_roster(program: Program, rows: Relation, day: Scalar) -> Relation:
    """Add `rostered`, which is absent where the payee is not on the roster on the day."""
    columns = (("rostered", "payee"), ("rostered_from", "_from"), ("rostered_through", "_through"))
    held = (
        Compare("==", Ref("payee"), Ref("rostered")),
        Compare(">=", day, Ref("rostered_from")),
        Compare("<=", day, Ref("rostered_through")),
    )
    return Join(rows, Source(program.roster, columns), on=nodes.Logic("and", held), optional=True)


def _first_in_force(program: Program) -> date:
    """Return the first day on which a plan is in force."""
    return min(plan.effective.start for plan in program.plans)


def _earlier(first: Interval) -> Scalar:
    """Return the condition that a slice lies before the run."""
    return Compare("<", Ref("last_day"), Const(first.start))


def _class_of_repeated(first: Interval) -> tuple[Scalar, Scalar]:
    """Return the class and the reason of values that were already counted."""
    earlier = _earlier(first)
    kind = Case(((earlier, Const("outside")),), Const("counted-already"))
    return kind, Case(((earlier, Const("before-the-run")),), Const(""))


def _classes(
    program: Program, measures: Mapping[str, Measure], *, measure: Measure, found: list[MeasureRead], first: Interval
) -> tuple[Scalar, Scalar]:
    """Return the class and the reason of a measure's shares that no plan reads on their day."""
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


def _with_class(
    program: Program, rows: Relation, *, item: _Credited, found: list[MeasureRead], classes: tuple[Scalar, Scalar]
) -> Relation:
    """Return the shares in one column with their class and reason."""
    kind, reason = classes
    since = Compare(">=", Ref("last_day"), Const(_first_in_force(program)))
    gone = ("gone", nodes.Logic("and", (IsNull(Ref("rostered")), since)))
    words = (("measure", Const(item.measure)), ("via", Const(item.via)), ("class", kind), ("reason", reason))
    kept = (("payee", Ref("payee")), ("period", Ref("period")))
    units = (("rows", Ref(share_count_column(item.column))), ("units", Ref(item.column)))
    return Project(Filter(rows, item.unread(found)), (*words, *kept, *units, gone))


def reconciliation(
    program: Program,
    measures: Mapping[str, Measure],
    *,
    found: list[MeasureRead],
    sums: list[CreditSumStage],
    slices: Slices,
) -> Output:
    """Return the output of all rows and shares by class, in the columns `COLUMNS`.

    Unpaid shares are also given by payee, with their first and last pay period.
    """
    parts = rows_by_class(program, measures, slices)
    if sums:
        unpaid = nodes.IsIn(Ref("class"), tuple(map(Const, UNPAID)))
        unread = Project(
            UNREAD.rows(),
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
    """Return the shares that plans read on their day, for each column."""
    parts: list[Relation] = []
    for item in columns:
        is_some = nodes.Logic(
            "and", (Compare("!=", Ref(share_count_column(item.column)), Const(0)), is_read(item.measure, found))
        )
        if item.again or not any(reading.measure == item.measure for reading in found):
            continue
        words = (
            ("measure", Const(item.measure)),
            ("via", Const(item.via)),
            ("class", Const("read")),
            ("reason", Const("")),
        )
        nobody = (("payee", Null("text")), ("period", Null("index")))
        units = (("rows", Ref(share_count_column(item.column))), ("units", Ref(item.column)))
        parts.append(Project(Filter(WITH_READERS.rows(stage), is_some), (*words, *nobody, *units)))
    return parts


def _columns(*names: str) -> tuple[tuple[str, Scalar], ...]:
    return tuple((name, Ref(name)) for name in names)
