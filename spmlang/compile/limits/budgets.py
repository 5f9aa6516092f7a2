"""Apply budgets to components with a window, and compute each line after caps and budgets.

The formulas are those of decision 2 (docs/decisions/0002-meaning-of-a-run.md, "Caps, budget" and "Lines").
"""

from __future__ import annotations

from spmlang.compile.credits.ordered_credits import ORDER, with_credits
from spmlang.compile.earnings.payout_rows import PayoutKeys, RowLocations, any_of
from spmlang.compile.stages.columns import DELTA_COLUMNS, PAYOUT_KEY
from spmlang.compile.stages.earnings import MOVES
from spmlang.compile.stages.limits import (
    BUDGET_LINES,
    BUDGETED,
    BUDGETED_ROWS,
    LINE_AMOUNTS,
    LINE_ROWS,
    MOVES_IN_BUDGET,
    WITHIN_BUDGET,
)
from spmlang.program.program import Program
from spmlang.relations import nodes
from spmlang.relations.exact_arithmetic import apportion_column
from spmlang.relations.nodes import (
    AddColumns,
    Aggregate,
    AggregateColumn,
    Binary,
    Call,
    Case,
    Compare,
    Const,
    Filter,
    IsNull,
    Join,
    Logic,
    Not,
    Null,
    Project,
    Ref,
    Relation,
    Scalar,
    Union,
    Window,
    WindowColumn,
)
from spmlang.relations.stage_spec import StageSpec

_GROUP = ("component", "period")


def budget_stages(program: Program, keys: PayoutKeys, held: RowLocations) -> tuple[list[nodes.Step], RowLocations]:
    """Build the stages of payout rows within the budgets of their components.

    Where a budget is first come there is also `BUDGET_LINES`, with the part of each line of these components that the
    budget leaves.

    Args:
        program: The checked program.
        keys: The keys of payout rows.
        held: The stages of the rows before budgets.

    Returns:
        The stages, and the stages of the rows after budgets.
    """
    budgeted = {
        keys.components[plan.name, component.name]
        for plan in program.plans
        for component in plan.components
        if component.budget
    }
    if not budgeted:
        return [], held
    with_budgets = nodes.Step(BUDGETED.name(), _with_budgets(program, keys, held.rows(budgeted)), "")
    stages = [with_budgets]
    in_budget = Filter(BUDGETED.rows(), Not(IsNull(Ref("budget_left"))))
    shared = apportion_column(
        in_budget,
        "share",
        total="budget_left",
        weight="amount",
        partition=_GROUP,
        order=("payee", "component", "version"),
    )
    amount: Scalar = Case(((Compare(">", Ref("requested"), Ref("budget_left")), Ref("share")),), Ref("amount"))
    found: Relation = shared
    if _by_line(program, keys):
        rows = Filter(BUDGETED.rows(), any_of(_by_line(program, keys)))
        stages.append(nodes.Step(BUDGETED_ROWS.name(), _rows(MOVES, rows, ("budget_left", "first_come")), ""))
        stages.append(nodes.Step(BUDGET_LINES.name(), _first_come(), ""))
        sums = Aggregate(BUDGET_LINES.rows(), PAYOUT_KEY, (AggregateColumn("lines_left", "sum", Ref("delta_minor")),))
        found = Join(shared, sums, PAYOUT_KEY, optional=True)
        left = Call("coalesce", (Ref("lines_left"), Const(0)))
        amount = Case(((Ref("first_come"), left),), amount)
    without = keys.keep(Filter(BUDGETED.rows(), IsNull(Ref("budget_left"))), Ref("amount"))
    within = nodes.Step(WITHIN_BUDGET.name(), Union((keys.keep(found, amount), without)), "")
    return [*stages, within], held.after(within.name, budgeted)


def _by_line(program: Program, keys: PayoutKeys) -> list[dict[str, int]]:
    """Return the components that have a first-come budget in some version."""
    return [
        {"component": keys.components[plan.name, component.name]}
        for plan in program.plans
        for component in plan.components
        if program.first_come(plan.name, component.name)
    ]


def _with_budgets(program: Program, keys: PayoutKeys, rows: Relation) -> Relation:
    """Add the latest version's budget (`budget_left`), the sum to pay from it (`asked`), and `first_come`.

    The budget is one for all versions of a component and due period that have one. For rows of other versions `budget_left`
    is absent.
    """
    versions = [
        keys.of(plan, component.name)
        for plan in program.plans
        for component in plan.components
        if component.budget is not None and component.budget.first_come
    ]
    has = Not(IsNull(Ref("budget")))
    counted = AddColumns(rows, (("budget_of", Case(((has, Ref("version")),), Const(-1))),))
    latest = Window(counted, (WindowColumn("latest", "max", Ref("budget_of"), partition=_GROUP),))
    decides = Logic("and", (has, Compare("==", Ref("version"), Ref("latest"))))
    by_line = Logic("and", (decides, any_of(versions))) if versions else Const(False)
    own = AddColumns(
        latest,
        (
            ("own", Case(((decides, Ref("budget")),), Null("whole"))),
            ("own_way", Case(((by_line, Const(1)),), Const(0))),
            ("own_requested", Case(((has, Ref("amount")),), Const(0))),
        ),
    )
    whole = Window(
        own,
        (
            WindowColumn("group_budget", "max", Ref("own"), partition=_GROUP),
            WindowColumn("way", "max", Ref("own_way"), partition=_GROUP),
            WindowColumn("requested", "sum", Ref("own_requested"), partition=_GROUP),
        ),
    )
    budget_left = Case(((has, Ref("group_budget")),), Null("whole"))
    return AddColumns(whole, (("budget_left", budget_left), ("first_come", Compare("==", Ref("way"), Const(1)))))


def _first_come() -> Relation:
    """Return the lines of components with a first-come budget, with the minor units left of each (`delta_minor`).

    Lines take from the budget by day, and on a day in the order of decision 2. All other lines keep their delta.
    """
    lines: Relation = with_credits(_apportioned(MOVES, BUDGETED_ROWS, ("budget_left", "first_come")))
    held = Not(IsNull(Ref("budget_left")))  # a version without a budget takes nothing from the budget of another
    lines = AddColumns(lines, (("requested_line", Case(((held, Ref("line_left")),), Const(0))),))
    order = ("day", "timing", *(name for name in ORDER if name != "day"), "payee", "version", "slice", "sequence")
    running = Window(
        lines,
        (
            WindowColumn(
                "total", "sum", Ref("requested_line"), partition=_GROUP, order=tuple((name, False) for name in order)
            ),
        ),
    )
    before = Binary("-", Ref("total"), Ref("requested_line"))
    left = Binary("-", Call("least", (Ref("total"), Ref("budget_left"))), Call("least", (before, Ref("budget_left"))))
    delta = Case(((Logic("and", (Ref("first_come"), held)), left),), Ref("delta_minor"))
    return Project(running, (*_columns(*PAYOUT_KEY, *DELTA_COLUMNS), ("delta_minor", delta)))


def line_stages(program: Program, keys: PayoutKeys, limited: Relation) -> list[nodes.Step]:
    """Build the stage `LINE_AMOUNTS`: the line deltas of all components with `amount_minor`.

    It is the part of the delta that caps and budgets leave, in minor units. Lines with 0 are left out.
    """
    stages, moves = [], MOVES
    if by_line := _by_line(program, keys):
        columns = _columns(*MOVES.columns)
        others = Filter(MOVES.rows(), Not(any_of(by_line)))
        both = Union((Project(others, columns), Project(BUDGET_LINES.rows(), columns)))
        moves = MOVES_IN_BUDGET
        stages.append(nodes.Step(moves.name(), both, ""))
    left = Filter(_apportioned(moves, LINE_ROWS), Compare("!=", Ref("line_left"), Const(0)))
    amounts = Project(left, (*_columns(*PAYOUT_KEY, *DELTA_COLUMNS), ("amount_minor", Ref("line_left"))))
    return [
        *stages,
        nodes.Step(LINE_ROWS.name(), _rows(moves, limited), ""),
        nodes.Step(LINE_AMOUNTS.name(), amounts, ""),
    ]


def _rows(moves: StageSpec, rows: Relation, more: tuple[str, ...] = ()) -> Relation:
    """Return payout rows with their `amount` and the sum of their line deltas (`moved_in_all`)."""
    sums = Aggregate(moves.rows(), PAYOUT_KEY, (AggregateColumn("deltas_in_all", "sum", Ref("delta_minor")),))
    return Project(Join(rows, sums, PAYOUT_KEY), _columns(*PAYOUT_KEY, "amount", "deltas_in_all", *more))


def _apportioned(moves: StageSpec, amounts: StageSpec, more: tuple[str, ...] = ()) -> Relation:
    """Return line deltas with `line_left`, the part that the row's amount leaves of each.

    It is the delta itself where the row's amount is the sum of its deltas. Else the amount is apportioned over the
    deltas.
    """
    same = Compare("==", Ref("amount"), Ref("deltas_in_all"))
    kept = _columns(*PAYOUT_KEY, *DELTA_COLUMNS, "delta_minor", *more)
    whole = Join(moves.rows(), Filter(amounts.rows(), same), PAYOUT_KEY)
    cut = Join(moves.rows(), Filter(amounts.rows(), Not(same)), PAYOUT_KEY)
    shared = apportion_column(
        cut, "share", total="amount", weight="delta_minor", partition=PAYOUT_KEY, order=("slice", "timing", "sequence")
    )
    return Union(
        (
            Project(whole, (*kept, ("line_left", Ref("delta_minor")))),
            Project(shared, (*kept, ("line_left", Ref("share")))),
        )
    )


def _columns(*names: str) -> tuple[tuple[str, Scalar], ...]:
    return tuple((name, Ref(name)) for name in names)
