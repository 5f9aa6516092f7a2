"""Compute each component's entitlement before and after every slice, and sum the differences per due period.

The formulas are those of decision 2 (docs/decisions/0002-meaning-of-a-run.md, "Entitlement" and "Earning").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from spmlang.compile.attainment.measures_to_date import AccumulationWindow, to_date_column
from spmlang.compile.attainment.quotas import QuotaRequest
from spmlang.compile.credits.credit_shares import units_column
from spmlang.compile.payees.plan_members import members_of
from spmlang.compile.periods.payee_slices import payee_slices
from spmlang.compile.periods.slices import Slices, slice_within
from spmlang.compile.sources.expressions import number
from spmlang.compile.sources.references import column_aliases
from spmlang.compile.stages.attainment import QUOTA
from spmlang.compile.stages.earnings import FIRST_ON
from spmlang.program.program import PlanVersion
from spmlang.program.reads import payee_columns
from spmlang.relations.exact_arithmetic import (
    Division,
    Number,
    at_scale,
    multiply,
    multiply_scalars,
    multiply_whole,
    round_columns,
)
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
    Join,
    Null,
    Project,
    Ref,
    Relation,
    Scalar,
)
from spmlang.values.money import minor_places
from spmlang.values.own_names import own_name
from spmlang.values.rounding import Mode

from .component import CompiledComponent
from .due_periods import due_rows, join_earlier_earnings
from .entitlement import entitlement, lowest_value
from .payout_rows import aggregate_unless_single, limit_column, plan_limit_column


def slice_rows(compiled: CompiledComponent, slices: Slices) -> Relation:
    """Return one row per payee and slice, with the entitlement before and after the slice.

    Besides the columns of `with_quotas` a row has `after`, `start` (the entitlement at the slice's start), `before` and
    `fresh`. Entitlements are in minor units, rounded by the component's rule. In the first slice of an interval or
    window `fresh` is true and `before` is 0; else `before` is `start`. For a component without measures the payee's
    first slice on the plan in the interval is the fresh one. A component that reads earnings of shorter intervals also
    has `walked`, its entitlement after the slice's last credit, with these earnings as of the day before the slice.
    """
    component, scope = compiled.component, compiled.scope
    rows = with_quotas(compiled, due_rows(compiled.program, compiled.version, component, slices), ("last_day",))
    fresh: Scalar = Ref(f"starts_{component.accumulates}")
    if component.window is not None:
        fresh = Compare("==", Ref("first_day"), Const(component.window.start))
    if not component.measures:
        first = Project(
            FIRST_ON.rows(compiled.version.name, scope.name),
            tuple((name, Ref(name)) for name in (*scope.partition, "first")),
        )
        rows = Join(rows, first, scope.partition)
        fresh = Compare("==", Ref("slice"), Ref("first"))
    after, start = entitlements(compiled)
    rows = AddColumns(
        join_earlier_earnings(compiled.program, compiled.version, component=component, rows=rows),
        (("fresh", fresh),),
    )
    values = {"after": after, "start": start}
    if component.earlier:  # earnings of shorter intervals in this slice count only after the slice's last credit
        values["walked"] = entitlement(component, compiled.names(_to_date(compiled), earlier=True))
    return AddColumns(rounded(compiled, rows, values), (("before", Case(((Ref("fresh"), Const(0)),), Ref("start"))),))


def entitlements(compiled: CompiledComponent) -> tuple[Number, Number]:
    """Return the exact entitlements after a slice and at its start."""
    after = _to_date(compiled)
    before = {
        key: Number(Binary("-", Ref(to_date_column(name, own)), Ref(units_column(name))), compiled.scale(name))
        for key, name, own in compiled.read
    }
    start = entitlement(compiled.component, compiled.names(before, earlier=True))
    return entitlement(compiled.component, compiled.names(after)), start


def _to_date(compiled: CompiledComponent) -> dict[str, Number]:
    """Return the measures to date at the end of the slice, by key."""
    return {key: Number(Ref(to_date_column(name, own)), compiled.scale(name)) for key, name, own in compiled.read}


def with_quotas(compiled: CompiledComponent, rows: Relation, more: Iterable[str] = ()) -> Relation:
    """Keep the columns that the component reads, and those named in `more`, and join its quotas.

    All other columns are dropped because every layer of a query would name them again.
    """
    scope = compiled.scope
    more = [*more, *(["at_end"] if compiled.component.at_end else [])]
    kept = [*more, "payee", "slice", "due", "first_day", f"starts_{compiled.component.accumulates}", *scope.partition]
    kept += [asked.grain.value for asked in compiled.quotas.values()]
    kept += [column for name in compiled.measures for column in (units_column(name), to_date_column(name, scope))]
    kept += [to_date_column(name, own) for _, name, own in compiled.read]
    kept += column_aliases(payee_columns(compiled.version)).values()
    found: Relation = Project(rows, tuple((name, Ref(name)) for name in dict.fromkeys(kept)))
    for asked in compiled.quotas.values():
        columns = ("payee", asked.grain.value, asked.amount, asked.stated)
        quotas = Project(QUOTA.rows(*asked.key), tuple((name, Ref(name)) for name in columns))
        found = Join(found, quotas, columns[:2])
    return found


def rounded(compiled: CompiledComponent, rows: Relation, values: Mapping[str, Number]) -> Relation:
    """Add columns with `values` rounded by the component's rule, in minor units."""
    rule = compiled.component.rounding
    return rounded_to(rows, values, step=rule.step, mode=rule.mode, places=minor_places(compiled.version.currency))


def rounded_to(rows: Relation, values: Mapping[str, Number], *, step: Fraction, mode: Mode, places: int) -> Relation:
    """Add columns with `values` rounded to multiples of `step`, in minor units.

    Args:
        rows: The rows that the values are computed of.
        values: Exact amounts of money by the name of the new column.
        step: The amount of money of which results are multiples.
        mode: The rounding mode.
        places: The decimal places of the currency's minor unit.
    """
    whole: list[tuple[str, Scalar]] = []
    exact: list[tuple[str, Scalar]] = []
    divided = {}
    for name, value in values.items():
        scale = max(value.scale, places)
        units, minor, per_step = at_scale(value, scale), int(step * 10**places), int(step * 10**scale)
        if per_step == 1 and value.divisor is None:
            whole.append((name, multiply_whole(units, minor)))
            continue
        divisor: Scalar = Const(per_step)
        if value.divisor is not None:
            divisor = multiply_scalars(divisor, value.divisor)
        exact.append((f"{name}_exact", units))
        divided[name] = Division(f"{name}_exact", divisor, minor)
    return round_columns(AddColumns(AddColumns(rows, tuple(whole)), tuple(exact), passing=True), divided, mode)


def first_slices(versions: list[PlanVersion], scope: AccumulationWindow, slices: Slices) -> Relation:
    """Return each payee's first slice on any of the plan's versions, per interval of the scope.

    The columns are those of `scope.partition` and `first`.
    """
    rows: Relation = Join(members_of(versions), *payee_slices(slices))
    if scope.window is not None:
        rows = Filter(rows, slice_within(scope.window))
    return Aggregate(rows, scope.partition, (AggregateColumn("first", "min", Ref("slice")),))


def earnings_by_period(compiled: CompiledComponent, rows: Relation, slices: Slices) -> Relation:
    """Return one payout row per payee and due period, in the columns that all components share.

    Args:
        compiled: The component.
        rows: Its slice rows with `earned` (see `with_earned`).
        slices: The slices of the run.

    Returns:
        The columns of `PAYOUT_KEY`; `measure_units` and `quota_units` to date at the last slice; `credited_units` and
        `revenue_units` summed over the slices; `lowest_minor` (the value of the lowest tier on the credited units),
        `earned_minor` and `amount` in minor units; and the columns `PayoutKeys.carried`. Columns that the component
        does not have are absent.
    """
    lowest = _lowest_on_credits(compiled)
    rows = AddColumns(rows, _measured_columns(compiled))
    if lowest is not None:
        rows = AddColumns(rows, (("lowest_units", at_scale(lowest, max(lowest.scale, _places(compiled)))),))
    rows, limits = _with_limits(compiled, rows)
    changing = [name for name, limit in limits.items() if isinstance(limit, Ref)]
    sums = aggregate_unless_single(
        rows,
        ("payee", "due"),
        _sums(compiled, changing, has_lowest=lowest is not None),
        single=compiled.component.prorated is None
        and slices.one_for_each_due(compiled.component.due, compiled.component.window),
    )
    return Project(_with_lowest_minor(compiled, sums, lowest), _payout_columns(compiled, limits))


def _places(compiled: CompiledComponent) -> int:
    """Return the decimal places of the minor unit of the component's currency."""
    return minor_places(compiled.version.currency)


def _main_quota(compiled: CompiledComponent) -> QuotaRequest | None:
    """Return the quota of the component's main measure; None if it has none."""
    return compiled.quotas.get(compiled.component.quota or "")


def _measured_columns(compiled: CompiledComponent) -> tuple[tuple[str, Scalar], ...]:
    """Return what a slice adds to the component's measures: measure and quota to date, units credited, revenue."""
    main, quota = compiled.component.main, _main_quota(compiled)
    revenue = compiled.version.revenue_of(compiled.component, compiled.program.measures)
    return (
        ("measure_units", Ref(to_date_column(main, compiled.scope)) if main else Null("whole")),
        ("quota_units", Ref(quota.amount) if quota else Null("whole")),
        ("credited_units", Ref(units_column(main)) if main else Null("whole")),
        ("revenue_units", Ref(units_column(revenue)) if revenue else Null("whole")),
    )


def _lowest_on_credits(compiled: CompiledComponent) -> Number | None:
    """Return the value of the lowest tier on the units that a slice credits; None without tiers or a main measure.

    The premium of a component is what it pays beyond this value. For a prorated component the units are those of the
    whole interval, times the days of a fresh slice.
    """
    main, lowest = compiled.component.main, lowest_value(compiled.component, compiled.names({}))
    if lowest is None or main is None:
        return None
    credited: Scalar = Ref(units_column(main))
    if compiled.component.prorated is not None:
        days = Binary("*", Ref(whole_column(main)), Ref("days_here"))
        credited = Case(((Ref("fresh"), days),), Const(0))
    return multiply(lowest, Number(credited, compiled.scale(main)))


def _with_lowest_minor(compiled: CompiledComponent, sums: Relation, lowest: Number | None) -> Relation:
    """Add `lowest_minor`, the sum of the lowest tier's value on all credits, in minor units, rounded half up."""
    if lowest is None:
        return AddColumns(sums, (("lowest_minor", Null("whole")),))
    divisor: Scalar = Const(10 ** (max(lowest.scale, _places(compiled)) - _places(compiled)))
    if compiled.component.prorated is not None:
        divisor = multiply_scalars(divisor, Ref("days_in_all"))
    return round_columns(sums, {"lowest_minor": Division("lowest_exact", divisor)}, Mode.HALF_UP)


def _sums(compiled: CompiledComponent, changing: Iterable[str], *, has_lowest: bool) -> tuple[AggregateColumn, ...]:
    """Return the columns of a due period, aggregated over its slices.

    The limits `changing`, and measure and quota to date, are those of the last slice.
    """
    last = Ref("slice")
    days = Const(1) if compiled.component.prorated is None else Ref("days_whole")
    return (
        AggregateColumn("last_slice", "max", Ref("slice")),
        AggregateColumn("has_quota", "count", Ref("quota_units")),
        AggregateColumn("measure_last", "last", _never_absent("measure_units"), where=None, order=last),
        AggregateColumn("quota_last", "last", _never_absent("quota_units"), where=None, order=last),
        AggregateColumn("credited", "sum", Ref("credited_units")),
        AggregateColumn("revenue", "sum", Ref("revenue_units")),
        AggregateColumn("lowest_exact", "sum", Ref("lowest_units") if has_lowest else Null("whole")),
        AggregateColumn("earned_minor", "sum", Ref("earned")),
        AggregateColumn("days_in_all", "max", days),
        *(AggregateColumn(name, "last", Ref(name), where=None, order=last) for name in changing),
    )


def _payout_columns(compiled: CompiledComponent, limits: Mapping[str, Scalar]) -> tuple[tuple[str, Scalar], ...]:
    """Return the columns of a payout row, in the order that all components share."""
    component, budget = compiled.component, compiled.component.budget
    carried: dict[str, Scalar] = {
        "last_slice": Ref("last_slice"),
        "budget": Const(int(budget.limit * 10 ** _places(compiled))) if budget else Null("whole"),
        **limits,
    }
    quota = Case(((Compare(">", Ref("has_quota"), Const(0)), Ref("quota_last")),), Null("whole"))
    return (
        ("period", Ref("due")),
        ("payee", Ref("payee")),
        *((name, Const(key)) for name, key in compiled.keys.of(compiled.version, component.name).items()),
        ("measure_units", Ref("measure_last") if component.main else Null("whole")),
        ("quota_units", quota if _main_quota(compiled) else Null("whole")),
        ("credited_units", Ref("credited")),
        ("revenue_units", Ref("revenue")),
        ("lowest_minor", Ref("lowest_minor")),
        ("earned_minor", Ref("earned_minor")),
        *((name, carried.get(name, Null("whole"))) for name in compiled.keys.carried),
        ("amount", Ref("earned_minor")),
    )


def whole_column(key: str) -> str:
    """Return the column of a measure on the payee's last day on the plan.

    Only prorated components have it, for each interval.
    """
    return own_name("whole", key)


def _with_limits(compiled: CompiledComponent, rows: Relation) -> tuple[Relation, dict[str, Scalar]]:
    """Return the rows, and the limits of the component's caps and its plan's cap by column, in minor units.

    A limit is a constant, or a column of the rows if it changes.
    """
    caps = {limit_column(cap.grain): cap for cap in compiled.component.caps}
    if compiled.version.cap is not None:
        caps[plan_limit_column(compiled.version.cap.grain)] = compiled.version.cap
    limits: dict[str, Scalar] = {}
    for name, cap in caps.items():
        rows, limits[name] = _limit(rows, name, number(cap.limit, compiled.names({})), _places(compiled))
    return rows, limits


def _limit(rows: Relation, name: str, limit: Number, places: int) -> tuple[Relation, Scalar]:
    """Return the rows, and a limit in minor units, rounded half up.

    A limit that is the same for all rows is a constant. Any other is added to the rows as column `name`.
    """
    if isinstance(limit.value, Const) and limit.divisor is None and limit.scale <= places:
        return rows, at_scale(limit, places)
    return rounded_to(rows, {name: limit}, step=Fraction(1, 10**places), mode=Mode.HALF_UP, places=places), Ref(name)


def _never_absent(name: str) -> Scalar:
    """Return the column, or 0 where it is absent."""
    return Call("coalesce", (Ref(name), Const(0)))


def sum_of_deltas(moves: Relation) -> Relation:
    """Sum line deltas to `earned` per payee and slice."""
    return Aggregate(moves, ("payee", "slice"), (AggregateColumn("earned", "sum", Ref("delta_minor")),))


def with_earned(rows: Relation, moves: Relation | None) -> Relation:
    """Add `earned` in minor units to slice rows.

    It is the difference of the entitlements after and before, or with `moves` the sum of these line deltas, each
    rounded by itself.
    """
    if moves is None:
        return AddColumns(rows, (("earned", Binary("-", Ref("after"), Ref("before"))),))
    summed = Project(
        sum_of_deltas(moves), (("payee", Ref("payee")), ("slice", Ref("slice")), ("delta_sum", Ref("earned")))
    )
    joined = Join(rows, summed, ("payee", "slice"), optional=True)
    return AddColumns(joined, (("earned", _never_absent("delta_sum")),))
