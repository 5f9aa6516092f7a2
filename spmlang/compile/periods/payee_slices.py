"""Each payee's own slices: what cuts time for one payee alone leaves the days of all others whole.

`slices` are cut by everything that changes for anybody. Some of these cuts are for all (`Slices.base`: periods, versions,
windows, tables that plans read of every payee); the others are made by rows of single payees. A payee's own slice lies between
cuts that concern the payee, and has the number of its last slice. Where a rollup passes sums to managers, cuts of all managers
ever above a payee are the payee's, too, so that an own slice of the payee lies in one of each manager.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

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
    Stage,
    Union,
)
from spmlang.values.own_names import own_name

from .change_dates import change_columns, own_sources
from .slices import Slices

_POINT = ("payee", "base", "slice")


def span_stages(program: Program, measures: Iterable[Measure], slices: Slices) -> list[nodes.Step | Input]:
    """`own_slices`: payee, base, first_slice, and the columns of `slices`. No stage at all where all cuts are for all."""
    if slices.shared:
        return []
    rolled = any(measure.rollup is not None for measure in measures)
    found: list[nodes.Step | Input] = [slices.base_input()]
    if rolled:
        found.append(nodes.Step("ever_above", _ever_above(program), ""))
    found.append(nodes.Step("own_cuts", _cuts(program, rolled=rolled), ""))
    found.append(nodes.Step("cut_spans", _cut_spans(), ""))
    found.append(nodes.Step("own_slices", _own_slices(program, slices), ""))
    return found


def payee_slices(slices: Slices) -> tuple[Relation, tuple[str, ...]]:
    """The days of every payee's slices, and the columns by which a payee's rows find them."""
    return (Stage("slices"), ("slice",)) if slices.shared else (Stage("own_slices"), ("payee", "slice"))


def with_payee_slices(rows: Relation, columns: Iterable[str], slices: Slices, payee: str = "payee") -> Relation:
    """Rows of payees with the payee's own slice in the place of `slice`; `columns` are the others to keep."""
    names = tuple((name, cast(Scalar, Ref(name))) for name in columns)
    if slices.shared:
        return Project(rows, (*names, ("slice", Ref("slice"))))
    bases = Project(Stage("slices"), tuple((name, Ref(name)) for name in ("slice", "base", "last_of_base")))
    return Project(_spanned(Join(rows, bases, ("slice",)), payee, "slice"), (*names, ("slice", _own("span"))))


def with_slice(rows: Relation, day: Scalar, payee: str | None, slices: Slices) -> Relation:
    """Rows of a day with its slice: that of the payee in column `payee`, if there is one."""
    if slices.shared or payee is None:
        days = Project(Stage("days"), (("day", Ref("day")), ("slice", Ref("slice"))))
        return Join(rows, days, on=Compare("==", day, Ref("day")))
    return with_slice_per_payee(rows, day, {"slice": payee}, slices)


def with_slice_per_payee(rows: Relation, day: Scalar, payees: Mapping[str, str], slices: Slices) -> Relation:
    """Rows of a day with its slice for each of several payees that a row names: the column of the slice, and of the payee."""
    on = Compare("==", day, Ref("day"))
    if slices.shared:
        days = Project(Stage("days"), (("day", Ref("day")), ("day_slice", Ref("slice"))))
        return AddColumns(Join(rows, days, on=on), tuple((column, Ref("day_slice")) for column in payees))
    names = (("day", "day"), ("day_slice", "slice"), ("base", "base"), ("last_of_base", "last_of_base"))
    found: Relation = Join(rows, Project(Stage("days"), tuple((new, Ref(name)) for new, name in names)), on=on)
    for column, payee in payees.items():
        found = _spanned(found, payee, "day_slice", f"{column} of")
    return AddColumns(found, tuple((column, _own(f"{column} of")) for column in payees))


def _own(span: str) -> Scalar:
    """The own slice: where a payee's time is not cut, that of everybody."""
    return Call("coalesce", (Ref(f"{span}_slice"), Ref("last_of_base")))


def _spanned(rows: Relation, payee: str, slice_column: str, span: str = "span") -> Relation:
    """Adds `{span}_slice`: the own slice that a slice lies in, where the payee's time is cut."""
    spans = Project(
        Stage("cut_spans"),
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
    """All managers that a payee ever had, at any level: payee, manager (and slice 0)."""
    rows = Filter(
        Source(str(program.managers), (("payee", "payee"), ("manager", "manager"))), Not(IsNull(Ref("manager")))
    )
    pairs = Aggregate(rows, ("payee", "manager"), ())
    always = tuple((name, cast(Scalar, Const(0))) for name in ("base", "first_slice", "slice"))
    return ManagerChain(Project(pairs, (("payee", Ref("payee")), ("manager", Ref("manager")), *always)))


def _cuts(program: Program, *, rolled: bool) -> Relation:
    """Where time is cut for a payee within what is one slice for all: payee, base, slice (the first after the cut)."""
    parts = tuple(_cuts_of(source, change_columns(program, source)) for source in own_sources(program))
    inside: Relation = Filter(Union(parts), Compare("!=", Ref("slice"), Ref("first_of_base")))
    if rolled:
        below = Project(Stage("ever_above"), (("below", Ref("payee")), ("manager", Ref("manager"))))
        theirs = Join(inside, below, on=Compare("==", Ref("payee"), Ref("manager")))
        passed = Project(theirs, (("payee", Ref("below")), ("base", Ref("base")), ("slice", Ref("slice"))))
        inside = Union((Project(inside, tuple((name, Ref(name)) for name in _POINT)), passed))
    return Aggregate(inside, _POINT, ())


def _cuts_of(source: str, columns: tuple[str, ...]) -> Relation:
    """The same of one source: where a row begins or ends, unless one that is like it in the columns goes on."""
    told = tuple((own_name("told", name), name) for name in columns)
    rows = Source(source, (("payee", "payee"), ("_from", "_from"), ("_through", "_through"), *told))
    kept = (*_POINT, "first_of_base", *(name for name, _ in told))
    edges = Union(
        tuple(
            Project(
                Join(rows, Stage("slices"), on=Compare("==", Ref(edge), Ref(day))),
                tuple((name, Ref(name)) for name in kept),
            )
            for edge, day in (("_from", "first_day"), ("_through", "day_before"))
        )
    )
    alike = Aggregate(edges, kept, (AggregateColumn("edges", "count", Const(1)),))
    alone = Filter(alike, Compare("==", Ref("edges"), Const(1)))
    return Project(alone, tuple((name, Ref(name)) for name in (*_POINT, "first_of_base")))


def _cut_spans() -> Relation:
    """The own slices where a payee's time is cut: payee, base, first_slice, slice (the last)."""
    cut = Aggregate(Stage("own_cuts"), ("payee", "base"), ())
    bases = Project(Stage("base_slices"), (("base", Ref("base")), ("slice", Ref("first_slice"))))
    points = Union(
        (
            Project(Stage("own_cuts"), tuple((name, Ref(name)) for name in _POINT)),
            Project(Join(cut, bases, ("base",)), tuple((name, Ref(name)) for name in _POINT)),
        )
    )
    begun = Project(points, (("payee", Ref("payee")), ("base", Ref("base")), ("first_slice", Ref("slice"))))
    before = Project(Stage("slices"), (("later", Ref("slice")), ("slice_before", Ref("slice_before"))))
    later = Project(
        Join(Stage("own_cuts"), before, on=Compare("==", Ref("slice"), Ref("later"))),
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
    ends = Project(Stage("base_slices"), (("base", Ref("base")), ("last_of_base", Ref("slice"))))
    named = tuple((name, cast(Scalar, Ref(name))) for name in ("payee", "base", "first_slice"))
    last = Call("coalesce", (Ref("until"), Ref("last_of_base")))
    return Project(Join(nearest, ends, ("base",)), (*named, ("slice", last)))


def _own_slices(program: Program, slices: Slices) -> Relation:
    first_of = ("first_day", *(f"starts_{grain}" for grain in slices.grains))
    last_of = ("last_day", "period", *(name for grain in slices.grains for name in (grain.value, f"due_{grain}")))
    columns = ("payee", "base", "first_slice", "slice", *first_of, *last_of)
    firsts = Project(Stage("slices"), (("first_slice", Ref("slice")), *((name, Ref(name)) for name in first_of)))
    lasts = Project(Stage("slices"), (("slice", Ref("slice")), *((name, Ref(name)) for name in last_of)))
    cut = Join(Join(Stage("cut_spans"), firsts, ("first_slice",)), lasts, ("slice",))
    payees = Aggregate(Source(program.roster, (("payee", "payee"),)), ("payee",), ())
    marked = Project(
        Aggregate(Stage("own_cuts"), ("payee", "base"), ()),
        (("payee", Ref("payee")), ("base", Ref("base")), ("is_cut", Const(True))),
    )
    every = Join(payees, Stage("base_slices"), on=Const(True))
    whole = Filter(Join(every, marked, ("payee", "base"), optional=True), IsNull(Ref("is_cut")))
    return Union(tuple(Project(part, tuple((name, Ref(name)) for name in columns)) for part in (whole, cut)))
