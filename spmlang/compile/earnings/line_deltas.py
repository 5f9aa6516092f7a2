"""Compute line deltas: the rounded entitlement after each credit less that before it, in minor units.

The formula is that of decision 2 (docs/decisions/0002-meaning-of-a-run.md, "Lines").
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from spmlang.compile.attainment.measures_to_date import to_date_column
from spmlang.compile.credits.credit_shares import units_column
from spmlang.compile.credits.ordered_credits import in_slice_of, units_of
from spmlang.compile.stages.credits import CREDITS_WITH_RUNNING_SUM
from spmlang.compile.stages.earnings import SLICES_OF
from spmlang.relations.exact_arithmetic import Number, add
from spmlang.relations.nodes import (
    AddColumns,
    Binary,
    Compare,
    Const,
    Filter,
    Join,
    Logic,
    Null,
    Project,
    Ref,
    Relation,
    Scalar,
    Union,
)
from spmlang.values.own_names import own_name

from .component import CompiledComponent, context_columns
from .earnings import rounded
from .entitlement import entitlement

#: The values of `timing` of line deltas: AT_START and AT_END have no credit, BY_CREDIT has one.
AT_START, BY_CREDIT, AT_END = 0, 1, 2


def delta_without_credit(day: str, timing: int = AT_START) -> tuple[tuple[str, Scalar], ...]:
    """Return the columns of a line delta that no credit caused, on the day in column `day`."""
    own = ("payee", "slice", "due")
    return (
        *((name, Ref(name)) for name in own),
        ("day", Ref(day)),
        ("timing", Const(timing)),
        ("sequence", Null("index")),
    )


def line_deltas(compiled: CompiledComponent, together: Collection[str]) -> Relation:
    """Return a component's line deltas: payee, due, `DELTA_COLUMNS`, and `delta_minor` in minor units.

    A delta belongs to one credit or, without a credit, to the start or the end of a slice. `together` is as in
    `credit_stages`.
    """
    component = compiled.component
    kept = ["payee", "slice", "due", "first_day", "last_day", "fresh", "start"]
    kept += ["after", "walked"] if component.earlier else []
    kept += [name for asked in compiled.quotas.values() for name in (asked.amount, asked.stated)]
    kept += [*context_columns(compiled, earlier=True), "before"]
    starts = (
        (_start(key), Binary("-", Ref(to_date_column(name, own)), Ref(units_column(name))))
        for key, name, own in compiled.read
    )
    judged = Project(SLICES_OF.rows(*compiled.key), (*((name, Ref(name)) for name in kept), *starts))
    # `before` differs from `start` only in a fresh slice, so only a fresh slice has a delta at its start.
    delta = Binary("-", Ref("start"), Ref("before"))
    started = Project(judged, (*delta_without_credit("first_day"), ("delta_minor", delta)))
    flat: Relation = Filter(started, Compare("!=", Ref("delta_minor"), Const(0)))
    if component.earlier:
        closing = Project(
            judged,
            (*delta_without_credit("last_day", AT_END), ("delta_minor", Binary("-", Ref("after"), Ref("walked")))),
        )
        flat = Union((flat, Filter(closing, Compare("!=", Ref("delta_minor"), Const(0)))))
    if not component.measures:
        return flat
    in_slice = {
        in_slice_of(name): Ref(in_slice_of(name) if name in together else "in_slice") for name in component.measures
    }
    rows: Relation = Join(units_by_measure(component.measures, in_slice), judged, ("payee", "slice"))
    # The measure after a credit is its value before the slice plus the slice's credits up to this one.
    sums = (
        (after_credit(key), Binary("+", Ref(_start(key)), Ref(in_slice_of(name)))) for key, name, _ in compiled.read
    )
    rows = AddColumns(rows, tuple(sums))
    after, before = values_before_and_after(compiled)
    reached = entitlement(component, compiled.names(after, earlier=True))
    left = entitlement(component, compiled.names(before, earlier=True))
    if compiled.per_line:
        rows = rounded(compiled, rows, {"delta_minor": add(reached, left, "-")})
    else:
        rows = rounded(compiled, rows, {"reached": reached, "left": left})
        rows = AddColumns(rows, (("delta_minor", Binary("-", Ref("reached"), Ref("left"))),))
    return Union((flat, by_credit(rows, "slice")))


def by_credit(rows: Relation, slice_column: str) -> Relation:
    """Return the line deltas of credits: payee, slice, due, day, timing, sequence, delta_minor; none that is zero."""
    columns: tuple[tuple[str, Scalar], ...] = (
        ("payee", Ref("payee")),
        ("slice", Ref(slice_column)),
        ("due", Ref("due")),
        ("day", Ref("day")),
        ("timing", Const(BY_CREDIT)),
        ("sequence", Ref("sequence")),
        ("delta_minor", Ref("delta_minor")),
    )
    return Project(Filter(rows, Compare("!=", Ref("delta_minor"), Const(0))), columns)


def after_credit(key: str) -> str:
    """Return the column of a value that the component reads, after a credit."""
    return own_name("after", key)


def own_units(measure: str) -> str:
    """Return the column that has a credit's units if the credit is of the measure, else 0."""
    return own_name("own", measure)


def _start(key: str) -> str:
    """Return the column of a value that the component reads, before the slice."""
    return own_name("start", key)


def values_before_and_after(compiled: CompiledComponent) -> tuple[dict[str, Number], dict[str, Number]]:
    """Return the values that the component reads after a credit (`after_credit`), and those before it, by key."""
    after = {key: Number(Ref(after_credit(key)), compiled.scale(name)) for key, name, _ in compiled.read}
    before = {
        key: Number(Binary("-", Ref(after_credit(key)), Ref(own_units(name))), compiled.scale(name))
        for key, name, _ in compiled.read
    }
    return after, before


def units_by_measure(names: tuple[str, ...], more: Mapping[str, Scalar]) -> Relation:
    """Return the credits of the measures `names`: payee, slice, day, sequence, `own_units` of each measure, and `more`."""
    wanted = Logic("or", tuple(Compare("==", Ref("measure"), Const(name)) for name in names))
    own = tuple((own_units(name), units_of(name)) for name in names)
    columns = tuple((name, Ref(name)) for name in ("payee", "slice", "day", "sequence"))
    return Project(Filter(CREDITS_WITH_RUNNING_SUM.rows(), wanted), (*columns, *own, *more.items()))
