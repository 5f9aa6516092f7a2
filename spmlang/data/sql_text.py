"""SQL text for the proofs, and the rows it gives."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from spmlang.values.own_names import own_name

if TYPE_CHECKING:
    import duckdb


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def source(name: str) -> str:
    """The relation of a source's typed rows."""
    return named("source", name)


def named(word: str, *names: object) -> str:
    """A relation of what people name. Its columns of our own begin with `_`, as no name does."""
    return quoted(own_name(word, *names))


def string(text: str) -> str:
    """A text as an SQL constant."""
    return "'" + text.replace("'", "''") + "'"


def file_path(path: Path) -> str:
    """A path as an SQL constant for a reader of files, which would take some of its characters for a pattern."""
    return string(re.sub(r"[\[*?]", r"[\g<0>]", path.as_posix()))


def fetch(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    """All rows of a query."""
    return connection.execute(query).fetchall()


def has_relation(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """True where there is a table or view of that name."""
    ((found,),) = fetch(connection, f"select count(*) from information_schema.tables where table_name = {string(name)}")
    return bool(found)
