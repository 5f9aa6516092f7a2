"""Find the damaged file after a query has failed.

DuckDB reads a page of a Parquet file only when a query needs it, so damage shows late and without the file's name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager

import duckdb

from spmlang.diagnostics.diagnostic import Cell, Diagnostic, Problems, diagnose
from spmlang.values.own_names import own_name

from .sql_text import fetch, named, string
from .tables import Tables


@contextmanager
def reporting_damage(
    connection: duckdb.DuckDBPyConnection, files: Callable[[], Iterable[tuple[str, str]]]
) -> Iterator[None]:
    """Report damaged files if a query of the block fails.

    Args:
        connection: The database.
        files: Returns the source and shown name of each file to check. It is called only after a failure.

    Raises:
        Problems: If a query fails and at least one of the files is damaged. Other database errors pass unchanged.
    """
    try:
        yield
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as problem:
        damaged = _damaged_files(connection, files())
        if not damaged:
            raise
        raise Problems(damaged) from problem


def reporting_damage_of(tables: Tables) -> AbstractContextManager[None]:
    """Report damaged files of the tables if a query of the block fails, as `reporting_damage` does."""

    def files_on_disk() -> list[tuple[str, str]]:
        on_disk = {name for name in tables.contracts if is_read_from_disk(tables.connection, name)}
        return [(file.source, file.file) for file in tables.files if file.source in on_disk]

    return reporting_damage(tables.connection, files_on_disk)


def is_read_from_disk(connection: duckdb.DuckDBPyConnection, source: str) -> bool:
    """Return True if queries read the files of a source from disk. Rows in memory have a temporary relation or none."""
    query = f"select count(*) from duckdb_views() where view_name = {string(own_name('raw', source))} and not temporary"
    ((found,),) = fetch(connection, query)
    return bool(found)


def _damaged_files(connection: duckdb.DuckDBPyConnection, files: Iterable[tuple[str, str]]) -> list[Diagnostic]:
    """Return an error for each file (source, shown name) whose declared columns cannot be read to the end."""
    found = []
    for source, shown in files:
        try:
            # The hash of whole rows reads every declared column of every row.
            fetch(connection, f"select bit_xor(hash(_r)) from {named('raw', source)} _r where _file = {string(shown)}")
        except duckdb.Error as mistake:
            problem = str(mistake).splitlines()[0]
            found.append(diagnose("data-unreadable", Cell(shown), problem=problem))
    return found
