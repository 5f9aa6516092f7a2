"""The rows of a source that a measure does not count: outside its days, or left out by its `where`."""

from __future__ import annotations

from collections.abc import Mapping

from spmlang.model.measured import Measure
from spmlang.model.plain import is_plain
from spmlang.model.program import Program

from .nodes import (
    Absent,
    Aggregate,
    Case,
    Const,
    Filter,
    Measured,
    Null,
    Project,
    Ref,
    Relation,
    Scalar,
    Test,
)
from .numbers import Number, at_scale
from .reading import columns_of
from .scalars import Names, number, scalar
from .slices import Slices
from .walking import name_of, names_of, walk_rows


def left_out(program: Program, measures: Mapping[str, Measure], slices: Slices) -> list[Relation]:
    """For each measure with a source the rows that do not count, by class and reason; columns as in `reconciling`."""
    return [_left_out(program, measure, slices) for measure in measures.values() if measure.source is not None]


def _left_out(program: Program, measure: Measure, slices: Slices) -> Relation:
    assert measure.on is not None
    value = measure.value if measure.value is not None and is_plain(program, measure.value) else None
    columns = columns_of(measure.on, measure.where, value)
    names = Names(names_of(columns))
    day = Ref(name_of(measure.on))
    rows = walk_rows(program, str(measure.source), columns, (), day, by_day=slices.dated.by_day)
    why = Project(rows, (("reason", _reason(measure, names, slices)), ("units", _units(measure, value, names))))
    uncounted = Filter(why, Test("!=", Ref("reason"), Const(_COUNTS)))
    found = Aggregate(
        uncounted, ("reason",), (Measured("rows", "count", Const(1)), Measured("units", "sum", Ref("units")))
    )
    inside = Test("==", Ref("reason"), Const(_WHERE))
    return Project(
        found,
        (
            ("measure", Const(measure.name)),
            ("via", Const("")),
            ("class", Case(((inside, Const("left-out")),), Const("outside"))),
            ("reason", Ref("reason")),
            ("payee", Null("text")),
            ("first_period", Null("index")),
            ("last_period", Null("index")),
            ("rows", Ref("rows")),
            ("units", Ref("units")),
        ),
    )


_COUNTS, _WHERE = "counts-for-it", "where"


def _reason(measure: Measure, names: Names, slices: Slices) -> Scalar:
    assert measure.on is not None
    day = Ref(name_of(measure.on))
    branches: list[tuple[Scalar, Scalar]] = [(Absent(day), Const(_WHERE))] if measure.on.optional else []
    if measure.counts is not None:
        branches.append((Test("<", day, Const(measure.counts.start)), Const("counts")))
        if measure.counts.through is not None:
            branches.append((Test(">", day, Const(measure.counts.through)), Const("counts")))
    branches.append((Test("<", day, Const(slices.starts[0])), Const("before-the-run")))
    branches.append((Test(">", day, Const(slices.last.end)), Const("after-the-run")))
    if measure.where is None:
        return Case(tuple(branches), Const(_COUNTS))
    return Case((*branches, (scalar(measure.where, names), Const(_COUNTS))), Const(_WHERE))


def _units(measure: Measure, value: object, names: Names) -> Scalar:
    """What the row would have added; absent where that cannot be told."""
    if measure.value is None:
        return at_scale(Number(Const(1), 0), measure.type.scale)
    if value is None:
        return Null("whole")
    return at_scale(number(measure.value, names), measure.type.scale)
