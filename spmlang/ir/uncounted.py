"""The rows of a source as a measure takes them: counted, outside its days, or left out by its `where`."""

from __future__ import annotations

from collections.abc import Mapping

from spmlang.model.measured import Measure
from spmlang.model.plain import is_plain
from spmlang.model.program import Program
from spmlang.model.share_classes import COUNTED

from .nodes import (
    Absent,
    Aggregate,
    Case,
    Const,
    Logic,
    Measured,
    Null,
    Project,
    Ref,
    Relation,
    Scalar,
    Test,
)
from .numbers import Number, at_scale
from .reading import asked_columns, columns_of
from .scalars import Names, number, scalar
from .slices import Slices
from .walking import absent, name_of, names_of, walk_rows

#: How many there are, what they come to, and of how many that cannot be told.
SUMS = (
    Measured("rows", "count", Const(1)),
    Measured("units", "sum", Ref("units")),
    Measured("untold", "sum", Case(((Absent(Ref("units")), Const(1)),), Const(0))),
)


def rows_by_class(program: Program, measures: Mapping[str, Measure], slices: Slices) -> list[Relation]:
    """For each measure with a source its rows, by class and reason; columns as in `reconciling`."""
    return [_by_class(program, measure, slices) for measure in measures.values() if measure.source is not None]


def held_rows(program: Program, measure: Measure) -> Relation:
    """What the files hold of a measure with a plain value, in one row: SUMS."""
    columns = columns_of(measure.value)
    rows = walk_rows(program, str(measure.source), columns)
    return Aggregate(Project(rows, (("units", _units(measure, Names(names_of(columns)))),)), (), SUMS)


def _by_class(program: Program, measure: Measure, slices: Slices) -> Relation:
    assert measure.on is not None
    plain = is_plain(program, measure.value)
    columns = columns_of(measure.on, measure.where, measure.value if plain else None)
    names = Names(names_of(columns))
    day = Ref(name_of(measure.on))
    rows = walk_rows(program, str(measure.source), columns, (), day, by_day=slices.dated.by_day)
    reason = _reason(measure, names, slices)
    counted: Scalar = Test("==", reason, Const(_COUNTS))
    units = Case(((counted, Null("whole")),), _units(measure, names)) if plain else Null("whole")
    found = Aggregate(Project(rows, (("reason", reason), ("units", units))), ("reason",), SUMS)
    counts = Test("==", Ref("reason"), Const(_COUNTS))
    where = Test("==", Ref("reason"), Const(_WHERE))
    return Project(
        found,
        (
            ("measure", Const(measure.name)),
            ("via", Const("")),
            ("class", Case(((counts, Const(COUNTED)), (where, Const("left-out"))), Const("outside"))),
            ("reason", Case(((counts, Const("")),), Ref("reason"))),
            ("payee", Null("text")),
            ("first_period", Null("index")),
            ("last_period", Null("index")),
            ("rows", Ref("rows")),
            ("untold", Ref("untold")),
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


def _units(measure: Measure, names: Names) -> Scalar:
    """What a row comes to; absent where a column is that must not be."""
    if measure.value is None:
        return at_scale(Number(Const(1), 0), measure.type.scale)
    units = at_scale(number(measure.value, names), measure.type.scale)
    untold = tuple(map(absent, asked_columns(measure.value)))
    return Case(((Logic("or", untold), Null("whole")),), units) if untold else units
