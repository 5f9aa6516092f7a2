"""Sums with more digits than the 38 of an engine, row by row, in whole numbers of any length.

This is the fallback for a result table that pays nothing and must not stop a run. Unions, sums, and calculations
directly on them are computed here. Joins and everything else stay in the engine.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa

from spmlang.relations import nodes
from spmlang.relations.nodes import Relation

from .wide_numbers import EXACT, compiled, values_of

Row = Sequence[Any]

#: Returns the rows of a relation from the engine.
FetchRows = Callable[[Relation], pa.Table]


def rows_of(relation: Relation, fetch: FetchRows) -> tuple[list[str], Iterator[Row]]:
    """Return the column names of a relation, and its rows.

    Args:
        relation: the relation.
        fetch: returns the rows of the parts that stay in the engine.
    """
    match relation:
        case nodes.Union():
            parts = [rows_of(part, fetch) for part in relation.relations]
            names = parts[0][0]
            return names, (row for own, rows in parts for row in _in_order(names, own, rows))
        case nodes.Aggregate() if all(item.function in _FUNCTIONS and item.where is None for item in relation.values):
            names, rows = rows_of(relation.relation, fetch)
            return [*relation.by, *(item.name for item in relation.values)], _summed(relation, _positions(names), rows)
        case nodes.Project():
            names, rows = rows_of(relation.relation, fetch)
            made = [compiled(value, _positions(names)) for _, value in relation.columns]
            return [name for name, _ in relation.columns], ([value(row) for value in made] for row in rows)
        case nodes.AddColumns():
            names, rows = rows_of(relation.relation, fetch)
            made = [compiled(value, _positions(names)) for _, value in relation.columns]
            more = [name for name, _ in relation.columns]
            return [*names, *more], ([*row, *(value(row) for value in made)] for row in rows)
        case nodes.Filter():
            names, rows = rows_of(relation.relation, fetch)
            test = compiled(relation.test, _positions(names))
            return names, (row for row in rows if test(row) is True)
    table = fetch(relation)
    return list(table.column_names), zip(*map(values_of, table.columns), strict=True)


def _positions(names: Iterable[str]) -> dict[str, int]:
    return {name: position for position, name in enumerate(names)}


def _in_order(names: list[str], own: list[str], rows: Iterable[Row]) -> Iterator[Row]:
    """Yield rows with columns `own` in the order of `names`."""
    positions = [own.index(name) for name in names]
    return ([row[position] for position in positions] for row in rows)


def _summed(relation: nodes.Aggregate, positions: dict[str, int], rows: Iterable[Row]) -> Iterator[Row]:
    """Yield a row for each group. Absent values add nothing, and the sum of a group without any is absent.

    `positions` are the positions of the columns in a row.
    """
    by = [positions[name] for name in relation.by]
    values = [compiled(item.value, positions) for item in relation.values]
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for row in rows:
        found = groups.setdefault(tuple(row[position] for position in by), [None] * len(values))
        for position, (item, value) in enumerate(zip(relation.values, values, strict=True)):
            new, old = value(row), found[position]
            if new is not None:
                new = 1 if item.function == "count" else new
                found[position] = new if old is None else _FUNCTIONS[item.function](old, new)
    for key, found in groups.items():
        yield [*key, *found]


def _add(one: Any, other: Any) -> Any:
    """Add two values; decimals exactly, because Python's own addition would round to 28 digits."""
    return EXACT.add(one, other) if isinstance(one, Decimal) else one + other


_FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {"sum": _add, "count": operator.add, "min": min, "max": max}
