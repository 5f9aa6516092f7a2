"""Find what must hold in every pipeline and does not.

- A stage has a name of its own and is made before it is read.
- Every column that a scalar, a key or an order names is a column of its relation.
- The columns of a relation have unique names, without blanks.
- The sides of a join share the columns `using` and no others.
- The relations of a union have the same columns in the same order.

Engines rely on this and do not check it. Tests check every pipeline that they build, and every pass over one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from .nodes import (
    MANAGER_PAIR,
    AddColumns,
    Aggregate,
    Check,
    EveryDay,
    Filter,
    Join,
    ManagerChain,
    Output,
    Pipeline,
    Project,
    Relation,
    Scalar,
    SharedScan,
    Source,
    Stage,
    Union,
    WeightStage,
    Window,
)
from .traversal import names_read

Columns = tuple[str, ...]


class BrokenInvariants(AssertionError):
    """A pipeline does not hold what its engines rely on."""


@dataclass(frozen=True, kw_only=True)
class Examined:
    """The columns of every input and stage of a pipeline by name, and its violations."""

    stages: Mapping[str, Columns]
    violations: tuple[str, ...]


def check_invariants(pipeline: Pipeline) -> None:
    """Raise BrokenInvariants if a pipeline has violations."""
    violations = examine(pipeline).violations
    if violations:
        raise BrokenInvariants("\n".join(violations))


def examine(pipeline: Pipeline) -> Examined:
    """Return the columns of a pipeline's stages and its violations, each with the stage or output that has it."""
    known: dict[str, Columns] = {}
    found: list[str] = []

    def add(name: str, columns: Columns, violations: Iterable[str]) -> None:
        if name in known:
            found.append(f"{name}: made twice")
        known[name] = columns
        found.extend(f"{name}: {violation}" for violation in dict.fromkeys(violations))

    for table in pipeline.inputs:
        columns = tuple(name for name, _ in table.columns)
        add(table.name, columns, _names(columns))
    for item in pipeline.stages:
        rules = _Rules(known)
        columns = rules.columns(item.relation)
        if isinstance(item, WeightStage):
            columns = rules.weighed(item, columns)
        if isinstance(item, Check):
            found.extend(f"check {item.slug}: {violation}" for violation in dict.fromkeys(rules.broken))
        else:
            add(item.name, columns, rules.broken)
    for output in pipeline.outputs:
        found.extend(f"output {output.name}: {violation}" for violation in _of_output(output, known))
    twice = [name for name, times in Counter(output.name for output in pipeline.outputs).items() if times > 1]
    found.extend(f"output {name}: made twice" for name in twice)
    return Examined(stages=known, violations=tuple(found))


def _of_output(output: Output, known: Mapping[str, Columns]) -> Iterator[str]:
    """Yield the violations of an output."""
    rules = _Rules(known)
    rules.read(output.order, rules.columns(output.relation), "the order")
    if output.given is not None:
        rules.columns(Stage(output.given))
    yield from dict.fromkeys(rules.broken)


def _names(columns: Columns) -> Iterator[str]:
    """Yield the violations of a relation's column names."""
    yield from (f"column {name} is there {times} times" for name, times in Counter(columns).items() if times > 1)
    yield from (f"column {name!r} has a blank" for name in columns if " " in name)


class _Rules:
    """The rules for one relation and the relations that it is made of. `broken` lists the violations found so far."""

    def __init__(self, known: Mapping[str, Columns]) -> None:
        self.known = dict(known)
        self.broken: list[str] = []

    def columns(self, relation: Relation) -> Columns:
        """Return the columns of a relation, and note the violations in it."""
        match relation:
            case Stage():
                if relation.name not in self.known:
                    self.broken.append(f"reads {relation.name}, which is not made before it")
                return self.known.get(relation.name, ())
            case Source():
                return self.made(tuple(name for name, _ in relation.columns))
            case Filter():
                columns = self.columns(relation.relation)
                self.scalars([relation.test], columns, "a filter")
                return columns
            case Project() | AddColumns():
                columns = self.columns(relation.relation)
                self.scalars((value for _, value in relation.columns), columns, type(relation).__name__)
                new = tuple(name for name, _ in relation.columns)
                return self.made(new if isinstance(relation, Project) else (*columns, *new))
            case Join():
                return self.joined(relation)
            case Aggregate():
                return self.grouped(relation)
            case Window():
                return self.windowed(relation)
            case Union():
                return self.united(relation.relations)
            case SharedScan():
                return self.scanned(relation)
            case EveryDay():
                columns = self.columns(relation.relation)
                self.read((relation.first, relation.last), columns, "days")
                return self.made((*columns, relation.name))
            case ManagerChain():
                if self.columns(relation.relation) != MANAGER_PAIR:
                    self.broken.append(f"a chain of managers is not made of {', '.join(MANAGER_PAIR)}")
                return MANAGER_PAIR

    def made(self, columns: Columns) -> Columns:
        """Return the columns of a new relation, and note names that are there twice or have blanks."""
        self.broken.extend(_names(columns))
        return columns

    def read(self, names: Iterable[str], columns: Columns, reader: str) -> None:
        """Note the names that are no columns."""
        self.broken.extend(
            f"{reader} reads {name}, which is no column of its relation" for name in names if name not in columns
        )

    def scalars(self, values: Iterable[Scalar | None], columns: Columns, reader: str) -> None:
        """Note the columns that scalars read and the relation does not have."""
        have = set(columns)
        names = dict.fromkeys(name for value in values if value is not None for name in names_read(value))
        self.read((name for name in names if name not in have), columns, reader)

    def joined(self, join: Join) -> Columns:
        """Return the columns of a join."""
        left, right = self.columns(join.left), self.columns(join.right)
        self.read(join.using, left, "the left of a join")
        self.read(join.using, right, "the right of a join")
        shared = sorted(set(left) & set(right) - set(join.using))
        self.broken.extend(f"both sides of a join have {name}, which is no key of it" for name in shared)
        columns = (*left, *(name for name in right if name not in join.using and name not in shared))
        self.scalars([join.on], columns, "the condition of a join")
        return columns

    def grouped(self, relation: Aggregate) -> Columns:
        """Return the columns of an aggregate."""
        columns = self.columns(relation.relation)
        self.read(relation.by, columns, "an aggregate")
        parts = (part for item in relation.values for part in (item.value, item.where, item.order))
        self.scalars(parts, columns, "an aggregate")
        return self.made((*relation.by, *(item.name for item in relation.values)))

    def windowed(self, relation: Window) -> Columns:
        """Return the columns of a relation with window columns."""
        columns = self.columns(relation.relation)
        for item in relation.values:
            self.scalars([item.value], columns, "a window")
            self.read((*item.partition, *(name for name, _ in item.order)), columns, "a window")
        return self.made((*columns, *(item.name for item in relation.values)))

    def united(self, relations: Iterable[Relation]) -> Columns:
        """Return the columns of a union."""
        first, *others = [self.columns(part) for part in relations]
        for other in dict.fromkeys(others):
            if other != first:
                self.broken.append(f"a union has ({', '.join(first)}) and ({', '.join(other)})")
        return first

    def scanned(self, scan: SharedScan) -> Columns:
        """Return the columns of the readers of a shared scan. Only these readers may read it."""
        self.scalars((value for _, value in scan.columns), self.columns(scan.relation), "a shared scan")
        if scan.name in self.known:
            self.broken.append(f"a shared scan has the name of stage {scan.name}")
        outside, self.known = self.known, {**self.known, scan.name: self.made(tuple(name for name, _ in scan.columns))}
        columns = self.united(scan.readers)
        self.known = outside
        return columns

    def weighed(self, stage: WeightStage, columns: Columns) -> Columns:
        """Return the columns of a stage of weights whose relation has these columns."""
        self.scalars([stage.top, stage.bottom], columns, "a weight")
        self.read((*stage.by, *stage.group, *([] if stage.total is None else [stage.total])), columns, "a weight")
        return self.made((*columns, "found"))
