"""What comes out of a pipeline: the relations of the result tables."""

from __future__ import annotations

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
    Stage,
    Union,
)
from spmlang.values.calendar import Interval

from .credits.ordered_credits import CREDIT_COLUMNS, CREDITS, no_rows, with_credits
from .credits.uncredited import UNCREDITED, refused_rows
from .earnings.component import CompiledComponent
from .earnings.payout_rows import PAYOUT_KEY, PayoutKeys, any_of, component_stage, named
from .limits.budgets import LINE_AMOUNTS
from .periods.slices import Slices

#: Where the name stands of what a row has the number of.
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
    """The payout rows, with names in the place of numbers."""
    rows = Project(named(limited), tuple((name, Ref(_NAMES.get(name, name))) for name in PAYOUT_COLUMNS))
    return Output("payouts", rows, ("period_label", "payee", "plan", "version", "component"))


def pots(program: Program) -> Output | None:
    """What of each pool's pot was shared, before caps and budgets; None without pools."""
    columns = tuple((name, Ref(_NAMES.get(name, name))) for name in (*_POT, "amount"))
    pools = [
        Project(named(Stage(component_stage("shared", version, component.name))), columns)
        for version in program.plans
        for component in version.components
        if isinstance(component.shared, Pool)
    ]
    shared = Aggregate(Union(tuple(pools)), _POT, (AggregateColumn("amount", "sum", Ref("amount")),))
    return Output("pots", shared, _POT) if pools else None


_POT = ("period_label", "plan", "version", "component")


def uncredited(program: Program, used: dict[str, Measure], slices: Slices) -> Output:
    """Rows that count and have nobody to go to."""
    parts: list[Relation] = []
    columns = tuple((column, Ref(column)) for column in UNCREDITED if column != "measure")
    for name, measure in used.items():
        for refused in refused_rows(program, measure, slices):
            parts.append(Project(refused, (("measure", Const(name)), *columns)))
    return Output("uncredited", Union(tuple(parts)) if parts else no_rows(UNCREDITED), UNCREDITED)


def all_credits() -> Output:
    """Every single credit of every measure."""
    columns = ("measure", "payee", *(name for name in CREDIT_COLUMNS if name != "measure"))
    rows = Project(Stage(CREDITS), tuple((name, Ref(name)) for name in (*columns, "place")))
    return Output("credits", rows, ("measure", "payee", "place"))


def released(keys: PayoutKeys, works: list[CompiledComponent]) -> Output:
    """What of each payout row came from which source row."""
    own = [keys.of(work.version, work.component.name) for work in works]
    lines = with_credits(Filter(Stage(LINE_AMOUNTS), any_of(own)))
    sums = Aggregate(
        lines, (*PAYOUT_KEY, "source", "key"), (AggregateColumn("amount_minor", "sum", Ref("amount_minor")),)
    )
    found = named(Filter(sums, Compare("!=", Ref("amount_minor"), Const(0))))
    columns = ("period_label", "payee", "plan", "version", "component", "source", "key", "amount_minor")
    return Output("released", Project(found, tuple((name, Ref(_NAMES.get(name, name))) for name in columns)), columns)


def lines(first: Interval) -> Output:
    """Which credit earned which cent, from the pay period `first` on."""
    asked = named(with_credits(Filter(Stage(LINE_AMOUNTS), Compare(">=", Ref("period"), Const(first.index)))))
    row = ("period_label", "payee", "plan", "version", "component")
    columns = (*row, *(name for name in CREDIT_COLUMNS if name != "territory"), "amount_minor")
    names = tuple((name, Ref(_NAMES.get(name, name))) for name in columns)
    # The rank of a credit is its order; what no credit brought comes first on its day.
    return Output("lines", Project(asked, (*names, ("rank", Ref("rank")))), (*row, "day", "rank", "amount_minor"))
