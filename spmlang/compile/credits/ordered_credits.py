"""Single credits, for whoever walks them one by one: in time, and numbered in the order in which they count.

Numbers stand for the names of rows: what walks and shares orders by one number, and looks up what it stands for at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from spmlang.compile.periods.payee_slices import with_own
from spmlang.compile.periods.slices import Slices
from spmlang.program.measures import Measure
from spmlang.program.program import Program
from spmlang.relations.nodes import (
    Absent,
    Case,
    Const,
    Filter,
    Join,
    Not,
    Null,
    Over,
    Project,
    Ref,
    Relation,
    Scalar,
    Stage,
    Step,
    Test,
    Union,
    Window,
)
from spmlang.values.own_names import spelled

from .credit_rows import credit_rows, distinct_rows

#: The stage of all credits that are walked. (payee, place) tells them apart; `place` counts each payee's by ORDER, and of `rank`
#: equal ones have the same: somebody may be a member of a group twice.
ENTRIES = "credits"

#: The same without what they stand for, and with what a measure's credits come to in the slice up to this one: `in_slice_of`
#: measures that components read together with others, `in_slice` of its own measure for the rest.
WALKED = "credits_in_slices"

ORDER = ("day", "measure", "source", "key", "rule", "via", "units")

#: What tells the source row of a credit, and its amount.
ENTRY = ("day", "measure", "source", "key", "rule", "via", "territory", "file", "row", "units")

#: The types of columns that are no text.
_TYPES = {
    "day": "date",
    "rule": "index",
    "row": "index",
    "units": "whole",
    "slice": "index",
    "place": "index",
    "rank": "index",
    "rows": "index",
    "first_period": "index",
    "last_period": "index",
}


def no_rows(names: Iterable[str]) -> Relation:
    """No row at all, with columns of the right types."""
    nothing = Filter(Stage("periods"), Const(False))
    return Project(nothing, tuple((name, Null(_TYPES.get(name, "text"))) for name in names))


def credit_stages(
    program: Program, used: Mapping[str, Measure], walked: set[str], together: set[str], slices: Slices
) -> list[Step]:
    """One stage for each measure that is walked and those that they roll up; of those that are walked ENTRIES and WALKED.

    `together`: measures that some component reads together with others.
    """
    if not walked:
        return [Step(ENTRIES, no_rows(("payee", "slice", *ENTRY, "place", "rank")), "")]
    needed = _with_bases(used, walked)
    found = [
        Step(_credits_stage(name), _in_time(program, used, measure, slices), measure.span.place)
        for name, measure in used.items()
        if name in needed
    ]
    columns = tuple((name, Ref(name)) for name in ("payee", "slice", *ENTRY) if name != "measure")
    parts = tuple(
        Project(Stage(_credits_stage(name)), (("measure", Const(name)), *columns)) for name in used if name in walked
    )
    order = tuple((name, False) for name in ORDER)
    numbered = tuple(
        Over(name, word, None, ("payee",), order) for name, word in (("place", "row_number"), ("rank", "rank"))
    )
    return [*found, Step(ENTRIES, Window(Union(parts), numbered), ""), Step(WALKED, _in_slices(walked, together), "")]


def _in_slices(walked: set[str], together: set[str]) -> Relation:
    """Credits with what stands before them in their slice. All components share these sums: they are what takes longest."""
    names = ("payee", "slice", "measure", "day", "place", "units")
    order = (("place", False),)
    sums = [
        Over(in_slice_of(name), "sum", units_of(name), ("payee", "slice"), order) for name in sorted(walked & together)
    ]
    if walked - together:
        sums.append(Over("in_slice", "sum", Ref("units"), ("payee", "slice", "measure"), order))
    return Window(Project(Stage(ENTRIES), tuple((name, Ref(name)) for name in names)), tuple(sums))


def in_slice_of(measure: str) -> str:
    """The column of what a measure's credits come to in their slice so far."""
    return spelled("in_slice", measure)


def _credits_stage(measure: str) -> str:
    return spelled("credits", measure)


def units_of(measure: str) -> Scalar:
    """A credit's units if it is of the measure, else 0."""
    return Case(((Test("==", Ref("measure"), Const(measure)), Ref("units")),), Const(0))


def with_entries(rows: Relation) -> Relation:
    """Rows with what their (payee, place) stands for; absent where they have no place."""
    columns = tuple((name, Ref(name)) for name in ("payee", "place", "rank", *ENTRY) if name != "day")
    return Join(rows, Project(Stage(ENTRIES), columns), ("payee", "place"), optional=True)


def _in_time(program: Program, used: Mapping[str, Measure], measure: Measure, slices: Slices) -> Relation:
    """The credits of a measure with their slice; none where no slice holds the day."""
    if measure.distinct is not None:
        dated: Relation = distinct_rows(program, measure, slices)
    elif measure.rollup is None:
        rows: Relation = Filter(credit_rows(program, measure, slices), Not(Absent(Ref("payee"))))
        dated = Join(
            rows, Project(Stage("days"), (("day", Ref("day")), ("slice", Ref("slice")))), ("day",), optional=True
        )
    else:
        line = Project(
            Stage("line_above" if measure.rollup.all_levels else "managers_of"),
            (("payee", Ref("payee")), ("slice", Ref("slice")), ("manager", Ref("manager"))),
        )
        base: Relation = Stage(_credits_stage(measure.rollup.measure))
        for rule, share in enumerate(used[measure.rollup.measure].credits):
            if share.overlay and not measure.rollup.overlays:
                base = Filter(base, Test("!=", Ref("rule"), Const(rule)))
        kept = ("day", "slice", "source", "key", "rule", "territory", "file", "row", "units")
        dated = Project(
            Join(base, line, ("payee", "slice")),
            (("payee", Ref("manager")), ("via", Ref("payee")), *((column, Ref(column)) for column in kept)),
        )
    return with_own(dated, ("payee", *(name for name in ENTRY if name != "measure")), slices)


def _with_bases(used: Mapping[str, Measure], names: set[str]) -> set[str]:
    found = set(names)
    for name in reversed(list(used)):
        rollup = used[name].rollup
        if name in found and rollup is not None:
            found.add(rollup.measure)
    return found
