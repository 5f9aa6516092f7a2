"""Sums that have more digits than an engine, of rows that tell and pay nothing: made here, in whole numbers of any length.

It is what a table of a result falls back to that must not stop a run. Unions, sums and what is calculated directly on them are
made here; joins and all else stays in the engine.
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

#: Gives the rows of a relation from the engine.
Ask = Callable[[Relation], pa.Table]


def rows_of(relation: Relation, ask: Ask) -> tuple[list[str], Iterator[Row]]:
    """The columns of a relation, and its rows."""
    match relation:
        case nodes.Union():
            parts = [rows_of(part, ask) for part in relation.relations]
            names = parts[0][0]
            return names, (row for own, rows in parts for row in _in_order(names, own, rows))
        case nodes.Aggregate() if all(item.function in _FUNCTIONS and item.where is None for item in relation.values):
            names, rows = rows_of(relation.relation, ask)
            return [*relation.by, *(item.name for item in relation.values)], _summed(relation, _places(names), rows)
        case nodes.Project():
            names, rows = rows_of(relation.relation, ask)
            made = [compiled(value, _places(names)) for _, value in relation.columns]
            return [name for name, _ in relation.columns], ([value(row) for value in made] for row in rows)
        case nodes.AddColumns():
            names, rows = rows_of(relation.relation, ask)
            made = [compiled(value, _places(names)) for _, value in relation.columns]
            more = [name for name, _ in relation.columns]
            return [*names, *more], ([*row, *(value(row) for value in made)] for row in rows)
        case nodes.Filter():
            names, rows = rows_of(relation.relation, ask)
            test = compiled(relation.test, _places(names))
            return names, (row for row in rows if test(row) is True)
    table = ask(relation)
    return list(table.column_names), zip(*map(values_of, table.columns), strict=True)


def _places(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


def _in_order(names: list[str], own: list[str], rows: Iterable[Row]) -> Iterator[Row]:
    places = [own.index(name) for name in names]
    return ([row[place] for place in places] for row in rows)


def _summed(relation: nodes.Aggregate, places: dict[str, int], rows: Iterable[Row]) -> Iterator[Row]:
    """A row for each group: absent values add nothing, and a group without any has none."""
    by = [places[name] for name in relation.by]
    values = [compiled(item.value, places) for item in relation.values]
    groups: dict[tuple[Any, ...], list[Any]] = {}
    for row in rows:
        found = groups.setdefault(tuple(row[place] for place in by), [None] * len(values))
        for place, (item, value) in enumerate(zip(relation.values, values, strict=True)):
            new, old = value(row), found[place]
            if new is not None:
                new = 1 if item.function == "count" else new
                found[place] = new if old is None else _FUNCTIONS[item.function](old, new)
    for key, found in groups.items():
        yield [*key, *found]


def _add(one: Any, other: Any) -> Any:
    """Decimals as they are, where Python's own sum would keep 28 digits."""
    return EXACT.add(one, other) if isinstance(one, Decimal) else one + other


_FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {"sum": _add, "count": operator.add, "min": min, "max": max}
