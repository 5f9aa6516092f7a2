"""Classify the rows of a measure's source: counted, outside its days, left out by `where`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from spmlang.compile.periods.slices import Slices
from spmlang.compile.sources.expressions import Bindings, number, scalar
from spmlang.compile.sources.references import absent, column_alias, column_aliases, join_references
from spmlang.program.expressions import Column
from spmlang.program.measures import Measure
from spmlang.program.program import Program
from spmlang.program.reads import columns_of, required_columns
from spmlang.program.reconciliation_classes import COUNTED
from spmlang.program.undated_values import reads_no_dated_table
from spmlang.relations.exact_arithmetic import Number, at_scale
from spmlang.relations.nodes import (
    Aggregate,
    AggregateColumn,
    Case,
    Compare,
    Const,
    Filter,
    IsNull,
    Logic,
    Not,
    Null,
    Project,
    Ref,
    Relation,
    Scalar,
    ToUnits,
)

#: The number of rows, the sum of their units, and the number of rows whose units are unknown.
SUMS = (
    AggregateColumn("rows", "count", Const(1)),
    AggregateColumn("units", "sum", Ref("units")),
    AggregateColumn("untold", "sum", Case(((IsNull(Ref("units")), Const(1)),), Const(0))),
)


def rows_by_class(program: Program, measures: Mapping[str, Measure], slices: Slices) -> list[Relation]:
    """Return the rows of each measure that has a source, by class and reason.

    The columns are `classes.COLUMNS`.
    """
    measured = [measure for measure in measures.values() if measure.source is not None]
    return [
        part for measure in measured for part in (_counted(program, measure, slices), _rest(program, measure, slices))
    ]


def held_rows(program: Program, measure: Measure) -> Relation:
    """Return the sums (`SUMS`) of all rows that the files hold, as one row.

    The measure's value must be plain: it reads no dated table.
    """
    columns = columns_of(measure.value)
    names = Bindings(columns=column_aliases(columns))
    rows = join_references(program, str(measure.source), columns=columns)
    found = Aggregate(Project(rows, (("units", _raw_units(measure, names)),)), (), SUMS)
    return Project(found, (("rows", Ref("rows")), ("units", _units(measure, names)), ("untold", Ref("untold"))))


def _counted(program: Program, measure: Measure, slices: Slices) -> Relation:
    """Return the number of rows that count."""
    names, day, rows = _rows(program, measure, slices, ())
    tests = [test for _, inside in _days(measure, day, slices) for test in inside]
    tests += [scalar(measure.where, names)] if measure.where is not None else []
    found = Aggregate(Filter(rows, Logic("and", tuple(tests))), (), (AggregateColumn("rows", "count", Const(1)),))
    some = Filter(found, Compare("!=", Ref("rows"), Const(0)))
    return _with_class(measure, some, kind=Const(COUNTED), reason=Const(""), untold=Ref("rows"), units=Null("whole"))


def _rest(program: Program, measure: Measure, slices: Slices) -> Relation:
    """Return the rows that do not count, by reason."""
    value = measure.value if reads_no_dated_table(program, measure.value) else None
    is_told = measure.value is None or value is not None
    names, day, rows = _rows(program, measure, slices, columns_of(value))
    outside = [(reason, Logic("or", tuple(map(Not, inside)))) for reason, inside in _days(measure, day, slices)]
    tests: list[Scalar] = [test for _, test in outside]
    tests += [IsNull(day)] if measure.on is not None and measure.on.optional else []
    tests += [_unless(scalar(measure.where, names))] if measure.where is not None else []
    # Reasons are numbers here, because texts take longer to group.
    numbered = tuple((cast(Scalar, test), cast(Scalar, Const(place))) for place, (_, test) in enumerate(outside))
    why = Case(numbered, Const(len(outside)))
    units = _raw_units(measure, names) if is_told else Null("whole")
    # The rows are filtered before their reasons and values are read, because most rows count.
    found = Aggregate(
        Project(Filter(rows, Logic("or", tuple(tests))), (("why", why), ("units", units))), ("why",), SUMS
    )
    inside = Compare("==", Ref("why"), Const(len(outside)))
    reasons = tuple(
        (cast(Scalar, Compare("==", Ref("why"), Const(place))), cast(Scalar, Const(reason)))
        for place, (reason, _) in enumerate(outside)
    )
    return _with_class(
        measure,
        found,
        kind=Case(((inside, Const("left-out")),), Const("outside")),
        reason=Case(reasons, Const("where")),
        untold=Ref("untold"),
        units=_units(measure, names) if is_told else Null("whole"),
    )


def _with_class(
    measure: Measure, rows: Relation, *, kind: Scalar, reason: Scalar, untold: Scalar, units: Scalar
) -> Relation:
    """Return rows in the columns `classes.COLUMNS`."""
    return Project(
        rows,
        (
            ("measure", Const(measure.name)),
            ("via", Const("")),
            ("class", kind),
            ("reason", reason),
            ("payee", Null("text")),
            ("first_period", Null("index")),
            ("last_period", Null("index")),
            ("rows", Ref("rows")),
            ("untold", untold),
            ("units", units),
        ),
    )


def _rows(
    program: Program, measure: Measure, slices: Slices, more: tuple[Column, ...]
) -> tuple[Bindings, Ref, Relation]:
    """Return a measure's source rows with the columns of its day and `where`, and `more`.

    The result has the names of the columns, the row's day, and the rows.
    """
    assert measure.on is not None
    columns = tuple(dict.fromkeys([*columns_of(measure.on, measure.where), *more]))
    day = Ref(column_alias(measure.on))
    rows = join_references(program, str(measure.source), columns=columns, more=(), day=day, by_day=slices.dated.by_day)
    return Bindings(columns=column_aliases(columns)), day, rows


def _days(measure: Measure, day: Ref, slices: Slices) -> list[tuple[str, tuple[Scalar, ...]]]:
    """Return the conditions on a row's day, each with the reason of failing rows.

    The first reason that applies is that of the row.
    """
    found: list[tuple[str, tuple[Scalar, ...]]] = []
    if measure.counts is not None:
        since = Compare(">=", day, Const(measure.counts.start))
        through = measure.counts.through
        found.append(("counts", (since, Compare("<=", day, Const(through))) if through is not None else (since,)))
    found.append(("before-the-run", (Compare(">=", day, Const(slices.starts[0])),)))
    found.append(("after-the-run", (Compare("<=", day, Const(slices.last.end)),)))
    return found


def _unless(test: Scalar) -> Scalar:
    """Return the condition that a test fails or has no answer."""
    return Case(((test, Const(False)),), Const(True))


def _raw_units(measure: Measure, names: Bindings) -> Scalar:
    """Return the value of a row to sum, absent where a required column is.

    A decimal column is summed as it is. `_units` converts the sum.
    """
    if measure.value is None:
        return Const(1)
    if isinstance(measure.value, Column):
        return Ref(column_alias(measure.value))
    value = number(measure.value, names).value
    untold = tuple(map(absent, required_columns(measure.value)))
    return Case(((Logic("or", untold), Null("whole")),), value) if untold else value


def _units(measure: Measure, names: Bindings) -> Scalar:
    """Convert a sum of `_raw_units` into units of the measure's scale."""
    raw = Ref("units")
    if measure.value is None:
        return at_scale(Number(raw, 0), measure.type.scale)
    scale = number(measure.value, names).scale
    whole = ToUnits(raw, scale) if isinstance(measure.value, Column) else raw
    return at_scale(Number(whole, scale), measure.type.scale)
