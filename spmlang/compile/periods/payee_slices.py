"""Cut time for each payee, so that no other payee's changes cut it.

`slices` are cut by every change of any payee. Some of these cuts are for all payees (`Slices.base`: periods, versions,
windows, and tables that plans read of every payee). The others are made by rows of single payees. Here Ann's role
changes in one month and Bea's in the next, and nothing changes for Cid:

    day      Jan 1      Jan 11       Feb 1      Feb 21
    base     | 0                     | 1                     |
    slice    | 0        | 1          | 2        | 3          |
    cut_points          Ann                     Bea
    Ann      | 0        | 1          | 3                     |
    Bea      | 1                     | 2        | 3          |
    Cid      | 1                     | 3                     |

A payee's own slice lies between cuts that concern the payee, and has the number of its last slice. `cut_points` has the
payees' own cuts, each with the first slice after it: (Ann, base 0, slice 1) and (Bea, base 1, slice 3). `cut_slices` has
the own slices of bases in which the payee's time is cut: Ann's 0 and 1, and Bea's 2 and 3. In all other bases the
payee's own slice is the whole base. `own_slices` has both.

Where a rollup passes sums to managers, the cuts of all managers that a payee ever had, at any level, are the payee's,
too. So each own slice of the payee lies in one of each manager.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

from spmlang.compile.stages.periods import BASE_SLICES, CUT_POINTS, CUT_SLICES, DAYS, EVER_ABOVE, OWN_SLICES, SLICES
from spmlang.program.measures import Measure
from spmlang.program.program import Program
from spmlang.relations import nodes
from spmlang.relations.nodes import (
    AddColumns,
    Aggregate,
    AggregateColumn,
    Call,
    Compare,
    Const,
    Filter,
    Input,
    IsNull,
    Join,
    Logic,
    ManagerChain,
    Not,
    Project,
    Ref,
    Relation,
    Scalar,
    Source,
    Union,
)
from spmlang.values.own_names import own_name

from .change_dates import change_columns, own_sources
from .slices import Slices

_POINT = ("payee", "base", "slice")


def payee_slice_stages(program: Program, measures: Iterable[Measure], slices: Slices) -> list[nodes.Step | Input]:
    """Build the stage `OWN_SLICES` and those that it is made of; none if payees share all slices."""
    if slices.shared:
        return []
    rolled = any(measure.rollup is not None for measure in measures)
    found: list[nodes.Step | Input] = [slices.base_input()]
    if rolled:
        found.append(nodes.Step(EVER_ABOVE.name(), _ever_above(program), ""))
    found.append(nodes.Step(CUT_POINTS.name(), _cut_points(program, rolled=rolled), ""))
    found.append(nodes.Step(CUT_SLICES.name(), _cut_slices(), ""))
    found.append(nodes.Step(OWN_SLICES.name(), _own_slices(program, slices), ""))
    return found


def payee_slices(slices: Slices) -> tuple[Relation, tuple[str, ...]]:
    """Return the days of every payee's slices, and the columns by which rows of payees join them."""
    return (SLICES.rows(), ("slice",)) if slices.shared else (OWN_SLICES.rows(), ("payee", "slice"))


def with_payee_slices(rows: Relation, columns: Iterable[str], slices: Slices, payee: str = "payee") -> Relation:
    """Replace `slice` by the payee's own slice.

    Args:
        rows: Rows of payees with `slice`.
        columns: The other columns to keep.
        slices: The slices of the run.
        payee: The column that names the payee.
    """
    names = tuple((name, cast(Scalar, Ref(name))) for name in columns)
    if slices.shared:
        return Project(rows, (*names, ("slice", Ref("slice"))))
    bases = Project(SLICES.rows(), tuple((name, Ref(name)) for name in ("slice", "base", "last_of_base")))
    return Project(_with_own_slice(Join(rows, bases, ("slice",)), payee, "slice"), (*names, ("slice", _own("span"))))


def with_slice(rows: Relation, day: Scalar, payee: str | None, slices: Slices) -> Relation:
    """Join the slice of a day to rows.

    If a column `payee` is given it is this payee's own slice.
    """
    if slices.shared or payee is None:
        days = Project(DAYS.rows(), (("day", Ref("day")), ("slice", Ref("slice"))))
        return Join(rows, days, on=Compare("==", day, Ref("day")))
    return with_slice_per_payee(rows, day, {"slice": payee}, slices)


def with_slice_per_payee(rows: Relation, day: Scalar, payees: Mapping[str, str], slices: Slices) -> Relation:
    """Join the slice of a day to rows, once for each payee that a row names.

    `payees` has the name of the new column of the slice, and the column that names the payee.
    """
    on = Compare("==", day, Ref("day"))
    if slices.shared:
        days = Project(DAYS.rows(), (("day", Ref("day")), ("day_slice", Ref("slice"))))
        return AddColumns(Join(rows, days, on=on), tuple((column, Ref("day_slice")) for column in payees))
    names = (("day", "day"), ("day_slice", "slice"), ("base", "base"), ("last_of_base", "last_of_base"))
    found: Relation = Join(rows, Project(DAYS.rows(), tuple((new, Ref(name)) for new, name in names)), on=on)
    for column, payee in payees.items():
        found = _with_own_slice(found, payee, "day_slice", f"{column}_of")
    return AddColumns(found, tuple((column, _own(f"{column}_of")) for column in payees))


def _own(span: str) -> Scalar:
    """Return the own slice; the last slice of the base where the payee's time is not cut."""
    return Call("coalesce", (Ref(f"{span}_slice"), Ref("last_of_base")))


def _with_own_slice(rows: Relation, payee: str, slice_column: str, span: str = "span") -> Relation:
    """Add `{span}_slice`, the own slice that a slice lies in.

    It is absent where the payee's time is not cut.
    """
    spans = Project(
        CUT_SLICES.rows(),
        (
            (f"{span}_payee", Ref("payee")),
            (f"{span}_base", Ref("base")),
            (f"{span}_first", Ref("first_slice")),
            (f"{span}_slice", Ref("slice")),
        ),
    )
    tests = (
        Compare("==", Ref(payee), Ref(f"{span}_payee")),
        Compare("==", Ref("base"), Ref(f"{span}_base")),
        Compare(">=", Ref(slice_column), Ref(f"{span}_first")),
        Compare("<=", Ref(slice_column), Ref(f"{span}_slice")),
    )
    return Join(rows, spans, on=Logic("and", tests), optional=True)


def _ever_above(program: Program) -> ManagerChain:
    """Return all managers that a payee ever had, at any level.

    The columns are payee and manager, and base, first_slice and slice, which are 0.
    """
    rows = Filter(
        Source(str(program.managers), (("payee", "payee"), ("manager", "manager"))), Not(IsNull(Ref("manager")))
    )
    pairs = Aggregate(rows, ("payee", "manager"), ())
    always = tuple((name, cast(Scalar, Const(0))) for name in ("base", "first_slice", "slice"))
    return ManagerChain(Project(pairs, (("payee", Ref("payee")), ("manager", Ref("manager")), *always)))


def _cut_points(program: Program, *, rolled: bool) -> Relation:
    """Return the cuts of single payees: payee, base, slice (the first after the cut).

    Cuts at the start of a base are left out, because they cut time for all payees.
    """
    parts = tuple(_source_cuts(source, change_columns(program, source)) for source in own_sources(program))
    inside: Relation = Filter(Union(parts), Compare("!=", Ref("slice"), Ref("first_of_base")))
    if rolled:
        below = Project(EVER_ABOVE.rows(), (("below", Ref("payee")), ("manager", Ref("manager"))))
        theirs = Join(inside, below, on=Compare("==", Ref("payee"), Ref("manager")))
        passed = Project(theirs, (("payee", Ref("below")), ("base", Ref("base")), ("slice", Ref("slice"))))
        inside = Union((Project(inside, tuple((name, Ref(name)) for name in _POINT)), passed))
    return Aggregate(inside, _POINT, ())


def _source_cuts(source: str, columns: tuple[str, ...]) -> Relation:
    """Return the cuts at the first day of each row and the day after its last.

    There is no cut between two adjacent rows of a payee with the same values in `columns`.
    """
    told = tuple((own_name("told", name), name) for name in columns)
    rows = Source(source, (("payee", "payee"), ("_from", "_from"), ("_through", "_through"), *told))
    kept = (*_POINT, "first_of_base", *(name for name, _ in told))
    edges = Union(
        tuple(
            Project(
                Join(rows, SLICES.rows(), on=Compare("==", Ref(edge), Ref(day))),
                tuple((name, Ref(name)) for name in kept),
            )
            for edge, day in (("_from", "first_day"), ("_through", "day_before"))
        )
    )
    alike = Aggregate(edges, kept, (AggregateColumn("edges", "count", Const(1)),))
    alone = Filter(alike, Compare("==", Ref("edges"), Const(1)))
    return Project(alone, tuple((name, Ref(name)) for name in (*_POINT, "first_of_base")))


def _cut_slices() -> Relation:
    """Return the own slices where a payee's time is cut: payee, base, first_slice, slice (the last)."""
    cut = Aggregate(CUT_POINTS.rows(), ("payee", "base"), ())
    bases = Project(BASE_SLICES.rows(), (("base", Ref("base")), ("slice", Ref("first_slice"))))
    points = Union(
        (
            Project(CUT_POINTS.rows(), tuple((name, Ref(name)) for name in _POINT)),
            Project(Join(cut, bases, ("base",)), tuple((name, Ref(name)) for name in _POINT)),
        )
    )
    begun = Project(points, (("payee", Ref("payee")), ("base", Ref("base")), ("first_slice", Ref("slice"))))
    before = Project(SLICES.rows(), (("later", Ref("slice")), ("slice_before", Ref("slice_before"))))
    later = Project(
        Join(CUT_POINTS.rows(), before, on=Compare("==", Ref("slice"), Ref("later"))),
        (
            ("later_payee", Ref("payee")),
            ("later_base", Ref("base")),
            ("later", Ref("later")),
            ("slice_before", Ref("slice_before")),
        ),
    )
    follows = (
        Compare("==", Ref("payee"), Ref("later_payee")),
        Compare("==", Ref("base"), Ref("later_base")),
        Compare(">", Ref("later"), Ref("first_slice")),
    )
    nearest = Aggregate(
        Join(begun, later, on=Logic("and", follows), optional=True),
        ("payee", "base", "first_slice"),
        (AggregateColumn("until", "min", Ref("slice_before")),),
    )
    ends = Project(BASE_SLICES.rows(), (("base", Ref("base")), ("last_of_base", Ref("slice"))))
    named = tuple((name, cast(Scalar, Ref(name))) for name in ("payee", "base", "first_slice"))
    last = Call("coalesce", (Ref("until"), Ref("last_of_base")))
    return Project(Join(nearest, ends, ("base",)), (*named, ("slice", last)))


def _own_slices(program: Program, slices: Slices) -> Relation:
    """Return the own slices of every payee on the roster.

    They have the columns of `slices`, whether the payee's time is cut or not.
    """
    first_of = ("first_day", *(f"starts_{grain}" for grain in slices.grains))
    last_of = ("last_day", "period", *(name for grain in slices.grains for name in (grain.value, f"due_{grain}")))
    columns = ("payee", "base", "first_slice", "slice", *first_of, *last_of)
    firsts = Project(SLICES.rows(), (("first_slice", Ref("slice")), *((name, Ref(name)) for name in first_of)))
    lasts = Project(SLICES.rows(), (("slice", Ref("slice")), *((name, Ref(name)) for name in last_of)))
    cut = Join(Join(CUT_SLICES.rows(), firsts, ("first_slice",)), lasts, ("slice",))
    payees = Aggregate(Source(program.roster, (("payee", "payee"),)), ("payee",), ())
    marked = Project(
        Aggregate(CUT_POINTS.rows(), ("payee", "base"), ()),
        (("payee", Ref("payee")), ("base", Ref("base")), ("is_cut", Const(True))),
    )
    every = Join(payees, BASE_SLICES.rows(), on=Const(True))
    whole = Filter(Join(every, marked, ("payee", "base"), optional=True), IsNull(Ref("is_cut")))
    return Union(tuple(Project(part, tuple((name, Ref(name)) for name in columns)) for part in (whole, cut)))
