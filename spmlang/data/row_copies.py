"""Copies of some rows of sources, with the rows of these sources that they refer to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .sql_text import named, quoted
from .tables import Tables

if TYPE_CHECKING:
    import duckdb


@contextmanager
def copies_of_rows(tables: Tables, conditions: Mapping[str, Sequence[str]]) -> Iterator[Tables]:
    """Yield tables in which some sources have only the rows for which a condition holds.

    Rows of these sources that the kept rows refer to are added. The copies are dropped when the block ends.

    Args:
        tables: The tables.
        conditions: The SQL conditions of each source to narrow. One that holds is enough.
    """
    names = {source: named("drawn", source) for source in conditions}
    cursor = tables.connection.cursor()
    try:
        for source, name in names.items():
            rows = f"select * from {tables.relation(source)} where {' or '.join(conditions[source])}"
            cursor.execute(f"create or replace table {name} as {rows}")
        _add_referred(cursor, tables, names)
        yield tables.narrow(names)
    finally:
        for name in names.values():
            cursor.execute(f"drop table if exists {name}")
        cursor.close()


def _add_referred(cursor: duckdb.DuckDBPyConnection, tables: Tables, names: Mapping[str, str]) -> None:
    """Add the rows of these sources that the copied rows refer to, until no row is added."""
    references = [
        (source, column.name, column.references)
        for source in names
        for column in tables.contracts[source].columns
        if column.references in names
    ]
    added = bool(references)
    while added:
        added = False
        for source, column, target in references:
            key = quoted(tables.contracts[str(target)].key[0])
            is_referred = f"{key} in (select {quoted(column)} from {names[source]})"
            is_new = f"{key} not in (select {key} from {names[str(target)]})"
            rows = f"select * from {tables.relation(str(target))} where {is_referred} and {is_new}"
            query = f"insert into {names[str(target)]} {rows} returning 1"
            added = bool(cursor.execute(query).fetchall()) or added
