"""Single credits, numbered in the order in which they count.

Each credit has a number per payee. Later steps sort by the number, and join the descriptive columns back at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from spmlang.compile.periods.payee_slices import with_payee_slices
from spmlang.compile.periods.slices import Slices
from spmlang.compile.stages.columns import CREDIT_COLUMNS
from spmlang.compile.stages.credits import CREDITS, CREDITS_OF, CREDITS_WITH_RUNNING_SUM
from spmlang.compile.stages.payees import LINE_ABOVE, MANAGERS_OF
from spmlang.compile.stages.periods import DAYS, PERIODS
from spmlang.program.measures import Measure
from spmlang.program.program import Program
from spmlang.relations.nodes import (
    Case,
    Compare,
    Const,
    Filter,
    IsNull,
    Join,
    Not,
    Null,
    Project,
    Ref,
    Relation,
    Scalar,
    Step,
    Union,
    Window,
    WindowColumn,
)
from spmlang.values.own_names import own_name

from .credit_rows import credit_rows, distinct_rows

#: The columns by which a payee's credits are put in order.
ORDER = ("day", "measure", "source", "key", "rule", "via", "units")

#: The types of the columns that are not text.
_TYPES = {
    "day": "date",
    "rule": "index",
    "row": "index",
    "units": "whole",
    "slice": "index",
    "sequence": "index",
    "rank": "index",
    "rows": "index",
    "first_period": "index",
    "last_period": "index",
}


def no_rows(names: Iterable[str]) -> Relation:
    """Return a relation without rows, whose columns have the right types."""
    nothing = Filter(PERIODS.rows(), Const(False))
    return Project(nothing, tuple((name, Null(_TYPES.get(name, "text"))) for name in names))


def credit_stages(
    program: Program, used: Mapping[str, Measure], *, in_order: set[str], together: set[str], slices: Slices
) -> list[Step]:
    """Build the stages of single credits: one for each measure, then `CREDITS` and `CREDITS_WITH_RUNNING_SUM`.

    Args:
        program: The checked program.
        used: The measures that the run needs, each rollup after its base.
        in_order: The measures whose credits are needed one by one. Without any, only an empty `CREDITS` is built.
        together: The measures that some component reads together with others.
        slices: The slices of the run.
    """
    if not in_order:
        return [Step(CREDITS.name(), no_rows(CREDITS.columns), "")]
    needed = _with_bases(used, in_order)
    found = [
        Step(CREDITS_OF.name(name), _in_time(program, used, measure, slices), measure.span.place)
        for name, measure in used.items()
        if name in needed
    ]
    columns = tuple((name, Ref(name)) for name in ("payee", "slice", *CREDIT_COLUMNS) if name != "measure")
    parts = tuple(
        Project(CREDITS_OF.rows(name), (("measure", Const(name)), *columns)) for name in used if name in in_order
    )
    order = tuple((name, False) for name in ORDER)
    numbered = tuple(
        WindowColumn(name, word, None, partition=("payee",), order=order)
        for name, word in (("sequence", "row_number"), ("rank", "rank"))
    )
    return [
        *found,
        Step(CREDITS.name(), Window(Union(parts), numbered), ""),
        Step(CREDITS_WITH_RUNNING_SUM.name(), _in_slices(in_order, together), ""),
    ]


def _in_slices(in_order: set[str], together: set[str]) -> Relation:
    """Add the running sums of the slice to the credits (see `CREDITS_WITH_RUNNING_SUM`).

    All components share these sums.
    """
    # Components share these sums because they take longer than all else that is done credit by credit.
    names = ("payee", "slice", "measure", "day", "sequence", "units")
    order = (("sequence", False),)
    sums = [
        WindowColumn(in_slice_of(name), "sum", units_of(name), partition=("payee", "slice"), order=order)
        for name in sorted(in_order & together)
    ]
    if in_order - together:
        sums.append(WindowColumn("in_slice", "sum", Ref("units"), partition=("payee", "slice", "measure"), order=order))
    return Window(Project(CREDITS.rows(), tuple((name, Ref(name)) for name in names)), tuple(sums))


def in_slice_of(measure: str) -> str:
    """Return the column of the running sum of a measure's credits in the slice."""
    return own_name("in_slice", measure)


def units_of(measure: str) -> Scalar:
    """Return a credit's units if the credit is of the measure, else 0."""
    return Case(((Compare("==", Ref("measure"), Const(measure)), Ref("units")),), Const(0))


def with_credits(rows: Relation) -> Relation:
    """Join the descriptive columns of credits to rows by (payee, sequence); they are absent where `sequence` is."""
    columns = tuple((name, Ref(name)) for name in ("payee", "sequence", "rank", *CREDIT_COLUMNS) if name != "day")
    return Join(rows, Project(CREDITS.rows(), columns), ("payee", "sequence"), optional=True)


def _in_time(program: Program, used: Mapping[str, Measure], measure: Measure, slices: Slices) -> Relation:
    """Return the credits of a measure with the payee's slice.

    The columns are payee, slice, and all of `CREDIT_COLUMNS` but measure.

    Credits of a rollup are the base's credits passed to the managers, with the credited payee in `via`.
    """
    if measure.distinct is not None:
        dated: Relation = distinct_rows(program, measure, slices)
    elif measure.rollup is None:
        rows: Relation = Filter(credit_rows(program, measure, slices), Not(IsNull(Ref("payee"))))
        dated = Join(
            rows, Project(DAYS.rows(), (("day", Ref("day")), ("slice", Ref("slice")))), ("day",), optional=True
        )
    else:
        line = Project(
            (LINE_ABOVE if measure.rollup.all_levels else MANAGERS_OF).rows(),
            (("payee", Ref("payee")), ("slice", Ref("slice")), ("manager", Ref("manager"))),
        )
        base: Relation = CREDITS_OF.rows(measure.rollup.measure)
        for rule, share in enumerate(used[measure.rollup.measure].credits):
            if share.overlay and not measure.rollup.overlays:
                base = Filter(base, Compare("!=", Ref("rule"), Const(rule)))
        kept = ("day", "slice", "source", "key", "rule", "territory", "file", "row", "units")
        dated = Project(
            Join(base, line, ("payee", "slice")),
            (("payee", Ref("manager")), ("via", Ref("payee")), *((column, Ref(column)) for column in kept)),
        )
    return with_payee_slices(dated, ("payee", *(name for name in CREDIT_COLUMNS if name != "measure")), slices)


def _with_bases(used: Mapping[str, Measure], names: set[str]) -> set[str]:
    """Return the named measures and the bases of rollups among them."""
    found = set(names)
    for name in reversed(list(used)):
        rollup = used[name].rollup
        if name in found and rollup is not None:
            found.add(rollup.measure)
    return found
