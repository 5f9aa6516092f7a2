"""The outputs of a pipeline: relations of the result tables."""

from __future__ import annotations

from spmlang.compile.stages.columns import CREDIT_COLUMNS, PAYOUT_KEY
from spmlang.compile.stages.credits import CREDITS
from spmlang.compile.stages.limits import LINE_AMOUNTS, SHARED
from spmlang.program.measures import Measure
from spmlang.program.pools_and_contests import Pool
from spmlang.program.program import Program
from spmlang.relations.nodes import (
    Aggregate,
    AggregateColumn,
    Compare,
    Const,
    Filter,
    Output,
    Project,
    Ref,
    Relation,
    Union,
)
from spmlang.values.calendar import Interval

from .credits.ordered_credits import no_rows, with_credits
from .credits.uncredited import UNCREDITED, refused_rows
from .earnings.component import CompiledComponent
from .earnings.payout_rows import PayoutKeys, any_of, named
from .periods.slices import Slices

#: For each column that holds a number: the column with the name that the number means.
_NAMES = {"plan": "plan_name", "component": "component_name"}

PAYOUT_COLUMNS = (
    "period_label",
    "payee",
    "plan",
    "version",
    "component",
    "measure_units",
    "quota_units",
    "credited_units",
    "revenue_units",
    "lowest_minor",
    "earned_minor",
    "amount",
)


def payouts(limited: Relation) -> Output:
    """Return the output of payout rows after caps and budgets, with names in place of numbers.

    `amount` and the columns that end in `_minor` are in minor units, those that end in `_units` in units of the
    measure's scale.
    """
    rows = Project(named(limited), tuple((name, Ref(_NAMES.get(name, name))) for name in PAYOUT_COLUMNS))
    return Output("payouts", rows, ("period_label", "payee", "plan", "version", "component"))


def pots(program: Program) -> Output | None:
    """Return the output of the amounts that each pool shared out; None without pools.

    They are amounts before caps and budgets.

    Its columns are period_label, plan, version, component and amount (minor units).
    """
    columns = tuple((name, Ref(_NAMES.get(name, name))) for name in (*_POT, "amount"))
    pools = [
        Project(named(SHARED.rows(version.name, version.version, component.name)), columns)
        for version in program.plans
        for component in version.components
        if isinstance(component.shared, Pool)
    ]
    shared = Aggregate(Union(tuple(pools)), _POT, (AggregateColumn("amount", "sum", Ref("amount")),))
    return Output("pots", shared, _POT) if pools else None


_POT = ("period_label", "plan", "version", "component")


def uncredited(program: Program, used: dict[str, Measure], slices: Slices) -> Output:
    """Return the output of counted rows that credit no payee, with the columns `UNCREDITED`."""
    parts: list[Relation] = []
    columns = tuple((column, Ref(column)) for column in UNCREDITED if column != "measure")
    for name, measure in used.items():
        for refused in refused_rows(program, measure, slices):
            parts.append(Project(refused, (("measure", Const(name)), *columns)))
    return Output("uncredited", Union(tuple(parts)) if parts else no_rows(UNCREDITED), UNCREDITED)


def all_credits() -> Output:
    """Return the output of every credit of every measure."""
    columns = ("measure", "payee", *(name for name in CREDIT_COLUMNS if name != "measure"))
    rows = Project(CREDITS.rows(), tuple((name, Ref(name)) for name in (*columns, "place")))
    return Output("credits", rows, ("measure", "payee", "place"))


def released(keys: PayoutKeys, components: list[CompiledComponent]) -> Output:
    """Return the output of each payout row's amount per source row.

    `components` are those paid by line. Only they have such rows.

    The amount is in minor units, after caps and budgets, and never zero. `source` and `key` are absent where no credit
    brought the amount.
    """
    own = [keys.of(compiled.version, compiled.component.name) for compiled in components]
    lines = with_credits(Filter(LINE_AMOUNTS.rows(), any_of(own)))
    sums = Aggregate(
        lines, (*PAYOUT_KEY, "source", "key"), (AggregateColumn("amount_minor", "sum", Ref("amount_minor")),)
    )
    found = named(Filter(sums, Compare("!=", Ref("amount_minor"), Const(0))))
    columns = ("period_label", "payee", "plan", "version", "component", "source", "key", "amount_minor")
    return Output("released", Project(found, tuple((name, Ref(_NAMES.get(name, name))) for name in columns)), columns)


def lines(first: Interval) -> Output:
    """Return the output of all lines from the pay period `first` on.

    A line has the minor units that one credit earned.
    """
    asked = named(with_credits(Filter(LINE_AMOUNTS.rows(), Compare(">=", Ref("period"), Const(first.index)))))
    row = ("period_label", "payee", "plan", "version", "component")
    columns = (*row, *(name for name in CREDIT_COLUMNS if name != "territory"), "amount_minor")
    names = tuple((name, Ref(_NAMES.get(name, name))) for name in columns)
    # `rank` orders the credits of a payee. A line without a credit has no rank, so it comes first on its day.
    return Output("lines", Project(asked, (*names, ("rank", Ref("rank")))), (*row, "day", "rank", "amount_minor"))
