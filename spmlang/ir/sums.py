"""Credited sums per payee and slice. Whoever is credited, the rows of a source are gone through once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from spmlang.model.expressions import Column
from spmlang.model.measured import Direct, Measure, Members, TerritoryOwner
from spmlang.model.program import Program
from spmlang.values.spelling import spelled

from . import nodes
from .crediting import distinct_rows, of_share, receiver, to_members, to_owners
from .nodes import (
    Absent,
    Aggregate,
    Const,
    Extend,
    Filter,
    Logic,
    Measured,
    Not,
    Project,
    Ref,
    Relation,
    Scalar,
    Shared,
    Stage,
    Test,
    Units,
)
from .numbers import Number
from .parts import Part, own_tests, part_columns, part_rows, parts_of
from .scalars import Names, number
from .slices import Slices
from .spans import dated_for_each, dated_rows, with_own
from .walking import name_of, names_of
from .walks import names_read


@dataclass(frozen=True)
class Sums:
    """A stage of sums per payee and slice, with a column for the units of each part of a measure (see `Part.column`)."""

    stage: nodes.Step
    columns: tuple[str, ...]


def credited_sums(program: Program, measures: Iterable[Measure], slices: Slices, *, at_once: bool) -> list[Sums]:
    """One stage for all parts that one scan can sum: columns payee, slice, and the units of each measure.

    `at_once`: one scan sums for several receivers, too.
    """
    groups: dict[tuple[object, ...], list[Part]] = {}
    found = []
    for part in parts_of(measures):
        if part.measure.distinct is not None:
            found.append(_distinct_sums(program, part, slices))
            continue
        # A measure that credits the same column twice has a column in two stages.
        before = parts_of([part.measure])[: part.rule]
        again = sum((part.key, part.column) == (other.key, other.column) for other in before)
        groups.setdefault((*part.key, again), []).append(part)
    scans: dict[object, list[list[Part]]] = {}
    for key, parts in groups.items():
        apart = not at_once or not _reads_all(parts, slices)
        scans.setdefault(key if apart else (parts[0].measure.source, parts[0].measure.on), []).append(parts)
    for number_, scan in enumerate(scans.values(), 1):
        first = scan[0][0]
        name = spelled("credited", first.measure.source, number_)
        place = ", ".join(dict.fromkeys(parts[0].measure.span.place for parts in scan))
        if len(scan) == 1:
            whole = _summed(program, scan[0], _rows(program, scan[0], slices), slices)
        else:
            whole = _summed_at_once(program, spelled("rows", first.measure.source, number_), scan, slices)
        columns = tuple(dict.fromkeys(part.column for parts in scan for part in parts))
        found.append(Sums(nodes.Step(name, whole, place), columns))
    return found


def _reads_all(parts: list[Part], slices: Slices) -> bool:
    """Whether a payee that the rows name is credited for all of them, so that another scan of them would find the same."""
    names = Names(names_of(part_columns(parts)))
    every = any(not own_tests(part.measure, names, slices) for part in parts)
    return every and isinstance(parts[0].share, Direct)


def _rows(program: Program, parts: list[Part], slices: Slices) -> Relation:
    """The rows that the parts sum: with `slice`, and with `receiver` or `territory`."""
    first = parts[0]
    assert first.measure.on is not None
    rows = part_rows(program, parts, slices, identity=False)
    # The days are the smaller side; rows dated before anything that is paid meet no day.
    day = Ref(name_of(first.measure.on))
    if not isinstance(first.share, TerritoryOwner):
        rows = Extend(rows, (("receiver", receiver(first)),))
    return dated_rows(rows, day, "receiver" if isinstance(first.share, Direct) else None, slices)


def _summed(program: Program, parts: list[Part], rows: Relation, slices: Slices) -> Relation:
    """Their sums: columns payee, slice, and the units of each part."""
    share = parts[0].share
    who = "territory" if isinstance(share, TerritoryOwner) else "receiver"
    names = Names(names_of(part_columns(parts)))
    tests = _tests(parts, names, slices)
    kept = Filter(rows, Logic("and", tests)) if tests else rows
    sums = Aggregate(kept, (who, "slice"), _raw_sums(parts, names, slices))
    units = tuple((part.column, _units(part, names)) for part in parts)
    match share:
        case Direct():
            return Project(sums, (("payee", Ref("receiver")), ("slice", Ref("slice")), *units))
        case TerritoryOwner():
            owned = Project(sums, (("territory", Ref("territory")), ("slice", Ref("slice")), *units))
            return to_owners(owned, tuple(part.column for part in parts), slices)
        case Members():
            return to_members(program, share, sums, units, slices)


def _tests(parts: list[Part], names: Names, slices: Slices) -> tuple[Scalar, ...]:
    """What a row must be to count for any of the parts."""
    first = parts[0]
    assert first.measure.on is not None
    who = "territory" if isinstance(first.share, TerritoryOwner) else "receiver"
    counting = [own_tests(part.measure, names, slices) for part in parts]
    day = Ref(name_of(first.measure.on))
    tests: list[Scalar] = [Test("<=", day, Const(slices.last.end))] if slices.end > slices.last.end else []
    tests += [] if _always_paid(first) else [Not(Absent(Ref(who)))]
    tests += [Logic("or", tuple(Logic("and", own) for own in counting))] if all(counting) else []
    return tuple(tests)


def _raw_sums(parts: list[Part], names: Names, slices: Slices) -> tuple[Measured, ...]:
    counting = [own_tests(part.measure, names, slices) for part in parts]
    return tuple(
        _raw_sum(part, Logic("and", own) if own and len(parts) > 1 else None, names)
        for part, own in zip(parts, counting, strict=True)
    )


def _summed_at_once(program: Program, name: str, scan: list[list[Part]], slices: Slices) -> Relation:
    """The sums of several receivers. What is summed is calculated once, and each receiver's sums read it."""
    every = [part for parts in scan for part in parts]
    on = every[0].measure.on
    assert on is not None
    names = Names(names_of(part_columns(every)))
    payees = {f"slice {at}": name_of(_column(parts)) for at, parts in enumerate(scan)}
    rows = dated_for_each(part_rows(program, every, slices, identity=False), Ref(name_of(on)), payees, slices)
    calculated: dict[Scalar, str] = {}
    read = dict.fromkeys([name_of(on)])
    readers: list[Relation] = []
    columns = tuple(dict.fromkeys(part.column for part in every))
    for (own_slice, payee), parts in zip(payees.items(), scan, strict=True):
        raw = []
        for measured in _raw_sums(parts, names, slices):
            value = measured.value
            if not isinstance(value, Ref | Const):
                value = Ref(calculated.setdefault(value, f"value {len(calculated)}"))
            raw.append(replace(measured, value=value))
        own = Extend(Stage(name), (("receiver", Ref(payee)), ("slice", Ref(own_slice))))
        tests = _tests(parts, names, slices)
        kept = Filter(own, Logic("and", tests)) if tests else own
        asked = [*tests, *(item.where for item in raw if item.where), *(item.value for item in raw)]
        read |= dict.fromkeys([payee, own_slice, *(column for value in asked for column in names_read(value))])
        units = {part.column: _units(part, names) for part in parts}
        sums = Aggregate(kept, ("receiver", "slice"), tuple(raw))
        wide = tuple((column, units.get(column, Const(0))) for column in columns)
        readers.append(Project(sums, (("payee", Ref("receiver")), ("slice", Ref("slice")), *wide)))
    made = {column: value for value, column in calculated.items()}
    kept_columns = tuple((column, made.get(column, Ref(column))) for column in read if column != "receiver")
    return Shared(rows, kept_columns, name, tuple(readers))


def _column(parts: list[Part]) -> Column:
    share = parts[0].share
    assert isinstance(share, Direct)
    return share.payee


def _always_paid(part: Part) -> bool:
    """Whether every row names a payee."""
    return isinstance(part.share, Direct) and not part.share.payee.optional


def _distinct_sums(program: Program, part: Part, slices: Slices) -> Sums:
    rows = with_own(distinct_rows(program, part.measure, slices, part.rule), ("payee", "units"), slices)
    name = spelled("distinct", part.measure.name, part.rule)
    sums = Aggregate(rows, ("payee", "slice"), (Measured(part.column, "sum", Ref("units")),))
    return Sums(nodes.Step(name, sums, part.measure.span.place), (part.column,))


def _raw_sum(part: Part, where: Scalar | None, names: Names) -> Measured:
    """Decimals are summed as they are, and only the sum is brought to units: that is several times as fast."""
    value = part.measure.value
    if value is None:
        return Measured(part.column, "count", Const(1), where)
    if isinstance(value, Column):
        return Measured(part.column, "sum", Ref(name_of(value)), where)
    return Measured(part.column, "sum", number(value, names).value, where)


def _units(part: Part, names: Names) -> Scalar:
    value = part.measure.value
    # The scale of what was summed: a constant such as 50% may need fewer places than its type has.
    scale = number(value, names).scale if value is not None else 0
    raw: Scalar = Ref(part.column)
    if isinstance(value, Column):
        raw = Units(raw, scale)
    whole = Number(nodes.Call("coalesce", (raw, Const(0))), scale)
    return of_share(part, whole)
