"""Budgets: what all payees together may earn in a window; and what caps and budgets leave of each line."""

from __future__ import annotations

from spmlang.model.program import Program

from . import nodes
from .nodes import (
    Absent,
    Aggregate,
    Binary,
    Call,
    Case,
    Const,
    Extend,
    Filter,
    Join,
    Logic,
    Measured,
    Not,
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
from .numbers import apportion_column
from .rows import ROW, RowKeys, any_of

_GROUP = ("component", "period")
_BY_DAY = ("flat", "day", "measure", "source", "key", "rule", "via_text")
_MOVE = ("slice", "day", "measure", "source", "key", "rule", "via", "via_text", "file", "row", "units")


def budget_stages(program: Program, keys: RowKeys, name: str) -> tuple[list[nodes.Step], str]:
    """Stages that hold the rows of `name` within their budgets, and the name of the last.

    Besides, where something is first come: `budget_lines`, what the budget leaves of each line of these components.
    """
    if not any(component.budget for plan in program.plans for component in plan.components):
        return [], name
    pursed = nodes.Step("pursed", _with_purses(program, keys, Stage(name)), "")
    stages = [pursed]
    held = Filter(Stage("pursed"), Not(Absent(Ref("purse"))))
    shared = apportion_column(held, "share", "purse", "amount", _GROUP, ("payee", "component", "version"))
    amount: Scalar = Case(((Test(">", Ref("asked"), Ref("purse")), Ref("share")),), Ref("amount"))
    found: Relation = shared
    if _by_line(program, keys):
        stages.append(nodes.Step("budget_lines", _first_come(program, keys), ""))
        sums = Aggregate(Stage("budget_lines"), ROW, (Measured("lines_left", "sum", Ref("moved")),))
        found = Join(shared, sums, ROW, optional=True)
        left = Call("coalesce", (Ref("lines_left"), Const(0)))
        amount = Case(((Ref("first_come"), left),), amount)
    rest = Filter(Stage("pursed"), Absent(Ref("purse")))
    within = Union((keys.keep(found, amount), keys.keep(rest, Ref("amount"))))
    return [*stages, nodes.Step("within_budget", within, "")], "within_budget"


def _by_line(program: Program, keys: RowKeys) -> list[dict[str, int]]:
    """The components of which some version's budget is first come."""
    return [
        {"component": keys.components[plan.name, component.name]}
        for plan in program.plans
        for component in plan.components
        if program.first_come(plan.name, component.name)
    ]


def _with_purses(program: Program, keys: RowKeys, rows: Relation) -> Relation:
    """Adds the latest version's budget (`purse`, absent without one), what is asked of it, and whether it is first come."""
    versions = [
        keys.of(plan, component.name)
        for plan in program.plans
        for component in plan.components
        if component.budget is not None and component.budget.first_come
    ]
    has = Not(Absent(Ref("budget")))
    counted = Extend(rows, (("budget_of", Case(((has, Ref("version")),), Const(-1))),))
    latest = Window(counted, (Over("latest", "max", Ref("budget_of"), _GROUP),))
    decides = Logic("and", (has, Test("==", Ref("version"), Ref("latest"))))
    by_line = Logic("and", (decides, any_of(versions))) if versions else Const(False)
    own = Extend(
        latest,
        (
            ("own", Case(((decides, Ref("budget")),), Null("whole"))),
            ("own_way", Case(((by_line, Const(1)),), Const(0))),
            ("own_asked", Case(((has, Ref("amount")),), Const(0))),
        ),
    )
    whole = Window(
        own,
        (
            Over("group_purse", "max", Ref("own"), _GROUP),
            Over("way", "max", Ref("own_way"), _GROUP),
            Over("asked", "sum", Ref("own_asked"), _GROUP),
        ),
    )
    purse = Case(((has, Ref("group_purse")),), Null("whole"))
    return Extend(whole, (("purse", purse), ("first_come", Test("==", Ref("way"), Const(1)))))


def _first_come(program: Program, keys: RowKeys) -> Relation:
    """The lines of components that may be first come, by day, with what those before them have left (`moved`)."""
    rows = Filter(Stage("pursed"), any_of(_by_line(program, keys)))
    of_row = Project(rows, tuple((name, Ref(name)) for name in (*ROW, "amount", "purse", "first_come")))
    lines: Relation = _shared(Join(Stage("moves"), of_row, ROW))
    held = Not(Absent(Ref("purse")))  # a version without a budget takes nothing out of the purse of another
    lines = Extend(lines, (("asked_line", Case(((held, Ref("line_left")),), Const(0))),))
    order = (*_BY_DAY[1:2], *_BY_DAY[:1], *_BY_DAY[2:], "payee", "version", "slice")
    running = Window(lines, (Over("total", "sum", Ref("asked_line"), _GROUP, tuple((name, False) for name in order)),))
    before = Binary("-", Ref("total"), Ref("asked_line"))
    left = Binary("-", Call("least", (Ref("total"), Ref("purse"))), Call("least", (before, Ref("purse"))))
    moved = Case(((Logic("and", (Ref("first_come"), held)), left),), Ref("moved"))
    return Project(running, (*((name, Ref(name)) for name in (*ROW, *_MOVE)), ("moved", moved)))


def _shared(lines: Relation) -> Relation:
    """Adds `line_left`: the row's `amount` shared over its lines, or what each moved where they sum to it."""
    # What no credit moves comes first at a slice's start, and last at its end.
    at_start = Logic("and", (Absent(Ref("source")), Absent(Ref("rule"))))
    flat = Case(((at_start, Const(0)), (Absent(Ref("source")), Const(2))), Const(1))
    shared = apportion_column(Extend(lines, (("flat", flat),)), "share", "amount", "moved", ROW, ("slice", *_BY_DAY))
    same = Test("==", Ref("amount"), Ref("share_sum"))
    return Extend(shared, (("line_left", Case(((same, Ref("moved")),), Ref("share"))),))


def line_shares(program: Program, keys: RowKeys, limited: str) -> Relation:
    """Moves of all components with `amount_minor`: what each brought after caps and budgets."""
    of_row = Project(Stage(limited), tuple((name, Ref(name)) for name in (*ROW, "amount")))
    columns = tuple((name, Ref(name)) for name in (*ROW, *_MOVE, "moved"))
    moves: Relation = Project(Stage("moves"), columns)
    if by_line := _by_line(program, keys):
        others = Filter(Stage("moves"), Not(any_of(by_line)))
        moves = Union((Project(others, columns), Project(Stage("budget_lines"), columns)))
    return Extend(_shared(Join(moves, of_row, ROW)), (("amount_minor", Ref("line_left")),))
