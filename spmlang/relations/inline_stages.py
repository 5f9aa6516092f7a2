"""A pass that writes a stage with only one reader into that reader, so that an engine need not store it.

A stage that a `PerFileStage` reads is left alone, because its reader is computed once for every file. Statements stay
small, so a stage of thousands of components is not written into one query.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from .nodes import (
    AddColumns,
    Aggregate,
    Check,
    EveryDay,
    Filter,
    ManagerChain,
    PerFileStage,
    Pipeline,
    Project,
    Relation,
    SharedScan,
    Stage,
    Step,
    Union,
    WeightStage,
)
from .traversal import parts_of, relations_of, with_parts

#: The largest size, in relations and columns, of a statement that this pass puts together.
LARGEST = 1_500


def inline_single_use(pipeline: Pipeline) -> Pipeline:
    """Return the pipeline with single-use stages written into their readers.

    The `place` of a stage names the plan lines of all stages that were written into it.
    """
    relations = [*(item.relation for item in pipeline.stages), *(item.relation for item in pipeline.outputs)]
    readers = Counter(found.name for top in relations for found in relations_of(top) if isinstance(found, Stage))
    readers.update(output.given for output in pipeline.outputs if output.given is not None)
    steps = {item.name: item for item in pipeline.stages if isinstance(item, Step)}
    again = {name for item in pipeline.stages if isinstance(item, PerFileStage) for name in _read(item.relation)}
    once = {name for name, step in steps.items() if readers[name] == 1 and not _must_be_table(step.relation)} - again
    held = _inlined(pipeline, steps, once)
    stages: list[Step | Check | PerFileStage | WeightStage] = []
    for item in pipeline.stages:
        if isinstance(item, Step) and item.name in held:
            continue
        whole = replace(item, relation=_substituted(item.relation, held))
        stages.append(
            whole if isinstance(whole, Check) else replace(whole, place=_places(item.relation, whole.place, held))
        )
    outputs = tuple(
        replace(item, relation=_substituted(item.relation, held), place=_places(item.relation, item.place, held))
        for item in pipeline.outputs
    )
    return Pipeline(pipeline.inputs, tuple(stages), outputs)


def _inlined(pipeline: Pipeline, steps: Mapping[str, Step], once: set[str]) -> dict[str, Step]:
    """Return the stages that become a part of their reader, as many as keep its statement small.

    Args:
        pipeline: the pipeline.
        steps: all stages by name.
        once: the names of the stages with a single reader that may become a part of it.
    """
    sizes: dict[str, int] = {}
    held: dict[str, Step] = {}
    for item in (*pipeline.stages, *pipeline.outputs):
        size = _size(item.relation)
        for name in _read(item.relation):
            if name in once and size + sizes[name] <= LARGEST:
                size += sizes[name]
                held[name] = steps[name]
        if isinstance(item, Step):
            sizes[item.name] = size
    return held


def _read(relation: Relation) -> Iterator[str]:
    """Yield the names of the stages that a relation reads."""
    return (found.name for found in relations_of(relation) if isinstance(found, Stage))


def _must_be_table(relation: Relation) -> bool:
    """Return True if a relation must stay a table of its own.

    A manager chain must, because an engine computes it in rounds under a name. Rows for every day must, because an
    engine joins the days of a table faster: of days made within a query it knows neither the range nor that they are
    unique.
    """
    return any(isinstance(found, ManagerChain | EveryDay) for found in relations_of(relation))


def _substituted(relation: Relation, held: Mapping[str, Step]) -> Relation:
    if isinstance(relation, Stage):
        return _substituted(held[relation.name].relation, held) if relation.name in held else relation
    return with_parts(relation, tuple(_substituted(part, held) for part in parts_of(relation)))


def _places(relation: Relation, own: str, held: Mapping[str, Step]) -> str:
    """Return the plan lines of a stage and of all stages that were written into it."""
    found = dict.fromkeys([own] if own else [])
    for name in _read(relation):
        if name in held:
            found |= dict.fromkeys(_places(held[name].relation, held[name].place, held).split(", "))
    return ", ".join(place for place in found if place)


def _size(relation: Relation) -> int:
    """Return the size of a relation: its nodes and their columns."""
    size = 0
    for found in relations_of(relation):
        size += 1
        match found:
            case Project() | AddColumns() | SharedScan():
                size += len(found.columns)
            case Aggregate():
                size += len(found.values)
            case Filter() | Union():
                size += 1
            case _:
                pass
    return size
