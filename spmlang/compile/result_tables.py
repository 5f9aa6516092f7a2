"""The outputs of a pipeline: relations of the result tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
from spmlang.results import LineRow, PayoutRow, ReleasedRow, field_names
from spmlang.values.calendar import Interval

from .credits.ordered_credits import no_rows, with_credits
from .credits.uncredited import UNCREDITED, refused_rows
from .earnings.component import CompiledComponent
from .earnings.payout_rows import PayoutKeys, any_of, named
from .periods.slices import Slices

#: The columns of a result whose values are in a column of another name after `named`.
_NAMED = {"period": "period_label", "plan": "plan_name", "component": "component_name"}


def _project(rows: Relation, columns: Sequence[str], renamed: Mapping[str, str] | None = None) -> Project:
    """Return the columns of a result.

    Args:
        rows: Payout rows, pots or lines.
        columns: The names of the result's columns.
        renamed: The columns of `rows` that have another name in the result, by that name.
    """
    own = {**_NAMED, **(renamed or {})}
    return Project(named(rows), tuple((name, Ref(own.get(name, name))) for name in columns))


def payouts(limited: Relation) -> Output:
    """Return the output of payout rows after caps and budgets, with names in place of numbers."""
    return Output("payouts", _project(limited, field_names(PayoutRow), {"amount_minor": "amount"}), PAYOUT_KEY)


def pots(program: Program) -> Output | None:
    """Return the output of the amounts that each pool shared out; None without pools.

    They are amounts before caps and budgets.
    """
    pools = [
        _project(SHARED.rows(version.name, version.version, component.name), (*_POT, "amount"))
        for version in program.plans
        for component in version.components
        if isinstance(component.shared, Pool)
    ]
    shared = Aggregate(Union(tuple(pools)), _POT, (AggregateColumn("shared_minor", "sum", Ref("amount")),))
    return Output("pots", shared, _POT) if pools else None


_POT = ("period", "plan", "version", "component")


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
    rows = Project(CREDITS.rows(), tuple((name, Ref(name)) for name in (*columns, "sequence")))
    return Output("credits", rows, ("measure", "payee", "sequence"))


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
    columns = field_names(ReleasedRow)
    found = _project(Filter(sums, Compare("!=", Ref("amount_minor"), Const(0))), columns)
    return Output("released", found, columns)


def lines(first: Interval) -> Output:
    """Return the output of all lines from the pay period `first` on.

    A line has the minor units that one credit earned.
    """
    asked = with_credits(Filter(LINE_AMOUNTS.rows(), Compare(">=", Ref("period"), Const(first.index))))
    rows = _project(asked, (*field_names(LineRow), "rank"), {"credited_units": "units"})
    # `rank` orders the credits of a payee. A line without a credit has no rank, so it comes first on its day.
    return Output("lines", rows, (*PAYOUT_KEY, "day", "rank", "amount_minor"))
