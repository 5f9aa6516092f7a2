"""Prorate components by the days of each roster row.

A roster row earns the share of the whole interval's entitlement that its days are of all days.

The formula is that of decision 2 (docs/decisions/0002-meaning-of-a-run.md, "Prorated").
"""

from __future__ import annotations

from spmlang.compile.attainment.measures_to_date import AccumulationWindow, to_date_column
from spmlang.compile.payees.active_days import day_count
from spmlang.compile.payees.plan_members import members_of
from spmlang.compile.periods.payee_slices import payee_slices
from spmlang.compile.periods.slices import Slices
from spmlang.compile.sources.references import column_name
from spmlang.compile.stages.attainment import STANDING
from spmlang.compile.stages.earnings import LAST_ON, SLICES_OF
from spmlang.compile.stages.payees import ON_ROSTER
from spmlang.compile.stages.periods import SLICES
from spmlang.program.program import PlanVersion, Program
from spmlang.program.quotas import Days
from spmlang.relations.exact_arithmetic import Number, multiply
from spmlang.relations.nodes import (
    AddColumns,
    Aggregate,
    AggregateColumn,
    Binary,
    Case,
    Compare,
    Const,
    Filter,
    Join,
    Project,
    Ref,
    Relation,
    Scalar,
    Union,
    Window,
    WindowColumn,
)

from .component import CompiledComponent, context_columns
from .due_periods import due_rows, join_earlier_earnings
from .earnings import rounded, whole_column, with_quotas
from .entitlement import entitlement
from .line_deltas import (
    after_credit,
    by_credit,
    delta_without_credit,
    own_units,
    units_by_measure,
    values_before_and_after,
)


def last_slices(versions: list[PlanVersion], scope: AccumulationWindow, slices: Slices) -> Relation:
    """Return each payee's last slice on any of the plan's versions, per interval of the scope.

    The columns are those of `scope.partition` and `final`.
    """
    rows = Join(members_of(versions), *payee_slices(slices))
    return Aggregate(rows, scope.partition, (AggregateColumn("final", "max", Ref("slice")),))


def prorated_rows(compiled: CompiledComponent, slices: Slices) -> Relation:
    """Return slice rows as `earnings.slice_rows` does, for a prorated component.

    A roster row's entitlements at the end of the interval (`after`) and before it (`start`) are in its last slice,
    where `fresh` is true. All other slices have 0, and `before` is always 0. Further columns are `final` (the payee's
    last slice on the plan in the interval), `segment_last` (the roster row's last slice), `days_here` and `days_whole`
    (days that count, by the roster row and in the interval) and `interval_start`.
    """
    program, scope, prorated = compiled.program, compiled.scope, compiled.component.prorated
    assert prorated is not None
    grain = compiled.component.accumulates.value
    rows = _with_days(program, due_rows(program, compiled.version, compiled.component, slices), prorated, grain)
    rows = with_quotas(
        compiled, rows, ("file", "row", "last_day", "days_here", "days_whole", "interval_start", "segment_last")
    )
    rows = Join(rows, LAST_ON.rows(compiled.version.name, scope.name), scope.partition)
    whole = tuple((whole_column(key), Ref(to_date_column(name, own))) for key, name, own in compiled.read)
    standing = Project(STANDING.rows(), (("payee", Ref("payee")), ("final", Ref("slice")), *whole))
    rows = join_earlier_earnings(
        program,
        compiled.version,
        component=compiled.component,
        rows=Join(rows, standing, ("payee", "final")),
        at="final",
    )
    rows = AddColumns(rows, (("fresh", Compare("==", Ref("slice"), Ref("segment_last"))),))
    whole_after, whole_start = prorated_entitlements(compiled)
    rows = rounded(compiled, rows, {"whole_after": whole_after, "whole_start": whole_start})

    def once(name: str) -> Scalar:
        return Case(((Ref("fresh"), Ref(name)),), Const(0))

    own = (("after", once("whole_after")), ("start", once("whole_start")), ("before", Const(0)))
    return AddColumns(rows, own)


def prorated_entitlements(compiled: CompiledComponent) -> tuple[Number, Number]:
    """Return the exact prorated entitlements at the end of the interval and before it."""
    after, before = (
        prorated(entitlement(compiled.component, compiled.names(of))) for of in _measures_before_and_after(compiled)
    )
    return after, before


def _with_days(program: Program, rows: Relation, prorated: Days, grain: str) -> Relation:
    """Add the roster row (`file`, `row`), its days that count, and the interval's days.

    The columns are `days_here`, `segment_last`, `days_whole` and `interval_start` of `prorated_rows`.
    """
    roster = tuple((name, Ref(column_name(program.roster, (), f"_{name}"))) for name in ("file", "row"))
    keyed = Project(ON_ROSTER.rows(), (("payee", Ref("payee")), ("slice", Ref("slice")), *roster))
    counted = AddColumns(
        Join(rows, keyed, ("payee", "slice")), (("own_days", day_count(prorated, Ref("first_day"), Ref("last_day"))),)
    )
    segment = ("payee", grain, "file", "row")
    summed = Window(
        counted,
        (
            WindowColumn("days_here", "sum", Ref("own_days"), partition=segment),
            WindowColumn("segment_last", "max", Ref("slice"), partition=segment),
        ),
    )
    days = AddColumns(SLICES.rows(), (("own_days", day_count(prorated, Ref("first_day"), Ref("last_day"))),))
    whole = Aggregate(
        days,
        (grain,),
        (
            AggregateColumn("days_whole", "sum", Ref("own_days")),
            AggregateColumn("interval_start", "min", Ref("first_day")),
        ),
    )
    return Join(summed, whole, (grain,))


def prorated(number: Number) -> Number:
    """Multiply a number by `days_here` / `days_whole`."""
    part = Number(Ref("days_here"), 0, Ref("days_whole"))
    return multiply(number, part)


def _measures_before_and_after(compiled: CompiledComponent) -> tuple[dict[str, Number], dict[str, Number]]:
    """Return the measures on the payee's last day, and those before the interval.

    Before the interval only measures over longer intervals are not zero.
    """
    after = {key: Number(Ref(whole_column(key)), compiled.scale(name)) for key, name, _ in compiled.read}
    before = {}
    for key, name, _ in compiled.read:
        units = Const(0) if key == name else Binary("-", Ref(whole_column(key)), Ref(whole_column(name)))
        before[key] = Number(units, compiled.scale(name))
    return after, before


def prorated_deltas(compiled: CompiledComponent) -> Relation:
    """Return the line deltas of a prorated component, per roster row, in the columns of `line_deltas`.

    Every credit of the interval up to the payee's last day on the plan changes the entitlement of each roster row.
    """
    grain = compiled.component.accumulates.value
    judged = Filter(SLICES_OF.rows(*compiled.key), Ref("fresh"))
    flat = Filter(
        Project(judged, (*delta_without_credit("interval_start"), ("delta_minor", Ref("start")))),
        Compare("!=", Ref("delta_minor"), Const(0)),
    )
    if not compiled.component.measures:
        return flat
    kept = ["payee", grain, "due", "final", "days_here", "days_whole"]
    kept += [name for asked in compiled.quotas.values() for name in (asked.amount, asked.stated)]
    kept += context_columns(compiled)
    by_row = Project(judged, (("segment", Ref("slice")), *((name, Ref(name)) for name in dict.fromkeys(kept))))
    joined = Filter(
        Join(_credits_with_measures(compiled), by_row, ("payee", grain)), Compare("<=", Ref("slice"), Ref("final"))
    )
    after, before = values_before_and_after(compiled)
    reached, left = (prorated(entitlement(compiled.component, compiled.names(of))) for of in (after, before))
    rows = rounded(compiled, joined, {"reached": reached, "left": left})
    delta = AddColumns(rows, (("delta_minor", Binary("-", Ref("reached"), Ref("left"))),))
    return Union((flat, by_credit(delta, "segment")))


def _credits_with_measures(compiled: CompiledComponent) -> Relation:
    """Return all credits of the component's measures, with each value that it reads after the credit.

    The columns of these values are named by `after_credit`.
    """
    names = compiled.component.measures
    grains = tuple(dict.fromkeys(own.grain.value for _, _, own in compiled.read if own.grain is not None))
    days = Project(SLICES.rows(), tuple((name, Ref(name)) for name in ("slice", *grains)))
    rows = Join(units_by_measure(names, {}), days, ("slice",))
    order = (("sequence", False),)
    after = (
        WindowColumn(after_credit(key), "sum", Ref(own_units(name)), partition=own.partition, order=order)
        for key, name, own in compiled.read
    )
    return Window(rows, tuple(after))
