"""Turn source rows into single credits, and credits of groups and territories into credits of payees."""

from __future__ import annotations

from collections.abc import Iterable

from spmlang.compile.periods.payee_slices import with_payee_slices
from spmlang.compile.periods.slices import Slices
from spmlang.compile.sources.expressions import Bindings, number
from spmlang.compile.sources.references import column_alias, column_aliases, column_name
from spmlang.compile.stages.credits import OWNERS
from spmlang.compile.stages.periods import DAYS, SLICES
from spmlang.program.expressions import Column
from spmlang.program.measures import DirectCredit, GroupCredit, Measure
from spmlang.program.program import Program
from spmlang.relations import nodes
from spmlang.relations.exact_arithmetic import Number, at_scale, constant, multiply
from spmlang.relations.nodes import (
    Aggregate,
    AggregateColumn,
    Case,
    Check,
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
    ToUnits,
    Union,
    Window,
    WindowColumn,
)

from .credit_shares import CreditShare, counted_test, receiver_columns, share_columns, share_rows, shares_of


def receiver(share: CreditShare) -> Scalar:
    """Return the column that names the credited payee, or the group whose members are credited."""
    (column,) = receiver_columns(share)
    return Ref(column_alias(column))


def distinct_rows(program: Program, measure: Measure, slices: Slices, rule: int | None = None) -> Relation:
    """Return the credits of a `count distinct` measure, only the first of each value, with their slice."""
    return first_of_each(measure, credit_rows(program, measure, slices, rule))


def first_of_each(measure: Measure, credits: Relation) -> Relation:
    """Keep the first credit of each value, with its slice.

    `credits` are credits of a `count distinct` measure, in the columns of `credit_rows`.
    """
    return Filter(numbered_rows(measure, credits), Compare("==", Ref("sequence"), Const(1)))


def numbered_rows(measure: Measure, credits: Relation) -> Relation:
    """Add the slice and `sequence` to the credits of a `count distinct` measure.

    `sequence` numbers a payee's credits of one value by one rule, in each interval of the measure's grain, in the order of
    (day, key, units). Rows that credit no payee are left out.
    """
    assert measure.distinct is not None
    grain = measure.distinct.grain.value
    days = Project(DAYS.rows(), (("day", Ref("day")), ("slice", Ref("slice"))))
    grains = Project(SLICES.rows(), (("slice", Ref("slice")), (grain, Ref(grain))))
    rows = Filter(credits, Not(IsNull(Ref("payee"))))
    return Window(
        Join(Join(rows, days, ("day",)), grains, ("slice",)),
        (
            WindowColumn(
                "sequence",
                "row_number",
                None,
                partition=("payee", "rule", "value", grain),
                order=(("day", False), ("key", False), ("units", False)),
            ),
        ),
    )


def share_units(share: CreditShare, whole: Number) -> Scalar:
    """Return the share of the amount `whole`, in units of the measure's scale.

    A member of a group gets the share times `member_share`, if the group's table has shares.
    """
    units = multiply(whole, constant(share.clause.share))
    if isinstance(share.clause, GroupCredit) and share.clause.by is not None:
        scale = share.clause.by.type.scale
        units = multiply(units, Number(ToUnits(Ref("member_share"), scale), scale))
    return at_scale(units, share.measure.type.scale)


def _member_rows(program: Program, clause: GroupCredit) -> Relation:
    """Return the members of all groups: member_of, member and further columns.

    They are member_share if members have shares, and member_from and member_through if the table is dated.
    """
    columns = [("member_of", clause.key), ("member", "payee")]
    if clause.by is not None:
        columns.append(("member_share", clause.by.name))
    if program.contracts[clause.table].dated is not None:
        columns += [("member_from", "_from"), ("member_through", "_through")]
    return nodes.Source(clause.table, tuple(columns))


def _is_member(program: Program, clause: GroupCredit, group: Scalar, day: Scalar) -> Scalar:
    """Return the condition that a member is in the group on the day."""
    tests: list[Scalar] = [Compare("==", group, Ref("member_of"))]
    if program.contracts[clause.table].dated is not None:
        tests += [Compare(">=", day, Ref("member_from")), Compare("<=", day, Ref("member_through"))]
    return Logic("and", tuple(tests))


def sums_per_member(
    program: Program, clause: GroupCredit, *, sums: Relation, units: tuple[tuple[str, Scalar], ...], slices: Slices
) -> Relation:
    """Turn sums per group and slice into sums per member (`payee`) and slice.

    Members never change within a slice, because the rows of group tables cut time. `units` are the columns to sum.
    """
    timed = Join(sums, Project(SLICES.rows(), (("slice", Ref("slice")), ("first_day", Ref("first_day")))), ("slice",))
    held = _is_member(program, clause, Ref("receiver"), Ref("first_day"))
    joined = Join(timed, _member_rows(program, clause), on=held)
    shared = Project(joined, (("payee", Ref("member")), ("slice", Ref("slice")), *units))
    each = with_payee_slices(shared, ("payee", *(name for name, _ in units)), slices)
    return Aggregate(each, ("payee", "slice"), tuple(AggregateColumn(name, "sum", Ref(name)) for name, _ in units))


def share_checks(program: Program, measures: Iterable[Measure], slices: Slices) -> list[Check]:
    """Build checks that the members' shares of every credited group add up to 100%.

    They must do so on each day with a credit. Overlays are exempt.
    """
    checks = []
    for share in shares_of(measures):
        clause = share.clause
        if not isinstance(clause, GroupCredit) or clause.by is None or clause.overlay:
            continue
        assert share.measure.on is not None
        rows = share_rows(program, [share], slices, identity=False)
        counted = Filter(
            rows, counted_test(share.measure, Bindings(columns=column_aliases(share_columns([share]))), slices)
        )
        days = Project(counted, (("receiver", receiver(share)), ("day", Ref(column_alias(share.measure.on)))))
        groups = Aggregate(days, ("receiver", "day"), ())
        held = _is_member(program, clause, Ref("receiver"), Ref("day"))
        joined = Join(groups, _member_rows(program, clause), on=held)
        scale = clause.by.type.scale
        units = Project(
            joined,
            (("group", Ref("receiver")), ("day", Ref("day")), ("units", ToUnits(Ref("member_share"), scale))),
        )
        sums = Aggregate(units, ("group", "day"), (AggregateColumn("total", "sum", Ref("units")),))
        wrong = Filter(sums, Compare("!=", Ref("total"), Const(10**scale)))
        words = (("group", Ref("group")), ("day", Ref("day")))
        checks.append(Check("run-shares", Project(wrong, words), clause.span, (("table", clause.table),)))
    return checks


def sums_per_owner(sums: Relation, columns: tuple[str, ...], slices: Slices) -> Relation:
    """Turn sums per territory and slice into sums per owner (`payee`) and slice.

    Owners never change within a slice, because owners' first and last days cut time.
    """
    timed = Join(sums, Project(SLICES.rows(), (("slice", Ref("slice")), ("first_day", Ref("first_day")))), ("slice",))
    owners = Project(
        OWNERS.rows(),
        (
            ("owned", Ref("territory")),
            ("payee", Ref("owner")),
            ("owner_from", Ref("owner_from")),
            ("owner_through", Ref("owner_through")),
        ),
    )
    held = Logic(
        "and",
        (
            Compare("==", Ref("territory"), Ref("owned")),
            Compare(">=", Ref("first_day"), Ref("owner_from")),
            Compare("<=", Ref("first_day"), Ref("owner_through")),
        ),
    )
    return Aggregate(
        with_payee_slices(Join(timed, owners, on=held), ("payee", *columns), slices),
        ("payee", "slice"),
        tuple(AggregateColumn(column, "sum", Ref(column)) for column in columns),
    )


# ---- single credits ---------------------------------------------------------------------------


def credit_rows(program: Program, measure: Measure, slices: Slices, rule: int | None = None) -> Relation:
    """Return one row for each credit and each refused share of a measure that has a source.

    A refused share has no payee, but a `reason`. With `rule` only the share of this index is returned.

    The columns are payee, day, source, key, rule, via, territory, file, row, units and reason, and for a `count
    distinct` measure also `value`.
    """
    shares = [share for share in shares_of([measure]) if rule in (None, share.rule)]
    return Union(tuple(_credit_rows(program, share, slices) for share in shares))


def _credit_rows(program: Program, share: CreditShare, slices: Slices) -> Relation:
    """Return the credits and refusals of one share, in the columns of `credit_rows`."""
    rows = counted_rows(program, share, slices)
    assert share.measure.on is not None
    day = Ref(column_alias(share.measure.on))
    if isinstance(share.clause, DirectCredit):
        return credits_of(
            program, share, found=rows, who=receiver(share), territory=Null("text"), reason=Const("no-payee")
        )
    if isinstance(share.clause, GroupCredit):
        held = _is_member(program, share.clause, receiver(share), day)
        members = Join(rows, _member_rows(program, share.clause), on=held, optional=True)
        return credits_of(
            program, share, found=members, who=Ref("member"), territory=Null("text"), reason=Const("no-member")
        )
    owners = Project(
        OWNERS.rows(),
        (
            ("owned", Ref("territory")),
            ("owner", Ref("owner")),
            ("owner_from", Ref("owner_from")),
            ("owner_through", Ref("owner_through")),
        ),
    )
    held = Logic(
        "and",
        (
            Compare("==", Ref("territory"), Ref("owned")),
            Compare(">=", day, Ref("owner_from")),
            Compare("<=", day, Ref("owner_through")),
        ),
    )
    reason = Case(((IsNull(Ref("territory")), Const("no-territory")),), Const("no-owner"))
    found = Join(rows, owners, on=held, optional=True)
    return credits_of(program, share, found=found, who=Ref("owner"), territory=Ref("territory"), reason=reason)


def counted_rows(program: Program, share: CreditShare, slices: Slices) -> Relation:
    """Return the source rows that count, with all columns that a credit of them is made of."""
    names = Bindings(columns=column_aliases(share_columns([share])))
    rows = share_rows(program, [share], slices, identity=True, more=_distinct_column(share))
    return Filter(rows, counted_test(share.measure, names, slices))


def _distinct_column(share: CreditShare) -> tuple[Column, ...]:
    """Return the column whose values a `count distinct` measure counts, if it is one."""
    return () if share.measure.distinct is None else (share.measure.distinct.column,)


def credits_of(
    program: Program, share: CreditShare, *, found: Relation, who: Scalar, territory: Scalar, reason: Scalar
) -> Relation:
    """Turn rows of `counted_rows` into credits, in the columns of `credit_rows`.

    Args:
        program: The checked program.
        share: The share that is credited.
        found: The rows, joined with the members or owners of the share.
        who: The credited payee; absent where the share is refused.
        territory: The territory of the row, if any.
        reason: The reason of a refusal. Only rows without a payee use it.
    """
    measure = share.measure
    root = measure.source
    assert measure.on is not None
    assert root is not None
    names = Bindings(columns=column_aliases(share_columns([share])))
    value = number(measure.value, names) if measure.value is not None else Number(Const(1), 0)
    units = share_units(share, value)
    if isinstance(share.clause, GroupCredit) and share.clause.by is not None:
        whole = at_scale(multiply(value, constant(share.clause.share)), measure.type.scale)
        units = Case(((IsNull(who), whole),), units)
    return Project(
        found,
        (
            ("payee", who),
            ("day", Ref(column_alias(measure.on))),
            ("source", Const(root)),
            ("key", _key(program, root)),
            ("rule", Const(share.rule)),
            ("via", Null("text")),
            ("territory", territory),
            ("file", Ref(column_name(root, (), "_file"))),
            ("row", Ref(column_name(root, (), "_row"))),
            ("units", units),
            ("reason", reason),
            *(("value", Ref(column_alias(column))) for column in _distinct_column(share)),
        ),
    )


def _key(program: Program, root: str) -> Scalar:
    """Return the row's key; of a dated source the key together with the row's first day."""
    key = Ref(column_name(root, (), "_key"))
    if program.contracts[root].dated is None:
        return key
    return nodes.Call("dated_key", (key, Ref(column_name(root, (), "_from"))))
