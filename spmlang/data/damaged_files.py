"""Which Parquet file is damaged, once a query has failed: a page is read, and found to be broken, only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager

import duckdb

from spmlang.diagnostics.diagnostic import Cell, Diagnostic, Problems, diagnose

from .sql_text import fetch, named, string
from .tables import Tables


@contextmanager
def telling_damage(
    connection: duckdb.DuckDBPyConnection, files: Callable[[], Iterable[tuple[str, str]]]
) -> Iterator[None]:
    """Raises Problems where a query of the block fails and one of the files is damaged."""
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as problem:
        damaged = _damaged_files(connection, files())
        if not damaged:
            raise
        raise Problems(damaged) from problem


def telling_damage_of(tables: Tables) -> AbstractContextManager[None]:
    """Raises Problems where a query of the block fails and a file that the tables were made from is damaged."""
    stored = [(file.source, file.file) for file in tables.files if tables.contracts[file.source].format == "parquet"]
    return telling_damage(tables.connection, lambda: stored)


def _damaged_files(connection: duckdb.DuckDBPyConnection, files: Iterable[tuple[str, str]]) -> list[Diagnostic]:
    """A diagnostic for each file, given by its source and its name as shown, whose declared columns cannot be read to the end."""
    found = []
    for source, shown in files:
        try:
            fetch(connection, f"select bit_xor(hash(_r)) from {named('raw', source)} _r where _file = {string(shown)}")
        except duckdb.Error as mistake:
            problem = str(mistake).splitlines()[0]
            found.append(diagnose("data-unreadable", Cell(shown), problem=problem))
    return found
