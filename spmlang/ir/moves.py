"""What each credit moved: the standing after it less the standing before, credit by credit, in minor units."""

from __future__ import annotations

from .credits import ENTRIES
from .earning import rounded
from .entitlement import entitlement
from .nodes import (
    Binary,
    Case,
    Const,
    Extend,
    Filter,
    Join,
    Logic,
    Null,
    Over,
    Project,
    Ref,
    Relation,
    Scalar,
    Stage,
    Test,
    Union,
    Window,
)
from .numbers import Number, add
from .slices import within
from .standing import Scope
from .work import Work, judged_columns

#: What a move has besides its payee and amount. `turn` orders moves of a slice: at its start without any credit, by a credit
#: (then `place` says by which), at its end without any.
MOVE = ("slice", "day", "turn", "place")

AT_START, BY_CREDIT, AT_END = 0, 1, 2


def flat_columns(day: str, turn: int = AT_START) -> tuple[tuple[str, Scalar], ...]:
    """The columns of a move that no credit makes."""
    own = ("payee", "slice", "due")
    return (
        *((name, Ref(name)) for name in own),
        ("day", Ref(day)),
        ("turn", Const(turn)),
        ("place", Null("index")),
    )


def moves(work: Work) -> Relation:
    """What each credit of a component changed, and what no credit did: payee, due, MOVE, and `moved` in minor units."""
    component = work.component
    kept = ["payee", "slice", "due", "first_day", "last_day", "fresh", "start"]
    kept += ["after", "walked"] if component.earlier else []
    kept += [name for asked in work.quotas.values() for name in (asked.amount, asked.stated)]
    kept += [*judged_columns(work, earlier=True), "before"]
    judged = Project(Stage(f"slices_{work.name}"), tuple((name, Ref(name)) for name in kept))
    # Within an interval the standing before a slice is what the slice before left: only a fresh start moves by itself.
    moved = Binary("-", Ref("start"), Ref("before"))
    started = Project(judged, (*flat_columns("first_day"), ("moved", moved)))
    flat: Relation = Filter(started, Test("!=", Ref("moved"), Const(0)))
    if component.earlier:
        closing = Project(
            judged, (*flat_columns("last_day", AT_END), ("moved", Binary("-", Ref("after"), Ref("walked"))))
        )
        flat = Union((flat, Filter(closing, Test("!=", Ref("moved"), Const(0)))))
    if not component.measures:
        return flat
    rows: Relation = Join(walked_credits(work), judged, ("payee", "slice"))
    after = {key: Number(Ref(f"{key}_after"), work.scale(name)) for key, name, _ in work.read}
    before = {
        key: Number(Binary("-", Ref(f"{key}_after"), Ref(f"{name}_own")), work.scale(name))
        for key, name, _ in work.read
    }
    reached = entitlement(component, work.names(after, earlier=True))
    left = entitlement(component, work.names(before, earlier=True))
    if work.per_line:
        rows = rounded(work, rows, {"moved": add(reached, left, "-")})
    else:
        rows = rounded(work, rows, {"reached": reached, "left": left})
        rows = Extend(rows, (("moved", Binary("-", Ref("reached"), Ref("left"))),))
    return Union((flat, by_credit(rows, "slice")))


def by_credit(rows: Relation, slice_column: str) -> Relation:
    """The moves that credits make, in the same columns; a credit that moves nothing makes none."""
    columns: tuple[tuple[str, Scalar], ...] = (
        ("payee", Ref("payee")),
        ("slice", Ref(slice_column)),
        ("due", Ref("due")),
        ("day", Ref("day")),
        ("turn", Const(BY_CREDIT)),
        ("place", Ref("place")),
        ("moved", Ref("moved")),
    )
    return Project(Filter(rows, Test("!=", Ref("moved"), Const(0))), columns)


def walked_credits(work: Work) -> Relation:
    """Every credit of the component's measures in time, with what each value that it reads is after it (`…_after`)."""
    order = (("place", False),)
    after = (Over(f"{key}_after", "sum", Ref(f"{name}_own"), own.partition, order) for key, name, own in work.read)
    return Window(_credit_rows(work, work.scope), tuple(after))


def _credit_rows(work: Work, scope: Scope) -> Relation:
    """Every credit of the component's measures in time: its own units in the column of its measure."""
    names = work.component.measures
    counted = Filter(Stage(ENTRIES), Logic("or", tuple(Test("==", Ref("measure"), Const(name)) for name in names)))
    own = tuple(
        (f"{name}_own", Case(((Test("==", Ref("measure"), Const(name)), Ref("units")),), Const(0))) for name in names
    )
    columns = ("payee", "slice", "day", "place")
    rows: Relation = Project(counted, (*((column, Ref(column)) for column in columns), *own))
    grains = tuple(dict.fromkeys(own.grain.value for _, _, own in work.read if own.grain is not None))
    days = Project(
        Stage("slices"), tuple((name, Ref(name)) for name in dict.fromkeys(("slice", *grains, "first_day", "last_day")))
    )
    rows = Join(rows, days, ("slice",))
    if scope.window is not None:
        rows = Filter(rows, within(scope.window))
    kept = [*columns, *grains, *(name for name, _ in own)]
    return Project(rows, tuple((name, Ref(name)) for name in kept))
