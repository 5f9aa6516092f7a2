"""The rows of a source that a measure does not count: outside its days, or left out by its `where`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from spmlang.model.expressions import Column, Expr
from spmlang.model.measured import Measure
from spmlang.model.plain import is_plain
from spmlang.model.program import Program

from .nodes import (
    Absent,
    Aggregate,
    Case,
    Const,
    Filter,
    Logic,
    Measured,
    Null,
    Project,
    Ref,
    Relation,
    Scalar,
    Test,
    Units,
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
    outside = _outside(measure, day, slices)
    uncounted = Filter(rows, _is_uncounted(measure, names, day, list(outside.values())))
    # Numbers: texts take longer to group by.
    numbered = tuple((test, cast(Scalar, Const(number_))) for number_, test in enumerate(outside.values()))
    why = Case(numbered, Const(len(outside)))
    told = Project(uncounted, (("why", why), ("units", _raw_units(measure, value, names))))
    counts = (Measured("rows", "count", Const(1)), Measured("units", "sum", Ref("units")))
    found = Aggregate(told, ("why",), counts)
    reasons = tuple(
        (cast(Scalar, Test("==", Ref("why"), number_)), cast(Scalar, Const(reason)))
        for (_, number_), reason in zip(numbered, outside, strict=True)
    )
    inside = Test("==", Ref("why"), Const(len(outside)))
    return Project(
        found,
        (
            ("measure", Const(measure.name)),
            ("via", Const("")),
            ("class", Case(((inside, Const("left-out")),), Const("outside"))),
            ("reason", Case(reasons, Const("where"))),
            ("payee", Null("text")),
            ("first_period", Null("index")),
            ("last_period", Null("index")),
            ("rows", Ref("rows")),
            ("units", _units(measure, value, names)),
        ),
    )


def _outside(measure: Measure, day: Ref, slices: Slices) -> dict[str, Scalar]:
    """Whether a row's day is outside the days that count, by reason; the first reason that holds is the row's."""
    found: dict[str, Scalar] = {}
    if measure.counts is not None:
        found["counts"] = Test("<", day, Const(measure.counts.start))
        if measure.counts.through is not None:
            found["counts"] = Logic("or", (found["counts"], Test(">", day, Const(measure.counts.through))))
    found["before-the-run"] = Test("<", day, Const(slices.starts[0]))
    found["after-the-run"] = Test(">", day, Const(slices.last.end))
    return found


def _is_uncounted(measure: Measure, names: Names, day: Ref, outside: list[Scalar]) -> Scalar:
    """Whether a row does not count; it is asked before the rest of a row is read, as most rows count."""
    tests = [*outside]
    if measure.on is not None and measure.on.optional:
        tests.append(Absent(day))
    if measure.where is not None:
        tests.append(Case(((scalar(measure.where, names), Const(False)),), Const(True)))
    return Logic("or", tuple(tests))


def _raw_units(measure: Measure, value: Expr | None, names: Names) -> Scalar:
    """What is summed of a row: a column as it stands, as only its sum is brought to units."""
    if measure.value is None:
        return Const(1)
    if value is None:
        return Null("whole")
    return Ref(name_of(value)) if isinstance(value, Column) else number(value, names).value


def _units(measure: Measure, value: Expr | None, names: Names) -> Scalar:
    """What the rows would have added; absent where that cannot be told."""
    raw = Ref("units")
    if measure.value is not None and value is None:
        return raw
    scale = 0 if value is None else number(value, names).scale
    whole = Units(raw, scale) if isinstance(value, Column) else raw
    return at_scale(Number(whole, scale), measure.type.scale)
