"""Which rows each territory covers, and who owned it when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from spmlang.model.measured import Measure, Territory, TerritoryOwner
from spmlang.model.program import Program

from . import nodes
from .nodes import Case, Check, Const, Filter, Input, Join, Null, Project, Ref, Relation, Source, Stage, Test, Union
from .scalars import Names, scalar
from .slices import columns_of
from .walking import column_name, names_of, walk_rows


def territory_stages(program: Program, measures: Iterable[Measure]) -> list[nodes.Step | Check | Input]:
    """Which rows each territory covers, and who owned it when."""
    asked = {share.source for measure in measures for share in measure.credits if isinstance(share, TerritoryOwner)}
    stages: list[nodes.Step | Check | Input] = []
    for source in sorted(asked):
        stages += _territories_of(program, source)
    if asked:
        stages += _owners(program, [item for item in program.territories if item.source in asked])
    return stages


def _territories_of(program: Program, source: str) -> list[nodes.Step | Check | Input]:
    territories = [item for item in program.territories if item.source == source]
    columns = columns_of(*(item.covers for item in territories))
    dated = program.contracts[source].dated is not None
    own = ["_key", "_file", "_row", *(["_from"] if dated else [])]
    names = Names(names_of(columns))
    tests = [(item, scalar(item.covers, names)) for item in territories]
    rows = walk_rows(program, source, columns, [((), name) for name in own])
    covered = Project(
        rows,
        (
            *((f"territory.{name}", Ref(column_name(source, (), name))) for name in own),
            ("territory", Case(tuple((test, Const(item.name)) for item, test in tests), Null("text"))),
            ("last", Case(tuple((test, Const(item.name)) for item, test in reversed(tests)), Null("text"))),
        ),
    )
    overlaps = Project(
        Filter(Stage(f"territory_of_{source}"), Test("!=", Ref("territory"), Ref("last"))),
        (
            ("_file", Ref("territory._file")),
            ("_row", Ref("territory._row")),
            ("value", Ref("territory._key")),
            ("first", Ref("territory")),
            ("second", Ref("last")),
        ),
    )
    return [
        nodes.Step(f"territory_of_{source}", covered, ""),
        Check("run-territories-overlap", overlaps, None, (("source", source),)),
    ]


def _owners(program: Program, territories: list[Territory]) -> list[nodes.Step | Check | Input]:
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
        stages.append(Input(f"codes_in_{table}", (("territory", "text"), ("code", "text")), codes))
        rows = Source(
            table,
            (("owner_code", "territory"), ("owner", "payee"), ("owner_from", "_from"), ("owner_through", "_through")),
        )
        joined = Join(Stage(f"codes_in_{table}"), rows, on=Test("==", Ref("code"), Ref("owner_code")))
        relations.append(Project(joined, tuple((name, Ref(name)) for name, _ in columns)))
    stages.append(nodes.Step("owners", Union(tuple(relations)), ""))
    return stages
