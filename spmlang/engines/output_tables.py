"""Result tables of SQL engines: the schema of each output, and tables with these schemas."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from spmlang.relations.nodes import Output
from spmlang.results import CREDITS, LINES, PAYOUTS, POTS, RECONCILIATION, RELEASED, UNCREDITED

SCHEMAS = {
    "payouts": PAYOUTS,
    "uncredited": UNCREDITED,
    "not_on_roster": UNCREDITED,
    "reconciliation": RECONCILIATION,
    "released": RELEASED,
    "pots": POTS,
    "credits": CREDITS,
    "lines": LINES,
}


def with_schema(output: Output, found: pa.Table) -> pa.Table:
    """Return a result table, or a batch of one, with the types of its schema."""
    schema = SCHEMAS[output.name]
    return found if found.schema.equals(schema) else found.cast(schema)


def table_of_rows(name: str, columns: list[str], rows: Iterable[Sequence[Any]]) -> pa.Table:
    """Return an output's table from rows of Python values, sorted by all columns, absent values first.

    Args:
        name: the output.
        columns: the names of the values of a row.
        rows: whole numbers of any length become text where the schema has text.
    """
    positions = [columns.index(column) for column in SCHEMAS[name].names]
    kept = [tuple(row[position] for position in positions) for row in rows]
    kept.sort(key=lambda row: tuple((value is not None, value) for value in row))
    schema = SCHEMAS[name]
    values = list(zip(*kept, strict=True)) or [()] * len(schema)
    texts = [
        [None if value is None else str(value) for value in column] if field.type == pa.string() else column
        for column, field in zip(values, schema, strict=True)
    ]
    arrays = [pa.array(column, field.type) for column, field in zip(texts, schema, strict=True)]
    return pa.table(arrays, schema=schema)


def sorted_union(one: pa.Table, other: pa.Table) -> pa.Table:
    """Return the rows of two tables, sorted by all columns, absent values first."""
    if not other.num_rows:
        return one
    table = pa.concat_tables([one, other])
    rows = [tuple((value is not None, value) for value in row.values()) for row in table.to_pylist()]
    return table.take(sorted(range(len(rows)), key=rows.__getitem__))
