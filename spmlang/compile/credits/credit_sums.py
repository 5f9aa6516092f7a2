"""Sum credits per payee and slice.

One scan of a source serves all payee columns where that is possible.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from spmlang.compile.periods.payee_slices import with_payee_slices, with_slice, with_slice_per_payee
from spmlang.compile.periods.slices import Slices
from spmlang.compile.sources.expressions import Bindings, number
from spmlang.compile.sources.references import column_alias, column_aliases
from spmlang.compile.stages.credits import CREDITED, DISTINCT
from spmlang.program.expressions import Column
from spmlang.program.measures import DirectCredit, GroupCredit, Measure, TerritoryCredit
from spmlang.program.program import Program
from spmlang.relations import nodes
from spmlang.relations.exact_arithmetic import Number
from spmlang.relations.nodes import (
    AddColumns,
    Aggregate,
    AggregateColumn,
    Compare,
    Const,
    Filter,
    IsNull,
    Logic,
    Not,
    Project,
    Ref,
    Relation,
    Scalar,
    SharedScan,
    Stage,
    ToUnits,
)
from spmlang.relations.traversal import names_read
from spmlang.values.own_names import own_name

from .credit_rows import credit_rows, numbered_rows, receiver, share_units, sums_per_member, sums_per_owner
from .credit_shares import (
    CreditShare,
    own_tests,
    repeated_units_column,
    share_columns,
    share_count_column,
    share_rows,
    shares_of,
)


@dataclass(frozen=True)
class CreditSumStage:
    """A stage of credit sums per payee and slice.

    For each of `columns` (see `CreditShare.column`) the stage has the units and the number of shares. With `again` it
    also has both for values that were already counted.
    """

    stage: nodes.Step
    columns: tuple[str, ...]
    again: bool = False

    @property
    def stored(self) -> tuple[str, ...]:
        """All columns of the stage but payee and slice."""
        every = [*self.columns, *(repeated_units_column(column) for column in self.columns if self.again)]
        return tuple(name for column in every for name in (column, share_count_column(column)))


@dataclass(frozen=True, kw_only=True)
class _Scan:
    """One scan of a source, and the shares that it sums.

    Each group has the shares with the same key (see `CreditShare.key`), so all of them credit the same receivers: the
    payees of a column, the owners of territories or the members of a team.
    """

    groups: tuple[tuple[CreditShare, ...], ...]

    @property
    def shares(self) -> tuple[CreditShare, ...]:
        """The shares of all groups."""
        return tuple(share for group in self.groups for share in group)

    @property
    def source(self) -> str | None:
        """The source whose rows are summed."""
        return self.shares[0].measure.source

    @property
    def place(self) -> str:
        """The plan lines of the measures, one for each group."""
        return ", ".join(dict.fromkeys(group[0].measure.span.place for group in self.groups))


@dataclass(frozen=True, kw_only=True)
class _GroupSums:
    """The sums of a group of shares.

    Attributes:
        shares: The shares of the group.
        receiver: The column of who is credited: "receiver" (a payee or a team) or "territory".
        tests: The conditions that a row counts for any of the shares.
        sums: The sums of the shares' values, not yet in units, and their numbers of rows.
        units: The columns of units and number of shares, made of the sums.
    """

    shares: tuple[CreditShare, ...]
    receiver: str
    tests: tuple[Scalar, ...]
    sums: tuple[AggregateColumn, ...]
    units: tuple[tuple[str, Scalar], ...]

    def of(self, rows: Relation) -> Relation:
        """Return the sums of the rows that count, per receiver and slice."""
        kept = Filter(rows, Logic("and", self.tests)) if self.tests else rows
        return Aggregate(kept, (self.receiver, "slice"), self.sums)

    @property
    def columns_read(self) -> list[str]:
        """The columns that tests and sums read."""
        wheres = [item.where for item in self.sums if item.where]
        read = [*self.tests, *wheres, *(item.value for item in self.sums)]
        return [column for value in read for column in names_read(value)]


def credited_sums(
    program: Program, measures: Iterable[Measure], slices: Slices, *, at_once: bool
) -> list[CreditSumStage]:
    """Build the stages of credit sums, one for all shares that one scan can sum.

    With `at_once` one scan also sums for several payee columns, if each of them reads all rows.
    """
    shares = shares_of(measures)
    distinct = [_distinct_sums(program, share, slices) for share in shares if share.measure.distinct is not None]
    scans = _scans([share for share in shares if share.measure.distinct is None], slices, at_once=at_once)
    return [*distinct, *(_scan_stage(program, scan, number, slices) for number, scan in enumerate(scans, 1))]


def _scans(shares: list[CreditShare], slices: Slices, *, at_once: bool) -> list[_Scan]:
    """Group the shares by their receivers, and the groups by the scan that sums them."""
    groups: dict[object, list[CreditShare]] = {}
    for share in shares:
        # A measure that credits the same column twice has a column in two stages.
        before = shares_of([share.measure])[: share.rule]
        again = sum((share.key, share.column) == (other.key, other.column) for other in before)
        groups.setdefault((*share.key, again), []).append(share)
    scans: dict[object, list[tuple[CreditShare, ...]]] = {}
    for key, group in groups.items():
        together = at_once and _reads_all(group, slices)
        measure = group[0].measure
        scans.setdefault((measure.source, measure.on) if together else key, []).append(tuple(group))
    return [_Scan(groups=tuple(found)) for found in scans.values()]


def _scan_stage(program: Program, scan: _Scan, number: int, slices: Slices) -> CreditSumStage:
    """Build the stage of a scan; `number` makes its name unique."""
    if len(scan.groups) == 1:
        whole = _summed(program, scan.shares, slices)
    else:
        whole = _summed_at_once(program, own_name("rows", scan.source, number), scan, slices)
    name = CREDITED.name(scan.source, number)
    columns = tuple(dict.fromkeys(share.column for share in scan.shares))
    return CreditSumStage(nodes.Step(name, whole, scan.place), columns)


def _reads_all(shares: Sequence[CreditShare], slices: Slices) -> bool:
    """Return True if the shares credit a payee column and one of them counts every row.

    Another scan for such shares would read the same rows again.
    """
    names = Bindings(columns=column_aliases(share_columns(shares)))
    every = any(not own_tests(share.measure, names, slices) for share in shares)
    return every and isinstance(shares[0].clause, DirectCredit)


def _group_sums(shares: Sequence[CreditShare], names: Bindings, slices: Slices) -> _GroupSums:
    """Return the sums of a group of shares.

    A row must also have a receiver or, for a territory, be covered by one.
    """
    first = shares[0]
    receiver = "territory" if isinstance(first.clause, TerritoryCredit) else "receiver"
    counting = [own_tests(share.measure, names, slices) for share in shares]
    tests: list[Scalar] = []
    if slices.end > slices.last.end:
        tests.append(Compare("<=", Ref(_day(shares)), Const(slices.last.end)))
    if not _always_paid(first):
        tests.append(Not(IsNull(Ref(receiver))))
    if all(counting):
        tests.append(Logic("or", tuple(Logic("and", own) for own in counting)))
    sums: list[AggregateColumn] = []
    for share, own in zip(shares, counting, strict=True):
        where = Logic("and", own) if own and len(shares) > 1 else None
        sums += [
            _raw_sum(share, where, names),
            AggregateColumn(share_count_column(share.column), "count", Const(1), where=where),
        ]
    return _GroupSums(
        shares=tuple(shares),
        receiver=receiver,
        tests=tuple(tests),
        sums=tuple(sums),
        units=tuple(column for share in shares for column in _unit_columns(share, names)),
    )


def _day(shares: Sequence[CreditShare]) -> str:
    """Return the column of the day on which rows count."""
    on = shares[0].measure.on
    assert on is not None
    return column_alias(on)


def _summed(program: Program, shares: Sequence[CreditShare], slices: Slices) -> Relation:
    """Return the sums of a group of shares: payee, slice, and the units and the number of rows of each share."""
    group = _group_sums(shares, Bindings(columns=column_aliases(share_columns(shares))), slices)
    sums = group.of(_rows_to_sum(program, shares, slices))
    clause = shares[0].clause
    match clause:
        case DirectCredit():
            return Project(sums, (("payee", Ref("receiver")), ("slice", Ref("slice")), *group.units))
        case TerritoryCredit():
            owned = Project(sums, (("territory", Ref("territory")), ("slice", Ref("slice")), *group.units))
            return sums_per_owner(owned, tuple(name for name, _ in group.units), slices)
        case GroupCredit():
            return sums_per_member(program, clause, sums=sums, units=group.units, slices=slices)


def _rows_to_sum(program: Program, shares: Sequence[CreditShare], slices: Slices) -> Relation:
    """Return the rows that the shares sum, with `slice`, and with `receiver` or `territory`."""
    first = shares[0]
    rows = share_rows(program, shares, slices, identity=False)
    if not isinstance(first.clause, TerritoryCredit):
        rows = AddColumns(rows, (("receiver", receiver(first)),))
    # The join with the days, its smaller side, drops rows dated before the first slice.
    return with_slice(rows, Ref(_day(shares)), "receiver" if isinstance(first.clause, DirectCredit) else None, slices)


def _summed_at_once(program: Program, name: str, scan: _Scan, slices: Slices) -> Relation:
    """Sum for several payee columns in one scan: payee, slice, and the columns of all shares.

    Values to sum are calculated once, and the sums of each payee column read them.

    Args:
        program: The checked program.
        name: The name under which the sums read the scan.
        scan: The scan, whose groups are of one payee column each.
        slices: The slices of the run.
    """
    names = Bindings(columns=column_aliases(share_columns(scan.shares)))
    groups = [_group_sums(shares, names, slices) for shares in scan.groups]
    values = _calculated(groups)
    groups = [_with_values_by_name(group, values) for group in groups]
    day, payees = _day(scan.shares), {f"slice_{at}": _payee(group) for at, group in enumerate(groups)}
    rows = with_slice_per_payee(share_rows(program, scan.shares, slices, identity=False), Ref(day), payees, slices)
    columns = dict.fromkeys(column for group in groups for column, _ in group.units)
    readers, read = [], [day]
    for own_slice, group in zip(payees, groups, strict=True):
        own = AddColumns(Stage(name), (("receiver", Ref(_payee(group))), ("slice", Ref(own_slice))))
        units = dict(group.units)
        wide = tuple((column, units.get(column, Const(0))) for column in columns)
        readers.append(Project(group.of(own), (("payee", Ref("receiver")), ("slice", Ref("slice")), *wide)))
        read += [_payee(group), own_slice, *group.columns_read]
    made = {column: value for value, column in values.items()}
    kept = tuple((column, made.get(column, Ref(column))) for column in dict.fromkeys(read) if column != "receiver")
    return SharedScan(rows, kept, name, tuple(readers))


def _calculated(groups: Iterable[_GroupSums]) -> dict[Scalar, str]:
    """Return the values that the groups sum and that are no columns or constants, each with a name."""
    values = dict.fromkeys(item.value for group in groups for item in group.sums)
    found = [value for value in values if not isinstance(value, Ref | Const)]
    return {value: f"value_{number}" for number, value in enumerate(found)}


def _with_values_by_name(group: _GroupSums, values: Mapping[Scalar, str]) -> _GroupSums:
    """Return the group's sums over columns of calculated values, in place of the values."""
    sums = (replace(item, value=Ref(values[item.value])) if item.value in values else item for item in group.sums)
    return replace(group, sums=tuple(sums))


def _payee(group: _GroupSums) -> str:
    """Return the column that names the payee."""
    clause = group.shares[0].clause
    assert isinstance(clause, DirectCredit)
    return column_alias(clause.payee)


def _always_paid(share: CreditShare) -> bool:
    """Return True if every row names a payee."""
    return isinstance(share.clause, DirectCredit) and not share.clause.payee.optional


def _distinct_sums(program: Program, share: CreditShare, slices: Slices) -> CreditSumStage:
    """Build the stage of one share of a `count distinct` measure, with values already counted apart."""
    numbered = numbered_rows(share.measure, credit_rows(program, share.measure, slices, share.rule))
    rows = with_payee_slices(numbered, ("payee", "sequence", "units"), slices)
    name = DISTINCT.name(share.measure.name, share.rule)
    first = Compare("==", Ref("sequence"), Const(1))
    sums = Aggregate(
        rows,
        ("payee", "slice"),
        tuple(
            measured
            for column, where in ((share.column, first), (repeated_units_column(share.column), Not(first)))
            for measured in (
                AggregateColumn(column, "sum", Ref("units"), where=where),
                AggregateColumn(share_count_column(column), "count", Const(1), where=where),
            )
        ),
    )
    both = (share.column, repeated_units_column(share.column))
    units = tuple((column, nodes.Call("coalesce", (Ref(column), Const(0)))) for column in both)
    rows_columns = tuple((share_count_column(column), Ref(share_count_column(column))) for column in both)
    whole = Project(sums, (("payee", Ref("payee")), ("slice", Ref("slice")), *units, *rows_columns))
    return CreditSumStage(nodes.Step(name, whole, share.measure.span.place), (share.column,), again=True)


def _unit_columns(share: CreditShare, names: Bindings) -> tuple[tuple[str, Scalar], ...]:
    """Return a share's columns of units and number of shares, made of the sums."""
    return (
        (share.column, _units(share, names)),
        (share_count_column(share.column), Ref(share_count_column(share.column))),
    )


def _raw_sum(share: CreditShare, where: Scalar | None, names: Bindings) -> AggregateColumn:
    """Return the sum of a share's values.

    A decimal column is summed as it is, and only the sum is converted to units.
    """
    value = share.measure.value
    if value is None:
        return AggregateColumn(share.column, "count", Const(1), where=where)
    if isinstance(value, Column):  # converting only the sum to units is several times as fast
        return AggregateColumn(share.column, "sum", Ref(column_alias(value)), where=where)
    return AggregateColumn(share.column, "sum", number(value, names).value, where=where)


def _units(share: CreditShare, names: Bindings) -> Scalar:
    """Return a share's units, made of its sum; 0 where the sum is absent."""
    value = share.measure.value
    # The scale is that of the summed number, because a constant such as 50% may need fewer places than its type has.
    scale = number(value, names).scale if value is not None else 0
    raw: Scalar = Ref(share.column)
    if isinstance(value, Column):
        raw = ToUnits(raw, scale)
    whole = Number(nodes.Call("coalesce", (raw, Const(0))), scale)
    return share_units(share, whole)
