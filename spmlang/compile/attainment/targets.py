"""Read the targets that a quota's table or the plan's text gives, and check their columns."""

from __future__ import annotations

from spmlang.compile.credits.credit_shares import units_column
from spmlang.compile.payees.active_days import active_rows, day_count
from spmlang.compile.sources.expressions import Bindings, number, scalar
from spmlang.compile.sources.references import (
    absent,
    can_be_missing,
    column_aliases,
    column_name,
    join_references,
    missing_row_words,
    own_columns,
)
from spmlang.compile.stages.attainment import SOLD
from spmlang.compile.stages.periods import SLICES
from spmlang.program.expressions import MeasureBefore
from spmlang.program.program import Program
from spmlang.program.quotas import Quota
from spmlang.program.reads import columns_of, required_columns
from spmlang.relations.exact_arithmetic import Number, at_scale
from spmlang.relations.nodes import (
    AddColumns,
    Aggregate,
    AggregateColumn,
    Binary,
    Call,
    Case,
    Check,
    Compare,
    Const,
    Filter,
    Join,
    Logic,
    Null,
    Project,
    Ref,
    Relation,
    Scalar,
    ToUnits,
    Window,
    WindowColumn,
)
from spmlang.values.own_names import own_name


def given_targets(program: Program, expected: Relation, quota: Quota, grain: str) -> Relation:
    """Return the target of each payee and part, in units of the quota's own places.

    A prorated target in plan text is already multiplied by the days that count. A target of a table is not.

    Args:
        program: The checked program.
        expected: The payees and parts for which the quota is requested.
        quota: The quota.
        grain: The column of the interval's index.

    Returns:
        The columns of `part_columns`; `target`, absent where no row gives one; `rows`, the number of rows that give
        one; and for a table `_file` and `_row`.
    """
    return (_from_table if quota.table is not None else _in_plan)(program, expected, quota, grain)


def part_columns(grain: str) -> tuple[str, ...]:
    """Return the columns that identify a part of a payee's quota."""
    return ("payee", grain, "label", "part", "part_label")


def _from_table(program: Program, expected: Relation, quota: Quota, grain: str) -> Relation:
    """Return the targets of the quota's table, in the columns of `given_targets`.

    Two rows for one part are an error that `quotas` reports.
    """
    table = str(quota.table)
    rows = _table_rows(program, quota)
    if quota.where is not None:
        rows = Filter(rows, scalar(quota.where, Bindings(columns=column_aliases(columns_of(quota.where)))))
    joined = _used_rows(program, expected, quota=quota, grain=grain, rows=rows, optional=True)
    target = ToUnits(Ref(column_name(table, (), "target")), quota.places)
    return Aggregate(
        AddColumns(joined, (("units", target),)),
        part_columns(grain),
        (
            AggregateColumn("rows", "count", Ref("units")),
            AggregateColumn("target", "min", Ref("units")),
            AggregateColumn("_file", "max", Ref(column_name(table, (), "_file"))),
            AggregateColumn("_row", "max", Ref(column_name(table, (), "_row"))),
        ),
    )


def _table_rows(program: Program, quota: Quota) -> Relation:
    """Return all rows of a quota's table, including those that its `where` leaves out."""
    table = str(quota.table)
    own: list[tuple[tuple[()], str]] = [((), name) for name in ("payee", "period", "target", "_key", "_file", "_row")]
    return join_references(
        program, table, columns=columns_of(quota.where), more=own, day=Ref(column_name(table, (), "period"))
    )


def _used_rows(
    program: Program, expected: Relation, *, quota: Quota, grain: str, rows: Relation, optional: bool
) -> Relation:
    """Join the table's rows of the requested parts.

    Only payees who are on the roster in a part have rows for it.
    """
    table = str(quota.table)
    period = Ref(column_name(table, (), "period"))
    columns_kept = (*part_columns(grain), "given_start", "given_end")
    on_roster = Aggregate(active_rows(program, expected, quota=quota), columns_kept, ())
    tests = (
        Compare("==", Ref("payee"), Ref(column_name(table, (), "payee"))),
        Compare(">=", period, Ref("given_start")),
        Compare("<=", period, Ref("given_end")),
    )
    return Join(on_roster, rows, on=Logic("and", tests), optional=optional)


def _in_plan(program: Program, expected: Relation, quota: Quota, grain: str) -> Relation:
    """Return the targets of the plan's expression, in the columns of `given_targets`.

    The expression reads the payee's roster rows and the results of earlier intervals. A target made of earlier results
    counts as 0 if it is negative.
    """
    rows, value = _in_plan_values(program, expected, quota, grain)
    if quota.earlier:
        value = Case(((Compare("<", value, Const(0)), Const(0)),), value)
    own = tuple((name, Ref(name)) for name in part_columns(grain))
    if quota.prorated is None:
        return Project(rows, (*own, ("rows", Const(1)), ("target", value)))
    weighed = Project(rows, (*own, ("weighed", Binary("*", value, Ref("stint_days")))))
    values = (
        AggregateColumn("known", "sum", Ref("weighed")),
        AggregateColumn("told", "count", Ref("weighed")),
        AggregateColumn("stints", "count", Const(1)),
    )
    summed = Aggregate(weighed, part_columns(grain), values)
    # If one roster row has no target (which is an error), the whole part has none.
    whole = Case(((Compare("==", Ref("told"), Ref("stints")), Ref("known")),), Null("whole"))
    return Project(summed, (*own, ("rows", Const(1)), ("target", whole)))


def _in_plan_values(program: Program, expected: Relation, quota: Quota, grain: str) -> tuple[Relation, Scalar]:
    """Return rows, and the scalar of the target on each, in units of the quota's own places."""
    assert quota.target is not None
    rows = _target_rows(program, expected, quota, grain)
    for node in quota.earlier:
        rows = _with_earlier(rows, node)
    earlier = {node.key: Number(Ref(own_name("brought", node.key)), node.type.scale) for node in quota.earlier}
    target = number(quota.target, Bindings(columns=column_aliases(columns_of(quota.target)), measures=earlier))
    return rows, at_scale(target, quota.places)


def _target_rows(program: Program, expected: Relation, quota: Quota, grain: str) -> Relation:
    """Return the roster rows whose columns the target reads, as of their last day (`target_day`).

    Without proration it is the payee's latest row in the interval for which the target is given. A prorated quota has
    each row in the quota's own interval, with its days that count (`stint_days`).
    """
    columns, roster = columns_of(quota.target), program.roster
    kept = (*part_columns(grain), "given_start", "given_end", *before_columns(quota))
    wanted = sorted(own_columns(columns) | {"_file", "_row"})
    if quota.prorated is None:
        there = Aggregate(active_rows(program, expected, quota=quota), kept, ())
        joined = active_rows(program, there, quota=quota, columns=wanted, start="given_start", end="given_end")
        latest = ((column_name(roster, (), "_from"), True),)
        ranked = Window(
            joined, (WindowColumn("newest", "row_number", None, partition=("payee", grain, "part"), order=latest),)
        )
        dated: Relation = Filter(ranked, Compare("==", Ref("newest"), Const(1)))
        dated = AddColumns(dated, (("target_day", Ref("stint_last")),))
    else:
        days = day_count(quota.prorated, Ref("stint_first"), Ref("stint_last"))
        counted = AddColumns(active_rows(program, expected, quota=quota, columns=wanted), (("own_days", days),))
        by = (*kept, *(column_name(roster, (), name) for name in wanted))
        values = (
            AggregateColumn("stint_days", "sum", Ref("own_days")),
            AggregateColumn("target_day", "max", Ref("stint_last")),
        )
        dated = Aggregate(counted, tuple(dict.fromkeys(by)), values)
    return join_references(program, roster, columns=columns, more=(), day=Ref("target_day"), relation=dated)


def before_columns(quota: Quota) -> tuple[str, ...]:
    """Return the columns of the first and last day of each earlier interval.

    Only intervals whose results make a target have such columns.
    """
    return tuple(name for node in quota.earlier for name in _ends(node))


def _ends(node: MeasureBefore) -> tuple[str, str]:
    """Return the columns of the earlier interval's first and last day."""
    return own_name("first", node.key), own_name("last", node.key)


def _with_earlier(rows: Relation, node: MeasureBefore) -> Relation:
    """Add the measure's units in the earlier interval, 0 if there are none."""
    first, last = _ends(node)
    wanted = Aggregate(rows, ("payee", "part", first, last), ())
    days = Project(SLICES.rows(), (("slice", Ref("slice")), ("sold_on", Ref("first_day"))))
    brought = Project(
        Join(SOLD.rows(), days, ("slice",)),
        (("sold_by", Ref("payee")), ("sold_on", Ref("sold_on")), ("sold_units", Ref(units_column(node.measure)))),
    )
    tests = (
        Compare("==", Ref("payee"), Ref("sold_by")),
        Compare(">=", Ref("sold_on"), Ref(first)),
        Compare("<=", Ref("sold_on"), Ref(last)),
    )
    joined = Join(wanted, brought, on=Logic("and", tests), optional=True)
    summed = Aggregate(joined, ("payee", "part"), (AggregateColumn("brought", "sum", Ref("sold_units")),))
    found = Join(rows, summed, ("payee", "part"))
    return AddColumns(found, ((own_name("brought", node.key), Call("coalesce", (Ref("brought"), Const(0)))),))


def target_checks(program: Program, expected: Relation, quota: Quota, grain: str) -> list[Check]:
    """Build checks that required columns behind dated references have a value wherever a quota reads them.

    They are errors of their own. A missing value is not reported as a missing quota.
    """
    checks = [_below_zero(program, expected, quota, grain)] if quota.earlier else []
    for column in required_columns(quota.target, quota.where):
        if not can_be_missing(program, column):
            continue
        if quota.table is None:
            rows, root, day = _target_rows(program, expected, quota, grain), program.roster, "target_day"
        else:
            root, day = quota.table, column_name(quota.table, (), "period")
            rows = _used_rows(
                program, expected, quota=quota, grain=grain, rows=_table_rows(program, quota), optional=False
            )
        words = (
            ("_file", Ref(column_name(root, (), "_file"))),
            ("_row", Ref(column_name(root, (), "_row"))),
            ("value", Ref("payee")),
            ("day", Ref(day)),
        )
        checks.append(
            Check(
                "run-no-row-in-force",
                Project(Filter(rows, absent(column)), words),
                None,
                missing_row_words(program, column),
            )
        )
    return checks


def _below_zero(program: Program, expected: Relation, quota: Quota, grain: str) -> Check:
    """Build the check that notes negative targets made of earlier results, which count as 0."""
    rows, value = _in_plan_values(program, expected, quota, grain)
    negative = Filter(rows, Compare("<", value, Const(0)))
    words = (("payee", Ref("payee")), ("period", Ref("part_label")))
    return Check("run-earlier-negative", Project(negative, words), quota.span, (("measure", quota.name),))
