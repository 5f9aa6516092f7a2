"""Find the territory of each row of a source, and the owners of each territory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from spmlang.compile.sources.expressions import Bindings, scalar
from spmlang.compile.sources.references import column_alias, column_aliases, column_name, join_references
from spmlang.compile.stages.credits import (
    ASKED_BY_TERRITORIES,
    CODES,
    COVERS,
    OWNERS,
    OWNERS_IN_PLAN,
    TERRITORIES,
    TERRITORY_OF,
)
from spmlang.program.measures import Measure, Territory, TerritoryCredit
from spmlang.program.program import Program
from spmlang.program.reads import columns_of
from spmlang.relations import nodes
from spmlang.relations.nodes import (
    Aggregate,
    AggregateColumn,
    Case,
    Check,
    Compare,
    Const,
    Filter,
    Input,
    IsNull,
    Join,
    Not,
    Null,
    Project,
    Ref,
    Relation,
    Scalar,
    Source,
    Union,
)

from .territory_rules import ConditionRow, alternatives, lookup


def territory_stages(program: Program, measures: Iterable[Measure]) -> list[nodes.Step | Check | Input]:
    """Build the stages of each row's territory (`TERRITORY_OF`) and of the owners (`OWNERS`)."""
    asked = {share.source for measure in measures for share in measure.credits if isinstance(share, TerritoryCredit)}
    stages: list[nodes.Step | Check | Input] = []
    for source in sorted(asked):
        stages += _territories_of(program, source)
    if asked:
        stages += _owners([item for item in program.territories if item.source in asked])
    return stages


def _territories_of(program: Program, source: str) -> list[nodes.Step | Check | Input]:
    """Build the stage of each covered row's territory, and the check that no row has two.

    The columns of the stage are the row's identity (`territory_key`, `territory_file`, `territory_row`,
    `territory_from` if dated), the territory's `number` and name (`territory`), and `last`, the number of the last
    territory that covers the row.
    """
    territories = [item for item in program.territories if item.source == source]
    columns = columns_of(*(item.covers for item in territories))
    dated = program.contracts[source].dated is not None
    own = ["_key", "_file", "_row", *(["_from"] if dated else [])]
    # Thousands of territories differ in the values of few columns, so joins with tables of these values find them.
    identity = tuple(f"territory{name}" for name in own)
    rows = join_references(program, source, columns=columns, more=[((), name) for name in own])
    renamed = tuple((f"territory{name}", Ref(column_name(source, (), name))) for name in own)
    asked = tuple((column_alias(column), Ref(column_alias(column))) for column in columns)
    names = Bindings(columns=column_aliases(columns))
    found = _candidates(ASKED_BY_TERRITORIES.rows(source), territories, names=names, source=source, identity=identity)
    firsts = tuple(
        AggregateColumn(name, function, Ref("number")) for name, function in (("number", "min"), ("last", "max"))
    )
    first = Aggregate(Union(tuple(found.relations)), identity, firsts)
    named = TERRITORIES.rows(source)
    second = Project(named, (("last", Ref("number")), ("second", Ref("territory"))))
    overlaps = Project(
        Join(Filter(TERRITORY_OF.rows(source), Compare("!=", Ref("number"), Ref("last"))), second, ("last",)),
        (
            ("_file", Ref("territory_file")),
            ("_row", Ref("territory_row")),
            ("value", Ref("territory_key")),
            ("first", Ref("territory")),
            ("second", Ref("second")),
        ),
    )
    numbered = tuple((number, item.name) for number, item in enumerate(territories))
    return [
        Input(named.name, (("number", "index"), ("territory", "text")), numbered),
        *found.inputs,
        nodes.Step(ASKED_BY_TERRITORIES.name(source), Project(rows, (*renamed, *asked)), ""),
        nodes.Step(TERRITORY_OF.name(source), Join(first, named, ("number",)), ""),
        Check("run-territories-overlap", overlaps, None, (("source", source),)),
    ]


@dataclass
class _Candidates:
    """The relations of rows with the `number` of a territory that covers them.

    `inputs` are the tables that these relations join.
    """

    relations: list[Relation] = field(default_factory=list)
    inputs: list[Input] = field(default_factory=list)


def _candidates(
    rows: Relation, territories: list[Territory], *, names: Bindings, source: str, identity: tuple[str, ...]
) -> _Candidates:
    """Return the rows with the number of each territory that covers them.

    Of the territories whose conditions are not made of plain tests, a row has only the first and the last.
    """
    kept: tuple[tuple[str, Scalar], ...] = tuple((name, Ref(name)) for name in identity)
    found = _Candidates()
    shapes: dict[object, list[tuple[int, ConditionRow]]] = {}
    tests: list[tuple[Scalar, Scalar]] = []
    for number, territory in enumerate(territories):
        plain = alternatives(territory.covers)
        if plain is None:
            tests.append((scalar(territory.covers, names), Const(number)))
        for alternative in plain or ():
            shapes.setdefault(alternative.shape, []).append((number, alternative))
    for place, entries in enumerate(shapes.values(), 1):
        table, test = lookup(COVERS.name(source, place), entries, dict(names.columns))
        found.inputs.append(table)
        joined = Join(rows, COVERS.rows(source, place), on=test)
        found.relations.append(Project(joined, (*kept, ("number", Ref("number")))))
    for ordered in (tests, tests[::-1]) if tests else ():
        numbered = Project(rows, (*kept, ("number", Case(tuple(ordered), Null("index")))))
        found.relations.append(Filter(numbered, Not(IsNull(Ref("number")))))
    if not found.relations:  # no row can satisfy any of the conditions
        found.relations.append(Project(Filter(rows, Const(False)), (*kept, ("number", Null("index")))))
    return found


def _owners(territories: list[Territory]) -> list[nodes.Step | Check | Input]:
    """Build the stage `owners`, from plan text and owners' tables: territory, owner, owner_from, owner_through."""
    columns = (("territory", "text"), ("owner", "text"), ("owner_from", "date"), ("owner_through", "date"))
    written = tuple(
        (item.name, owner.payee, owner.dates.start, owner.dates.through or date.max)
        for item in territories
        for owner in item.owners
    )
    stages: list[nodes.Step | Check | Input] = [Input(OWNERS_IN_PLAN.name(), columns, written)]
    relations: list[Relation] = [OWNERS_IN_PLAN.rows()]
    for table in sorted({item.owners_table for item in territories if item.owners_table}):
        codes = tuple((item.name, item.code) for item in territories if item.owners_table == table)
        stages.append(Input(CODES.name(table), (("territory", "text"), ("code", "text")), codes))
        rows = Source(
            table,
            (("owner_code", "territory"), ("owner", "payee"), ("owner_from", "_from"), ("owner_through", "_through")),
        )
        joined = Join(CODES.rows(table), rows, on=Compare("==", Ref("code"), Ref("owner_code")))
        relations.append(Project(joined, tuple((name, Ref(name)) for name, _ in columns)))
    stages.append(nodes.Step(OWNERS.name(), Union(tuple(relations)), ""))
    return stages
