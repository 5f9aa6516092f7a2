"""A pass that makes stages of results that can be computed file by file, so that an engine can remember them.

Rows of a source pass one by one through filters, new columns and joins with smaller tables; their values are then
summed, counted or compared. Such a sum over all files is the sum of the sums over each file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from spmlang.values.own_names import own_name

from .nodes import (
    AddColumns,
    Aggregate,
    AggregateColumn,
    Check,
    EveryDay,
    Filter,
    Join,
    PerFileStage,
    Pipeline,
    Project,
    Ref,
    Relation,
    Source,
    Stage,
    Step,
    WeightStage,
)
from .traversal import parts_of, relations_of, with_parts

#: The function that combines the partial results of files, by the aggregate's function.
_TOGETHER = {"sum": "sum", "count": "sum", "min": "min", "max": "max"}


def split_by_file(pipeline: Pipeline, contents: Mapping[str, str], sources: Collection[str]) -> Pipeline:
    """Return the pipeline with a `PerFileStage` for everything that can be computed by file of the `sources`.

    Args:
        pipeline: the pipeline.
        contents: a digest of the content of each source, by source; the digest `depends` of a stage is made from
            these.
        sources: the names of the sources whose files are remembered.
    """
    cut = _Splitter(_lineage(pipeline, contents), frozenset(sources))
    stages: list[Step | Check | PerFileStage | WeightStage] = []
    for item in pipeline.stages:
        # Single rows are only remembered for checks and uncredited rows, because few of these are expected.
        place = "" if isinstance(item, Check) else item.place
        relation = cut.relation(item.relation, place, rows=isinstance(item, Check))
        stages += [*cut.taken(), replace(item, relation=relation)]
    outputs = []
    for output in pipeline.outputs:
        outputs.append(replace(output, relation=cut.relation(output.relation, "", rows=output.name == "uncredited")))
        stages += cut.taken()
    return Pipeline(pipeline.inputs, tuple(stages), tuple(outputs))


@dataclass(frozen=True)
class _Origin:
    """The origin of a stage: a digest of everything it depends on, and the sources it reads."""

    name: str
    sources: frozenset[str]


def _lineage(pipeline: Pipeline, contents: Mapping[str, str]) -> dict[str, _Origin]:
    """Return the origin of every input, source and stage by name."""
    found = {table.name: _Origin(_hash(repr(table)), frozenset()) for table in pipeline.inputs}
    found |= {own_name("source", name): _Origin(content, frozenset([name])) for name, content in contents.items()}
    for item in pipeline.stages:
        if isinstance(item, Step | WeightStage):
            found[item.name] = _origin(item.relation, found)
    return found


def _origin(relation: Relation, known: Mapping[str, _Origin], but: str = "") -> _Origin:
    """Return a relation's origin, without the rows of source `but`."""
    read = [found for found in relations_of(relation) if isinstance(found, Stage | Source)]
    origins = [
        known[found.name if isinstance(found, Stage) else own_name("source", found.name)]
        for found in read
        if isinstance(found, Stage) or found.name != but
    ]
    names = [origin.name for origin in origins]
    return _Origin(_hash(repr(relation), *names), frozenset().union(*(origin.sources for origin in origins)))


class _Splitter:
    """A search for results that can be computed by file, in one relation after another."""

    def __init__(self, lineage: Mapping[str, _Origin], sources: frozenset[str]) -> None:
        self.lineage = lineage
        self.sources = sources
        self.made = 0
        self.found: list[PerFileStage] = []

    def taken(self) -> list[PerFileStage]:
        """Return the stages found since the last call."""
        found, self.found = self.found, []
        return found

    def relation(self, relation: Relation, place: str, *, rows: bool) -> Relation:
        """Replace each part that can be computed by file by a read of its new stage.

        Args:
            relation: the relation.
            place: the plan lines that new stages come from.
            rows: split single rows by file, too, and not only aggregates.
        """
        if _can_be_together(relation):
            assert isinstance(relation, Aggregate)
            source = self._source(relation.relation)
            if source is not None:
                return combine_partials(self._stage(relation, source, place), relation)
        if rows and not isinstance(relation, Source):
            source = self._source(relation)
            if source is not None:
                return self._stage(relation, source, place)
        return with_parts(relation, tuple(self.relation(part, place, rows=rows) for part in parts_of(relation)))

    def _source(self, relation: Relation) -> str | None:
        """Return the source whose rows pass through a relation one by one; None if there is none."""
        match relation:
            case Source() if relation.name in self.sources:
                return relation.name
            case Filter() | Project() | AddColumns() | EveryDay():
                return self._source(relation.relation)
            case Join():
                source = self._source(relation.left)
                aside = _origin(relation.right, self.lineage).sources if source else frozenset()
                return None if source in aside else source
        return None

    def _stage(self, relation: Relation, source: str, place: str) -> Stage:
        self.made += 1
        name = f"by_file_{self.made}"
        self.found.append(
            PerFileStage(name, relation, place, source=source, depends=_origin(relation, self.lineage, source).name)
        )
        return Stage(name)


def _can_be_together(relation: Relation) -> bool:
    """Return True if the aggregate's partial results can be combined."""
    if not isinstance(relation, Aggregate) or not relation.by:
        return False
    return all(value.function in _TOGETHER for value in relation.values)


def combine_partials(rows: Relation, aggregate: Aggregate) -> Aggregate:
    """Return the aggregate that combines `rows`, the partial results of `aggregate`."""
    values = tuple(
        AggregateColumn(value.name, _TOGETHER[value.function], Ref(value.name)) for value in aggregate.values
    )
    return Aggregate(rows, aggregate.by, values)


def _hash(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()
