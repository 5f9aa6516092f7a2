"""Sum credits per payee and slice.

One scan of a source serves all payee columns where that is possible.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from spmlang.compile.periods.payee_slices import with_payee_slices, with_slice, with_slice_per_payee
from spmlang.compile.periods.slices import Slices
from spmlang.compile.sources.expressions import Bindings, number
from spmlang.compile.sources.references import column_alias, column_aliases
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


def credited_sums(
    program: Program, measures: Iterable[Measure], slices: Slices, *, at_once: bool
) -> list[CreditSumStage]:
    """Build the stages of credit sums, one for all shares that one scan can sum.

    With `at_once` one scan also sums for several payee columns, if each of them reads all rows.
    """
    groups: dict[tuple[object, ...], list[CreditShare]] = {}
    found = []
    for part in shares_of(measures):
        if part.measure.distinct is not None:
            found.append(_distinct_sums(program, part, slices))
            continue
        # A measure that credits the same column twice has a column in two stages.
        before = shares_of([part.measure])[: part.rule]
        again = sum((part.key, part.column) == (other.key, other.column) for other in before)
        groups.setdefault((*part.key, again), []).append(part)
    scans: dict[object, list[list[CreditShare]]] = {}
    for key, parts in groups.items():
        apart = not at_once or not _reads_all(parts, slices)
        scans.setdefault(key if apart else (parts[0].measure.source, parts[0].measure.on), []).append(parts)
    for number_, scan in enumerate(scans.values(), 1):
        first = scan[0][0]
        name = own_name("credited", first.measure.source, number_)
        place = ", ".join(dict.fromkeys(parts[0].measure.span.place for parts in scan))
        if len(scan) == 1:
            whole = _summed(program, scan[0], _rows_to_sum(program, scan[0], slices), slices)
        else:
            whole = _summed_at_once(program, own_name("rows", first.measure.source, number_), scan, slices)
        columns = tuple(dict.fromkeys(part.column for parts in scan for part in parts))
        found.append(CreditSumStage(nodes.Step(name, whole, place), columns))
    return found


def _reads_all(parts: list[CreditShare], slices: Slices) -> bool:
    """Return True if the shares credit a payee column and one of them counts every row.

    Another scan for such shares would read the same rows again.
    """
    names = Bindings(column_aliases(share_columns(parts)))
    every = any(not own_tests(part.measure, names, slices) for part in parts)
    return every and isinstance(parts[0].share, DirectCredit)


def _rows_to_sum(program: Program, parts: list[CreditShare], slices: Slices) -> Relation:
    """Return the rows that the shares sum, with `slice`, and with `receiver` or `territory`."""
    first = parts[0]
    assert first.measure.on is not None
    rows = share_rows(program, parts, slices, identity=False)
    # The join with the days, its smaller side, drops rows dated before the first slice.
    day = Ref(column_alias(first.measure.on))
    if not isinstance(first.share, TerritoryCredit):
        rows = AddColumns(rows, (("receiver", receiver(first)),))
    return with_slice(rows, day, "receiver" if isinstance(first.share, DirectCredit) else None, slices)


def _summed(program: Program, parts: list[CreditShare], rows: Relation, slices: Slices) -> Relation:
    """Return the sums of shares with the same key.

    The columns are payee, slice, and the units and the number of rows of each share.
    """
    share = parts[0].share
    who = "territory" if isinstance(share, TerritoryCredit) else "receiver"
    names = Bindings(column_aliases(share_columns(parts)))
    tests = _tests(parts, names, slices)
    kept = Filter(rows, Logic("and", tests)) if tests else rows
    sums = Aggregate(kept, (who, "slice"), _raw_sums(parts, names, slices))
    units = tuple(column for part in parts for column in _unit_columns(part, names))
    match share:
        case DirectCredit():
            return Project(sums, (("payee", Ref("receiver")), ("slice", Ref("slice")), *units))
        case TerritoryCredit():
            owned = Project(sums, (("territory", Ref("territory")), ("slice", Ref("slice")), *units))
            return sums_per_owner(owned, tuple(name for name, _ in units), slices)
        case GroupCredit():
            return sums_per_member(program, share, sums, units, slices)


def _tests(parts: list[CreditShare], names: Bindings, slices: Slices) -> tuple[Scalar, ...]:
    """Return the conditions that a row counts for at least one of the shares.

    The row must also have a receiver or, for a territory, be covered by one.
    """
    first = parts[0]
    assert first.measure.on is not None
    who = "territory" if isinstance(first.share, TerritoryCredit) else "receiver"
    counting = [own_tests(part.measure, names, slices) for part in parts]
    day = Ref(column_alias(first.measure.on))
    tests: list[Scalar] = [Compare("<=", day, Const(slices.last.end))] if slices.end > slices.last.end else []
    tests += [] if _always_paid(first) else [Not(IsNull(Ref(who)))]
    tests += [Logic("or", tuple(Logic("and", own) for own in counting))] if all(counting) else []
    return tuple(tests)


def _raw_sums(parts: list[CreditShare], names: Bindings, slices: Slices) -> tuple[AggregateColumn, ...]:
    """Return the sums of the shares' values, and their numbers of rows.

    The sums are not yet in units.
    """
    counting = [own_tests(part.measure, names, slices) for part in parts]
    found: list[AggregateColumn] = []
    for part, own in zip(parts, counting, strict=True):
        where = Logic("and", own) if own and len(parts) > 1 else None
        found += [
            _raw_sum(part, where, names),
            AggregateColumn(share_count_column(part.column), "count", Const(1), where),
        ]
    return tuple(found)


def _summed_at_once(program: Program, name: str, scan: list[list[CreditShare]], slices: Slices) -> Relation:
    """Sum for several payee columns in one scan: payee, slice, and the columns of all shares.

    Values to sum are calculated once, and the sums of each payee column read them.

    Args:
        program: The checked program.
        name: The name under which the sums read the scan.
        scan: The shares of each payee column.
        slices: The slices of the run.
    """
    every = [part for parts in scan for part in parts]
    on = every[0].measure.on
    assert on is not None
    names = Bindings(column_aliases(share_columns(every)))
    payees = {f"slice {at}": column_alias(_column(parts)) for at, parts in enumerate(scan)}
    rows = with_slice_per_payee(
        share_rows(program, every, slices, identity=False), Ref(column_alias(on)), payees, slices
    )
    calculated: dict[Scalar, str] = {}
    read = dict.fromkeys([column_alias(on)])
    readers: list[Relation] = []
    columns = tuple(dict.fromkeys(name for part in every for name in (part.column, share_count_column(part.column))))
    for (own_slice, payee), parts in zip(payees.items(), scan, strict=True):
        raw = []
        for measured in _raw_sums(parts, names, slices):
            value = measured.value
            if not isinstance(value, Ref | Const):
                value = Ref(calculated.setdefault(value, f"value {len(calculated)}"))
            raw.append(replace(measured, value=value))
        own = AddColumns(Stage(name), (("receiver", Ref(payee)), ("slice", Ref(own_slice))))
        tests = _tests(parts, names, slices)
        kept = Filter(own, Logic("and", tests)) if tests else own
        asked = [*tests, *(item.where for item in raw if item.where), *(item.value for item in raw)]
        read |= dict.fromkeys([payee, own_slice, *(column for value in asked for column in names_read(value))])
        units = dict(column for part in parts for column in _unit_columns(part, names))
        sums = Aggregate(kept, ("receiver", "slice"), tuple(raw))
        wide = tuple((column, units.get(column, Const(0))) for column in columns)
        readers.append(Project(sums, (("payee", Ref("receiver")), ("slice", Ref("slice")), *wide)))
    made = {column: value for value, column in calculated.items()}
    kept_columns = tuple((column, made.get(column, Ref(column))) for column in read if column != "receiver")
    return SharedScan(rows, kept_columns, name, tuple(readers))


def _column(parts: list[CreditShare]) -> Column:
    """Return the column that names the payee."""
    share = parts[0].share
    assert isinstance(share, DirectCredit)
    return share.payee


def _always_paid(part: CreditShare) -> bool:
    """Return True if every row names a payee."""
    return isinstance(part.share, DirectCredit) and not part.share.payee.optional


def _distinct_sums(program: Program, part: CreditShare, slices: Slices) -> CreditSumStage:
    """Build the stage of one share of a `count distinct` measure, with values already counted apart."""
    numbered = numbered_rows(part.measure, credit_rows(program, part.measure, slices, part.rule))
    rows = with_payee_slices(numbered, ("payee", "place", "units"), slices)
    name = own_name("distinct", part.measure.name, part.rule)
    first = Compare("==", Ref("place"), Const(1))
    sums = Aggregate(
        rows,
        ("payee", "slice"),
        tuple(
            measured
            for column, where in ((part.column, first), (repeated_units_column(part.column), Not(first)))
            for measured in (
                AggregateColumn(column, "sum", Ref("units"), where),
                AggregateColumn(share_count_column(column), "count", Const(1), where),
            )
        ),
    )
    both = (part.column, repeated_units_column(part.column))
    units = tuple((column, nodes.Call("coalesce", (Ref(column), Const(0)))) for column in both)
    rows_columns = tuple((share_count_column(column), Ref(share_count_column(column))) for column in both)
    whole = Project(sums, (("payee", Ref("payee")), ("slice", Ref("slice")), *units, *rows_columns))
    return CreditSumStage(nodes.Step(name, whole, part.measure.span.place), (part.column,), again=True)


def _unit_columns(part: CreditShare, names: Bindings) -> tuple[tuple[str, Scalar], ...]:
    """Return a share's columns of units and number of shares, made of the sums."""
    return ((part.column, _units(part, names)), (share_count_column(part.column), Ref(share_count_column(part.column))))


def _raw_sum(part: CreditShare, where: Scalar | None, names: Bindings) -> AggregateColumn:
    """Return the sum of a share's values.

    A decimal column is summed as it is, and only the sum is converted to units.
    """
    value = part.measure.value
    if value is None:
        return AggregateColumn(part.column, "count", Const(1), where)
    if isinstance(value, Column):  # converting only the sum to units is several times as fast
        return AggregateColumn(part.column, "sum", Ref(column_alias(value)), where)
    return AggregateColumn(part.column, "sum", number(value, names).value, where)


def _units(part: CreditShare, names: Bindings) -> Scalar:
    """Return a share's units, made of its sum; 0 where the sum is absent."""
    value = part.measure.value
    # The scale is that of the summed number, because a constant such as 50% may need fewer places than its type has.
    scale = number(value, names).scale if value is not None else 0
    raw: Scalar = Ref(part.column)
    if isinstance(value, Column):
        raw = ToUnits(raw, scale)
    whole = Number(nodes.Call("coalesce", (raw, Const(0))), scale)
    return share_units(part, whole)
