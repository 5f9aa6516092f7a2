"""Names, constants and paths as SQL text, and the rows of a query."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from spmlang.values.own_names import own_name

if TYPE_CHECKING:
    import duckdb


def quoted(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def source(name: str) -> str:
    """Return the quoted name of the relation with a source's typed rows."""
    return named("source", name)


def named(word: str, *names: object) -> str:
    """Return the quoted name of a relation that the program makes for a source or another name of the user.

    `word` says what the relation holds. Columns that the program adds begin with `_`, as no name of a user does.
    """
    return quoted(own_name(word, *names))


def string(text: str) -> str:
    """Return a text as an SQL constant."""
    return "'" + text.replace("'", "''") + "'"


def file_path(path: Path) -> str:
    """Return a path as an SQL constant for a file reader, with the characters of patterns escaped."""
    return string(re.sub(r"[\[*?]", r"[\g<0>]", path.as_posix()))


def fetch(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    """Return all rows of a query."""
    return connection.execute(query).fetchall()
