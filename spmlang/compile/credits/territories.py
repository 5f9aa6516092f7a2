"""Find the territory of each row of a source, and the owners of each territory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from spmlang.compile.sources.columns_read import columns_of
from spmlang.compile.sources.expressions import Bindings, scalar
from spmlang.compile.sources.references import column_alias, column_aliases, column_name, join_references
from spmlang.program.measures import Measure, Territory, TerritoryCredit
from spmlang.program.program import Program
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
    Stage,
    Union,
)
from spmlang.values.own_names import own_name

from .credit_shares import territories_stage, territory_stage
from .territory_rules import ConditionRow, alternatives, lookup


def territory_stages(program: Program, measures: Iterable[Measure]) -> list[nodes.Step | Check | Input]:
    """Build the stages of each row's territory (`territory_of_…`) and of the owners (`owners`)."""
    asked = {share.source for measure in measures for share in measure.credits if isinstance(share, TerritoryCredit)}
    stages: list[nodes.Step | Check | Input] = []
    for source in sorted(asked):
        stages += _territories_of(program, source)
    if asked:
        stages += _owners(program, [item for item in program.territories if item.source in asked])
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
    rows = join_references(program, source, columns, [((), name) for name in own])
    renamed = tuple((f"territory{name}", Ref(column_name(source, (), name))) for name in own)
    asked = tuple((column_alias(column), Ref(column_alias(column))) for column in columns)
    names = Bindings(column_aliases(columns))
    asking = own_name("asked_by_territories_of", source)
    found = _candidates(Stage(asking), territories, names, source, identity)
    firsts = tuple(
        AggregateColumn(name, function, Ref("number")) for name, function in (("number", "min"), ("last", "max"))
    )
    first = Aggregate(Union(tuple(found.relations)), identity, firsts)
    named = Stage(territories_stage(source))
    second = Project(named, (("last", Ref("number")), ("second", Ref("territory"))))
    overlaps = Project(
        Join(Filter(Stage(territory_stage(source)), Compare("!=", Ref("number"), Ref("last"))), second, ("last",)),
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
        nodes.Step(asking, Project(rows, (*renamed, *asked)), ""),
        nodes.Step(territory_stage(source), Join(first, named, ("number",)), ""),
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
    rows: Relation, territories: list[Territory], names: Bindings, source: str, identity: tuple[str, ...]
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
        table, test = lookup(own_name("covers", source, place), entries, dict(names.columns))
        found.inputs.append(table)
        joined = Join(rows, Stage(table.name), on=test)
        found.relations.append(Project(joined, (*kept, ("number", Ref("number")))))
    for ordered in (tests, tests[::-1]) if tests else ():
        numbered = Project(rows, (*kept, ("number", Case(tuple(ordered), Null("index")))))
        found.relations.append(Filter(numbered, Not(IsNull(Ref("number")))))
    if not found.relations:  # no row can satisfy any of the conditions
        found.relations.append(Project(Filter(rows, Const(False)), (*kept, ("number", Null("index")))))
    return found


def _owners(program: Program, territories: list[Territory]) -> list[nodes.Step | Check | Input]:
    """Build the stage `owners`, from plan text and owners' tables: territory, owner, owner_from, owner_through."""
    columns = (("territory", "text"), ("owner", "text"), ("owner_from", "date"), ("owner_through", "date"))
    written = tuple(
        (item.name, owner.payee, owner.dates.start, owner.dates.through or date.max)
        for item in territories
        for owner in item.owners
    )
    stages: list[nodes.Step | Check | Input] = [Input("owners_in_plan", columns, written)]
    relations: list[Relation] = [Stage("owners_in_plan")]
    for table in sorted({item.owners_table for item in territories if item.owners_table}):
        codes = tuple((item.name, item.code) for item in territories if item.owners_table == table)
        in_table = own_name("codes_in", table)
        stages.append(Input(in_table, (("territory", "text"), ("code", "text")), codes))
        rows = Source(
            table,
            (("owner_code", "territory"), ("owner", "payee"), ("owner_from", "_from"), ("owner_through", "_through")),
        )
        joined = Join(Stage(in_table), rows, on=Compare("==", Ref("code"), Ref("owner_code")))
        relations.append(Project(joined, tuple((name, Ref(name)) for name, _ in columns)))
    stages.append(nodes.Step("owners", Union(tuple(relations)), ""))
    return stages
