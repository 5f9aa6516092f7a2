"""What a quota's table or the plan's text gives for each payee and interval, and what must not be missing there."""

from __future__ import annotations

from spmlang.compile.credits.credit_shares import sold
from spmlang.compile.payees.active_days import active_rows, day_count
from spmlang.compile.sources.columns_read import asked_columns, columns_of
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
from spmlang.program.expressions import MeasureBefore
from spmlang.program.program import Program
from spmlang.program.quotas import Quota
from spmlang.relations.exact_numbers import Number, at_scale
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
    Stage,
    ToUnits,
    Window,
    WindowColumn,
)
from spmlang.values.own_names import own_name


def given_targets(program: Program, expected: Relation, quota: Quota, grain: str) -> Relation:
    """payee, grain index, part, target in units of the quota's own places (absent where nothing gives one), rows.

    Where the quota is prorated the target is multiplied with the days that count.
    """
    return (_from_table if quota.table is not None else _in_plan)(program, expected, quota, grain)


def part_columns(grain: str) -> tuple[str, ...]:
    """The columns that name an interval of a payee's quota."""
    return ("payee", grain, "label", "part", "part_label")


def _from_table(program: Program, expected: Relation, quota: Quota, grain: str) -> Relation:
    """payee, grain index, part, target (absent where no row gives one), rows."""
    table = str(quota.table)
    rows = _table_rows(program, quota)
    if quota.where is not None:
        rows = Filter(rows, scalar(quota.where, Bindings(column_aliases(columns_of(quota.where)))))
    joined = _used_rows(program, expected, quota, grain, rows, optional=True)
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
    """The rows of a quota's table, whatever its `where` says."""
    table = str(quota.table)
    own: list[tuple[tuple[()], str]] = [((), name) for name in ("payee", "period", "target", "_key", "_file", "_row")]
    return join_references(program, table, columns_of(quota.where), own, Ref(column_name(table, (), "period")))


def _used_rows(
    program: Program, expected: Relation, quota: Quota, grain: str, rows: Relation, *, optional: bool
) -> Relation:
    """Rows of the table in the intervals asked for, as far as the payee is on the roster in them."""
    table = str(quota.table)
    period = Ref(column_name(table, (), "period"))
    columns_kept = (*part_columns(grain), "given_start", "given_end")
    on_roster = Aggregate(active_rows(program, expected, quota), columns_kept, ())
    tests = (
        Compare("==", Ref("payee"), Ref(column_name(table, (), "payee"))),
        Compare(">=", period, Ref("given_start")),
        Compare("<=", period, Ref("given_end")),
    )
    return Join(on_roster, rows, on=Logic("and", tests), optional=optional)


def _in_plan(program: Program, expected: Relation, quota: Quota, grain: str) -> Relation:
    """The same from an expression over the payee's roster rows and the results of earlier intervals."""
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
    # Where a row has no target that can be told (which is an error), there is none for the interval.
    whole = Case(((Compare("==", Ref("told"), Ref("stints")), Ref("known")),), Null("whole"))
    return Project(summed, (*own, ("rows", Const(1)), ("target", whole)))


def _in_plan_values(program: Program, expected: Relation, quota: Quota, grain: str) -> tuple[Relation, Scalar]:
    """Rows, and the value of the target's expression on each, in units of the quota's own places."""
    assert quota.target is not None
    rows = _target_rows(program, expected, quota, grain)
    for node in quota.earlier:
        rows = _with_earlier(rows, node)
    earlier = {node.key: Number(Ref(own_name("brought", node.key)), node.type.scale) for node in quota.earlier}
    target = number(quota.target, Bindings(column_aliases(columns_of(quota.target)), earlier))
    return rows, at_scale(target, quota.places)


def _target_rows(program: Program, expected: Relation, quota: Quota, grain: str) -> Relation:
    """The roster rows by which a target is read, with what it reads of them on their last day (`target_day`).

    The payee's latest row in the interval for which the target is given; where it is prorated, each row in the quota's own
    interval, with `stint_days`.
    """
    columns, roster = columns_of(quota.target), program.roster
    kept = (*part_columns(grain), "given_start", "given_end", *before_columns(quota))
    wanted = sorted(own_columns(columns) | {"_file", "_row"})
    if quota.prorated is None:
        there = Aggregate(active_rows(program, expected, quota), kept, ())
        joined = active_rows(program, there, quota, wanted, "given_start", "given_end")
        latest = ((column_name(roster, (), "_from"), True),)
        ranked = Window(joined, (WindowColumn("place", "row_number", None, ("payee", grain, "part"), latest),))
        dated: Relation = Filter(ranked, Compare("==", Ref("place"), Const(1)))
        dated = AddColumns(dated, (("target_day", Ref("stint_last")),))
    else:
        days = day_count(quota.prorated, Ref("stint_first"), Ref("stint_last"))
        counted = AddColumns(active_rows(program, expected, quota, wanted), (("own_days", days),))
        by = (*kept, *(column_name(roster, (), name) for name in wanted))
        values = (
            AggregateColumn("stint_days", "sum", Ref("own_days")),
            AggregateColumn("target_day", "max", Ref("stint_last")),
        )
        dated = Aggregate(counted, tuple(dict.fromkeys(by)), values)
    return join_references(program, roster, columns, (), Ref("target_day"), dated)


def before_columns(quota: Quota) -> tuple[str, ...]:
    """The columns that hold the first and the last day of the earlier intervals whose results are a target."""
    return tuple(name for node in quota.earlier for name in _ends(node))


def _ends(node: MeasureBefore) -> tuple[str, str]:
    return own_name("first", node.key), own_name("last", node.key)


def _with_earlier(rows: Relation, node: MeasureBefore) -> Relation:
    """Adds what the measure brought in the earlier interval."""
    first, last = _ends(node)
    wanted = Aggregate(rows, ("payee", "part", first, last), ())
    days = Project(Stage("slices"), (("slice", Ref("slice")), ("sold_on", Ref("first_day"))))
    brought = Project(
        Join(Stage("sold"), days, ("slice",)),
        (("sold_by", Ref("payee")), ("sold_on", Ref("sold_on")), ("sold_units", Ref(sold(node.measure)))),
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
    """Columns behind dated references that a quota asks for are there; a missing one is not a missing quota."""
    checks = [_below_zero(program, expected, quota, grain)] if quota.earlier else []
    for column in asked_columns(quota.target, quota.where):
        if not can_be_missing(program, column):
            continue
        if quota.table is None:
            rows, root, day = _target_rows(program, expected, quota, grain), program.roster, "target_day"
        else:
            root, day = quota.table, column_name(quota.table, (), "period")
            rows = _used_rows(program, expected, quota, grain, _table_rows(program, quota), optional=False)
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
    """Targets that are made of earlier results below zero: they count as zero, and are noted."""
    rows, value = _in_plan_values(program, expected, quota, grain)
    negative = Filter(rows, Compare("<", value, Const(0)))
    words = (("payee", Ref("payee")), ("period", Ref("part_label")))
    return Check("run-earlier-negative", Project(negative, words), quota.span, (("measure", quota.name),))
