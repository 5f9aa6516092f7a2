"""The parts of relations and scalars, and copies with other parts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from .nodes import (
    Binary,
    Call,
    Case,
    Compare,
    Const,
    IsIn,
    IsNull,
    Join,
    Logic,
    Not,
    Null,
    Ref,
    Relation,
    Scalar,
    SharedScan,
    Source,
    Stage,
    ToUnits,
    Union,
)


def parts_of(relation: Relation) -> tuple[Relation, ...]:
    """Return the relations that a relation is directly made of."""
    match relation:
        case Source() | Stage():
            return ()
        case Join():
            return (relation.left, relation.right)
        case Union():
            return relation.relations
        case SharedScan():
            return (relation.relation, *relation.readers)
        case _:
            return (relation.relation,)


def with_parts(relation: Relation, parts: tuple[Relation, ...]) -> Relation:
    """Return the relation with other `parts`, in the order of `parts_of`."""
    match relation:
        case Source() | Stage():
            return relation
        case Join():
            left, right = parts
            return replace(relation, left=left, right=right)
        case Union():
            return replace(relation, relations=parts)
        case SharedScan():
            first, *readers = parts
            return replace(relation, relation=first, readers=tuple(readers))
        case _:
            (only,) = parts
            return replace(relation, relation=only)


def relations_of(relation: Relation) -> Iterator[Relation]:
    """Yield the relation, then all relations that it is made of."""
    yield relation
    for part in parts_of(relation):
        yield from relations_of(part)


def operands_of(value: Scalar) -> tuple[Scalar, ...]:
    """Return the scalars that a scalar is directly made of."""
    match value:
        case Ref() | Const() | Null():
            return ()
        case ToUnits() | IsNull():
            return (value.value,)
        case Binary() | Compare():
            return (value.left, value.right)
        case Logic():
            return value.operands
        case Not():
            return (value.operand,)
        case IsIn():
            return (value.value,)
        case Call():
            return value.arguments
        case Case():
            return (*(part for branch in value.branches for part in branch), value.otherwise)


def with_operands(value: Scalar, operands: tuple[Scalar, ...]) -> Scalar:
    """Return the scalar with other `operands`, in the order of `operands_of`."""
    match value:
        case Ref() | Const() | Null():
            return value
        case ToUnits() | IsNull() | IsIn():
            return replace(value, value=operands[0])
        case Binary() | Compare():
            return replace(value, left=operands[0], right=operands[1])
        case Logic():
            return replace(value, operands=operands)
        case Not():
            return replace(value, operand=operands[0])
        case Call():
            return replace(value, arguments=operands)
        case Case():
            *parts, otherwise = operands
            return Case(tuple(zip(parts[::2], parts[1::2], strict=True)), otherwise)


def names_read(value: Scalar) -> Iterator[str]:
    """Yield the columns that a scalar reads, each as often as it is read."""
    if isinstance(value, Ref):
        yield value.name
    for part in operands_of(value):
        yield from names_read(part)


def with_values(value: Scalar, values: Mapping[str, Scalar]) -> Scalar:
    """Return the scalar with column references replaced by `values`, where these have the column."""
    if isinstance(value, Ref):
        return values.get(value.name, value)
    parts = operands_of(value)
    return with_operands(value, tuple(with_values(part, values) for part in parts)) if parts else value
