"""The schemas of the result tables, and the conversion of a pipeline's columns into them."""

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

#: The columns of an output that have another name in the pipeline: the pipeline's name by the schema's name.
_RENAMED = {
    "payouts": {"period": "period_label", "amount_minor": "amount"},
    "lines": {"period": "period_label", "credited_units": "units"},
    "released": {"period": "period_label"},
    "pots": {"period": "period_label", "shared_minor": "amount"},
}


def with_schema(output: Output, found: pa.Table) -> pa.Table:
    """Return a result table, or a batch of one, with the types of its schema."""
    schema = SCHEMAS[output.name]
    return found if found.schema.equals(schema) else found.cast(schema)


def pipeline_columns(name: str, own: list[str]) -> list[str]:
    """Return the pipeline's names of an output's columns, in the schema's order."""
    renamed = _RENAMED.get(name, {})
    columns = [renamed.get(field.name, field.name) for field in SCHEMAS[name]]
    assert set(columns) <= set(own), f"{name} gives {own}"
    return columns


def table_of_rows(name: str, columns: list[str], rows: Iterable[Sequence[Any]]) -> pa.Table:
    """Return an output's table from rows of Python values, sorted by all columns, absent values first.

    Args:
        name: the output.
        columns: the pipeline's names of the values of a row.
        rows: whole numbers of any length become text where the schema has text.
    """
    positions = [columns.index(column) for column in pipeline_columns(name, columns)]
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
