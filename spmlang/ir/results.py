"""What comes out of a pipeline: the relations of the result tables."""

from __future__ import annotations

from collections.abc import Iterable

from spmlang.model.measured import Direct, Measure
from spmlang.model.program import Program
from spmlang.values.calendar import Interval

from . import nodes
from .budgets import line_shares
from .crediting import credit_rows
from .nodes import Absent, Aggregate, Case, Const, Filter, Measured, Null, Project, Ref, Relation, Stage, Test, Union
from .rows import ROW, RowKeys, any_of, named
from .slices import Slices
from .work import Work

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


def payouts(limited: str) -> Relation:
    """The payout rows, with names in the place of numbers."""
    return Project(named(Stage(limited)), tuple((name, Ref(_NAMES.get(name, name))) for name in PAYOUT_COLUMNS))


def uncredited(program: Program, used: dict[str, Measure], slices: Slices) -> Relation:
    """Rows that count and have nobody to go to."""
    parts = []
    for name, measure in used.items():
        if any(not isinstance(share, Direct) or share.payee.optional for share in measure.credits):
            refused = Filter(credit_rows(program, measure, slices), Absent(Ref("payee")))
            columns = ("day", "source", "key", "rule", "reason", "territory", "file", "row", "units")
            parts.append(Project(refused, (("measure", Const(name)), *((column, Ref(column)) for column in columns))))
    names = ("measure", "day", "source", "key", "rule", "reason", "territory", "file", "row", "units")
    return Union(tuple(parts)) if parts else _nothing(names)


def _nothing(names: Iterable[str]) -> Relation:
    """No row at all, with columns of the right types."""
    types = {"day": "date", "rule": "index", "row": "index", "units": "whole"}
    nothing = Filter(Stage("periods"), Const(False))
    return Project(nothing, tuple((name, Null(types.get(name, "text"))) for name in names))


def all_credits(used: dict[str, Measure]) -> Relation:
    """Every single credit of every measure."""
    columns = ("payee", "day", "source", "key", "rule", "via", "territory", "file", "row", "units")
    if not used:
        return _nothing(("measure", *columns))
    return Union(
        tuple(
            Project(
                Stage(f"credits_{name}"), (("measure", Const(name)), *((column, Ref(column)) for column in columns))
            )
            for name in used
        )
    )


def released(program: Program, keys: RowKeys, works: list[Work], limited: str) -> Relation:
    """What of each payout row came from which source row."""
    own = [keys.of(work.version, work.component.name) for work in works]
    lines = Filter(line_shares(program, keys, limited), any_of(own))
    sums = Aggregate(lines, (*ROW, "source", "key"), (Measured("amount_minor", "sum", Ref("amount_minor")),))
    found = named(Filter(sums, Test("!=", Ref("amount_minor"), Const(0))))
    columns = ("period_label", "payee", "plan", "version", "component", "source", "key", "amount_minor")
    return Project(found, tuple((name, Ref(_NAMES.get(name, name))) for name in columns))


def lines(program: Program, keys: RowKeys, limited: str, first: Interval) -> Relation:
    """Which credit earned which cent, from the pay period `first` on."""
    asked = Filter(
        named(line_shares(program, keys, limited)),
        nodes.Logic("and", (Test(">=", Ref("period"), Const(first.index)), Test("!=", Ref("amount_minor"), Const(0)))),
    )
    columns = (
        "period_label",
        "payee",
        "plan",
        "version",
        "component",
        "day",
        "measure",
        "source",
        "key",
        "rule",
        "via",
        "file",
        "row",
        "units",
        "amount_minor",
    )
    rule = Case(((Absent(Ref("source")), Null("index")),), Ref("rule"))
    return Project(asked, tuple((name, rule if name == "rule" else Ref(_NAMES.get(name, name))) for name in columns))
