"""From source rows to credited sums per payee and slice, or to single credits where somebody asks for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from spmlang.model.expressions import Column, Step
from spmlang.model.program import Direct, Measure, Program, TerritoryOwner

from . import nodes
from .nodes import (
    Absent,
    Aggregate,
    Case,
    Check,
    Const,
    Extend,
    Filter,
    Join,
    Logic,
    Measured,
    Not,
    Null,
    Project,
    Ref,
    Relation,
    Scalar,
    Stage,
    Test,
    Union,
    Units,
)
from .numbers import Number, at_scale, constant, multiply
from .scalars import Names, number, scalar
from .slices import Slices, asked_columns, columns_of
from .walking import Path, absent, can_be_missing, column_name, name_of, names_of, walk_rows

Share = Direct | TerritoryOwner


@dataclass(frozen=True)
class Part:
    """One credit share of a measure."""

    measure: Measure
    rule: int
    share: Share

    @property
    def key(self) -> tuple[object, ...]:
        """Parts with the same key are summed in one scan."""
        share = self.share
        scan = (self.measure.source, self.measure.on)
        if isinstance(share, Direct):
            return (*scan, "direct", share.payee)
        return (*scan, "owner", share.steps, share.source)


def parts_of(measures: Iterable[Measure]) -> list[Part]:
    """Every share of every measure that has a source."""
    return [Part(measure, rule, share) for measure in measures for rule, share in enumerate(measure.credits)]


# ---- rows -------------------------------------------------------------------------------------


def _more(program: Program, part: Part, *, identity: bool) -> list[tuple[Path, str]]:
    """Columns besides those of expressions: the row's identity, and that of the row a territory is asked for."""
    wanted: list[tuple[Path, str]] = []
    source = program.contracts[str(part.measure.source)]
    if identity:
        wanted += [((), name) for name in ("_key", "_file", "_row", *(["_from"] if source.dated else []))]
    if isinstance(part.share, TerritoryOwner):
        wanted.append((part.share.steps, "_key"))
        if program.contracts[part.share.source].dated is not None:
            wanted.append((part.share.steps, "_from"))
    return wanted


def _columns(parts: Iterable[Part]) -> tuple[Column, ...]:
    expressions: list[object] = []
    for part in parts:
        expressions += [part.measure.on, part.measure.where, part.measure.value]
        if isinstance(part.share, Direct):
            expressions.append(part.share.payee)
    return columns_of(*expressions)


def _rows(program: Program, parts: list[Part], *, identity: bool) -> Relation:
    """The source's rows with all that the parts ask for; `territory` where they ask for an owner."""
    first = parts[0]
    root, on = str(first.measure.source), first.measure.on
    assert on is not None
    rows = walk_rows(program, root, _columns(parts), _more(program, first, identity=identity), Ref(name_of(on)))
    if not isinstance(first.share, TerritoryOwner):
        return rows
    return _with_territory(program, rows, root, first.share.steps, first.share.source)


def _with_territory(program: Program, rows: Relation, root: str, steps: tuple[Step, ...], source: str) -> Relation:
    tests: list[Scalar] = [Test("==", Ref(column_name(root, steps, "_key")), Ref("territory._key"))]
    wanted: list[tuple[str, Scalar]] = [("territory", Ref("territory")), ("territory._key", Ref("territory._key"))]
    if program.contracts[source].dated is not None:
        tests.append(Test("==", Ref(column_name(root, steps, "_from")), Ref("territory._from")))
        wanted.append(("territory._from", Ref("territory._from")))
    covered = Project(Stage(f"territory_of_{source}"), tuple(wanted))
    return Join(rows, covered, on=Logic("and", tuple(tests)), optional=True)


def _counted(measure: Measure, names: Names, slices: Slices) -> Scalar:
    """Whether a row counts at all."""
    assert measure.on is not None
    day = Ref(name_of(measure.on))
    tests: list[Scalar] = [Test(">=", day, Const(slices.starts[0])), Test("<=", day, Const(slices.end))]
    if measure.counts is not None:
        tests.append(Test(">=", day, Const(measure.counts.start)))
        if measure.counts.through is not None:
            tests.append(Test("<=", day, Const(measure.counts.through)))
    if measure.where is not None:
        tests.append(scalar(measure.where, names))
    return Logic("and", tuple(tests))


def missing_row_checks(program: Program, measures: Iterable[Measure], slices: Slices) -> list[Check]:
    """Required columns behind dated references: every row that counts (or may) has one in force on its day."""
    checks = []
    for part in parts_of(measures):
        measure = part.measure
        own = (measure.value,) if part.rule == 0 else ()
        paid = (part.share.payee,) if isinstance(part.share, Direct) else ()
        assert measure.on is not None
        assert measure.source is not None
        for expressions, test in (
            ((measure.where,) if part.rule == 0 else (), False),
            ((*own, *paid), True),
        ):
            for column in asked_columns(*expressions):
                if not can_be_missing(program, column):
                    continue
                counted = measure if test else replace(measure, where=None)
                day = Ref(name_of(measure.on))
                rows = _rows(program, [part], identity=True)
                bad = Filter(
                    rows, Logic("and", (_counted(counted, Names(names_of(_columns([part]))), slices), absent(column)))
                )
                words: tuple[tuple[str, Scalar], ...] = (
                    ("_file", Ref(column_name(measure.source, (), "_file"))),
                    ("_row", Ref(column_name(measure.source, (), "_row"))),
                    ("value", Ref(column_name(measure.source, (), "_key"))),
                    ("day", day),
                )
                said = missing_row_words(program, column)
                checks.append(Check("run-no-row-in-force", Project(bad, words), None, said))
    return checks


def missing_row_words(program: Program, column: Column) -> tuple[tuple[str, object], ...]:
    """The constant words of message `run-no-row-in-force`."""
    first = column.steps[0].column if column.steps else column.name
    declared = program.contracts[column.root].column(first)
    source = column.steps[-1].target if column.steps else column.root
    header = declared.header if declared else first
    return (("_column", header), ("column", column.span.text), ("source", source))


# ---- sums -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sums:
    """A stage of sums per payee and slice: for each measure, the column that holds its units."""

    stage: nodes.Step
    measures: dict[str, str]


def credited_sums(program: Program, measures: Iterable[Measure], slices: Slices) -> list[Sums]:
    """One stage for all parts that one scan can sum: columns payee, slice, and the units of each measure."""
    groups: dict[tuple[object, ...], list[Part]] = {}
    for part in parts_of(measures):
        # A measure that credits the same column twice has a column in two stages.
        again = sum(part.key == other.key for other in parts_of([part.measure])[: part.rule])
        groups.setdefault((*part.key, again), []).append(part)
    found = []
    for number_, parts in enumerate(groups.values(), 1):
        name = f"credited_{parts[0].measure.source}_{number_}"
        place = parts[0].measure.span.place
        found.append(_sums(program, name, place, parts, slices))
    return found


def _sums(program: Program, name: str, place: str, parts: list[Part], slices: Slices) -> Sums:
    first = parts[0]
    assert first.measure.on is not None
    names = Names(names_of(_columns(parts)))
    rows = _rows(program, parts, identity=False)
    # The days are the smaller side; rows dated before anything that is paid meet no day.
    dated = Join(rows, Stage("days"), on=Test("==", Ref(name_of(first.measure.on)), Ref("day")))
    who = "territory" if isinstance(first.share, TerritoryOwner) else "payee"
    named = dated if who == "territory" else Extend(dated, (("payee", _payee(first)),))
    tests = [_counted(part.measure, names, slices) for part in parts]
    kept = Filter(named, Logic("and", (Not(Absent(Ref(who))), Logic("or", tuple(tests)))))
    sums = Aggregate(
        kept,
        (who, "slice"),
        tuple(_raw_sum(part, test, names, len(tests)) for part, test in zip(parts, tests, strict=True)),
    )
    owned: Relation = sums
    if who == "territory":
        owned = _to_owners(sums, [_column(part) for part in parts])
    units = tuple((_column(part), _units(part, names)) for part in parts)
    relation = Project(owned, (("payee", Ref("payee")), ("slice", Ref("slice")), *units))
    return Sums(nodes.Step(name, relation, place), {part.measure.name: _column(part) for part in parts})


def _payee(part: Part) -> Scalar:
    assert isinstance(part.share, Direct)
    return Ref(name_of(part.share.payee))


def _column(part: Part) -> str:
    return part.measure.name


def _raw_sum(part: Part, test: Scalar, names: Names, tests: int) -> Measured:
    """Decimals are summed as they are, and only the sum is brought to units: that is several times as fast."""
    where = test if tests > 1 else None
    value = part.measure.value
    if value is None:
        return Measured(_column(part), "count", Const(1), where)
    if isinstance(value, Column):
        return Measured(_column(part), "sum", Ref(name_of(value)), where)
    return Measured(_column(part), "sum", number(value, names).value, where)


def _units(part: Part, names: Names) -> Scalar:
    value = part.measure.value
    # The scale of what was summed: a constant such as 50% may need fewer places than its type has.
    scale = number(value, names).scale if value is not None else 0
    raw: Scalar = Ref(_column(part))
    if isinstance(value, Column):
        raw = Units(raw, scale)
    whole = Number(nodes.Call("coalesce", (raw, Const(0))), scale)
    return at_scale(multiply(whole, constant(part.share.share)), part.measure.type.scale)


def _to_owners(sums: Relation, columns: list[str]) -> Relation:
    """From sums per territory and slice to sums per owner and slice: slices are cut where owners change."""
    timed = Join(sums, Project(Stage("slices"), (("slice", Ref("slice")), ("first_day", Ref("first_day")))), ("slice",))
    owners = Project(
        Stage("owners"),
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
            Test("==", Ref("territory"), Ref("owned")),
            Test(">=", Ref("first_day"), Ref("owner_from")),
            Test("<=", Ref("first_day"), Ref("owner_through")),
        ),
    )
    return Aggregate(
        Join(timed, owners, on=held),
        ("payee", "slice"),
        tuple(Measured(column, "sum", Ref(column)) for column in columns),
    )


# ---- single credits ---------------------------------------------------------------------------


def credit_rows(program: Program, measure: Measure, slices: Slices) -> Relation:
    """One row for each credit, or for each refusal (`payee` absent, with `reason`), of a measure that has a source.

    Columns: payee, day, source, key, rule, via, territory, file, row, units, reason.
    """
    return Union(tuple(_credit_rows(program, part, slices) for part in parts_of([measure])))


def _credit_rows(program: Program, part: Part, slices: Slices) -> Relation:
    measure = part.measure
    assert measure.on is not None
    assert measure.source is not None
    names = Names(names_of(_columns([part])))
    rows = Filter(_rows(program, [part], identity=True), _counted(measure, names, slices))
    found: Relation = rows
    who: Scalar = Null("text")
    where: Scalar = Null("text")
    reason: Scalar = Const("no-payee")
    if isinstance(part.share, Direct):
        who = _payee(part)
    else:
        day = Ref(name_of(measure.on))
        owners = Project(
            Stage("owners"),
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
                Test("==", Ref("territory"), Ref("owned")),
                Test(">=", day, Ref("owner_from")),
                Test("<=", day, Ref("owner_through")),
            ),
        )
        found = Join(rows, owners, on=held, optional=True)
        who, where = Ref("owner"), Ref("territory")
        reason = Case(((Absent(where), Const("no-territory")),), Const("no-owner"))
    value = number(measure.value, names) if measure.value is not None else Number(Const(1), 0)
    units = at_scale(multiply(value, constant(part.share.share)), measure.type.scale)
    root = measure.source
    return Project(
        found,
        (
            ("payee", who),
            ("day", Ref(name_of(measure.on))),
            ("source", Const(root)),
            ("key", _key(program, root)),
            ("rule", Const(part.rule)),
            ("via", Null("text")),
            ("territory", where),
            ("file", Ref(column_name(root, (), "_file"))),
            ("row", Ref(column_name(root, (), "_row"))),
            ("units", units),
            ("reason", reason),
        ),
    )


def _key(program: Program, root: str) -> Scalar:
    key = Ref(column_name(root, (), "_key"))
    if program.contracts[root].dated is None:
        return key
    return nodes.Call("dated_key", (key, Ref(column_name(root, (), "_from"))))
