"""A pass: a stage that is read once becomes part of its reader, so that an engine need not store it. (What is made for each
file anew has no stage as a part.)

Statements stay small: a stage of thousands of components is not written into one query.
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

#: So many relations and columns make one statement at most, where it is the pass that puts them together.
LARGEST = 1_500


def inline_single_use(pipeline: Pipeline) -> Pipeline:
    """The same pipeline with fewer stages; a stage tells the plan lines of all that it holds."""
    relations = [*(item.relation for item in pipeline.stages), *(item.relation for item in pipeline.outputs)]
    readers = Counter(found.name for top in relations for found in relations_of(top) if isinstance(found, Stage))
    readers.update(output.given for output in pipeline.outputs if output.given is not None)
    steps = {item.name: item for item in pipeline.stages if isinstance(item, Step)}
    again = {name for item in pipeline.stages if isinstance(item, PerFileStage) for name in _read(item.relation)}
    once = {name for name, step in steps.items() if readers[name] == 1 and not _stands_alone(step.relation)} - again
    held = _held(pipeline, steps, once)
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


def _held(pipeline: Pipeline, steps: Mapping[str, Step], once: set[str]) -> dict[str, Step]:
    """The stages that become a part of their reader: as many as leave its statement small."""
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
    return (found.name for found in relations_of(relation) if isinstance(found, Stage))


def _stands_alone(relation: Relation) -> bool:
    """Whether it is a table in any case: an engine makes rounds under a name, and joins the days of a table faster.

    (Of days that are made on the way it does not know the first and the last, nor that none comes twice.)
    """
    return any(isinstance(found, ManagerChain | EveryDay) for found in relations_of(relation))


def _substituted(relation: Relation, held: Mapping[str, Step]) -> Relation:
    if isinstance(relation, Stage):
        return _substituted(held[relation.name].relation, held) if relation.name in held else relation
    return with_parts(relation, tuple(_substituted(part, held) for part in parts_of(relation)))


def _places(relation: Relation, own: str, held: Mapping[str, Step]) -> str:
    """The plan lines of a stage and of all that it holds."""
    found = dict.fromkeys([own] if own else [])
    for name in _read(relation):
        if name in held:
            found |= dict.fromkeys(_places(held[name].relation, held[name].place, held).split(", "))
    return ", ".join(place for place in found if place)


def _size(relation: Relation) -> int:
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
