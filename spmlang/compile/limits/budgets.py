"""Budgets: what all payees together may earn in a window; and what caps and budgets leave of each line."""

from __future__ import annotations

from spmlang.compile.credits.ordered_credits import ORDER, with_entries
from spmlang.compile.earnings.line_deltas import MOVE
from spmlang.compile.earnings.payout_rows import ROW, Holders, RowKeys, any_of
from spmlang.program.program import Program
from spmlang.relations import nodes
from spmlang.relations.exact_numbers import apportion_column
from spmlang.relations.nodes import (
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

_GROUP = ("component", "period")


def budget_stages(program: Program, keys: RowKeys, held: Holders) -> tuple[list[nodes.Step], Holders]:
    """Stages that hold the rows of components within their budgets.

    Besides, where something is first come: `budget_lines`, what the budget leaves of each line of these components.
    """
    budgeted = {
        keys.components[plan.name, component.name]
        for plan in program.plans
        for component in plan.components
        if component.budget
    }
    if not budgeted:
        return [], held
    pursed = nodes.Step("pursed", _with_purses(program, keys, held.rows(budgeted)), "")
    stages = [pursed]
    purses = Filter(Stage("pursed"), Not(Absent(Ref("purse"))))
    shared = apportion_column(purses, "share", "purse", "amount", _GROUP, ("payee", "component", "version"))
    amount: Scalar = Case(((Test(">", Ref("asked"), Ref("purse")), Ref("share")),), Ref("amount"))
    found: Relation = shared
    if _by_line(program, keys):
        rows = Filter(Stage("pursed"), any_of(_by_line(program, keys)))
        stages.append(nodes.Step("pursed_rows", _rows("moves", rows, ("purse", "first_come")), ""))
        stages.append(nodes.Step("budget_lines", _first_come(), ""))
        sums = Aggregate(Stage("budget_lines"), ROW, (Measured("lines_left", "sum", Ref("moved")),))
        found = Join(shared, sums, ROW, optional=True)
        left = Call("coalesce", (Ref("lines_left"), Const(0)))
        amount = Case(((Ref("first_come"), left),), amount)
    without = keys.keep(Filter(Stage("pursed"), Absent(Ref("purse"))), Ref("amount"))
    within = nodes.Step("within_budget", Union((keys.keep(found, amount), without)), "")
    return [*stages, within], held.after(within.name, budgeted)


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


def _first_come() -> Relation:
    """The lines of components that may be first come, by day, with what those before them have left (`moved`)."""
    lines: Relation = with_entries(_shared("moves", "pursed_rows", ("purse", "first_come")))
    held = Not(Absent(Ref("purse")))  # a version without a budget takes nothing out of the purse of another
    lines = Extend(lines, (("asked_line", Case(((held, Ref("line_left")),), Const(0))),))
    order = ("day", "turn", *(name for name in ORDER if name != "day"), "payee", "version", "slice", "place")
    running = Window(lines, (Over("total", "sum", Ref("asked_line"), _GROUP, tuple((name, False) for name in order)),))
    before = Binary("-", Ref("total"), Ref("asked_line"))
    left = Binary("-", Call("least", (Ref("total"), Ref("purse"))), Call("least", (before, Ref("purse"))))
    moved = Case(((Logic("and", (Ref("first_come"), held)), left),), Ref("moved"))
    return Project(running, (*_columns(*ROW, *MOVE), ("moved", moved)))


def line_stages(program: Program, keys: RowKeys, limited: Relation) -> list[nodes.Step]:
    """LINES: moves of all components with `amount_minor`, what each brought after caps and budgets, if anything."""
    stages, moves = [], "moves"
    if by_line := _by_line(program, keys):
        columns = _columns(*ROW, *MOVE, "moved")
        others = Filter(Stage("moves"), Not(any_of(by_line)))
        both = Union((Project(others, columns), Project(Stage("budget_lines"), columns)))
        moves = "moves_in_budget"
        stages.append(nodes.Step(moves, both, ""))
    left = Filter(_shared(moves, "line_rows"), Test("!=", Ref("line_left"), Const(0)))
    amounts = Project(left, (*_columns(*ROW, *MOVE), ("amount_minor", Ref("line_left"))))
    return [*stages, nodes.Step("line_rows", _rows(moves, limited), ""), nodes.Step(LINES, amounts, "")]


LINES = "line_amounts"


def _rows(moves: str, rows: Relation, more: tuple[str, ...] = ()) -> Relation:
    """Payout rows with their `amount` and what their moves come to."""
    sums = Aggregate(Stage(moves), ROW, (Measured("moved_in_all", "sum", Ref("moved")),))
    return Project(Join(rows, sums, ROW), _columns(*ROW, "amount", "moved_in_all", *more))


def _shared(moves: str, rows: str, more: tuple[str, ...] = ()) -> Relation:
    """Moves with `line_left`: what each moved where the row's amount is their sum, and else the amount shared over them."""
    same = Test("==", Ref("amount"), Ref("moved_in_all"))
    kept = _columns(*ROW, *MOVE, "moved", *more)
    whole = Join(Stage(moves), Filter(Stage(rows), same), ROW)
    cut = Join(Stage(moves), Filter(Stage(rows), Not(same)), ROW)
    shared = apportion_column(cut, "share", "amount", "moved", ROW, ("slice", "turn", "place"))
    return Union(
        (Project(whole, (*kept, ("line_left", Ref("moved")))), Project(shared, (*kept, ("line_left", Ref("share")))))
    )


def _columns(*names: str) -> tuple[tuple[str, Scalar], ...]:
    return tuple((name, Ref(name)) for name in names)
