"""Facts about single data files, stored by content, so that the checks of a source need not read each file again."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import pairwise

import duckdb

from spmlang.project.contract import Column, ColumnKind, Contract

from .file_cache import Store, digest, program_digest
from .files import DataFile
from .sql_text import fetch, quoted, source

#: The most values of a column that are stored. A column with more is checked in every run.
_MOST_VALUES = 100_000

#: The kinds of keys that Python sorts in the order of DuckDB.
_ORDERED = {ColumnKind.COUNT, ColumnKind.TEXT}


@dataclass(frozen=True, kw_only=True)
class FileFacts:
    """The facts about one file.

    Attributes:
        rows: The number of rows.
        clean: True if every value keeps the contract.
        keys: The first and last key, if the keys only grow from row to row and are of one column of counts or texts;
            else None.
        referred: The distinct values of each column that refers to another source; None for more than _MOST_VALUES.
        days: The first and last day of each date column; empty for a column without days.
    """

    rows: int
    clean: bool
    keys: tuple[int | str, int | str] | None
    referred: dict[str, list[str] | None]
    days: dict[str, list[str]]


@dataclass(frozen=True)
class FileRows:
    """One file of a source.

    Attributes:
        relation: A query for its typed rows.
        name: The hash of everything that these rows depend on.
        facts: The facts about the file. Where they are `clean`, the file keeps its contract.
    """

    relation: str
    name: str
    facts: FileFacts


def rows_with_facts(
    connection: duckdb.DuckDBPyConnection, store: Store, contract: Contract, file: DataFile, *, form: object, typed: str
) -> FileRows:
    """Return one file of a source with its facts, from the store if it has them.

    Args:
        connection: The database.
        store: The store of facts.
        contract: The contract of the source.
        file: The file.
        form: Everything besides the content that the typed rows depend on, as part of the store's key.
        typed: A query for the typed rows, with `_cause`.
    """
    name = digest(program_digest(), contract.name, file.shown, store.fingerprint(file), form)
    found = store.find(digest("facts", name))
    if found is not None:
        stored = json.loads(found.read_text(encoding="utf-8"))
        facts = FileFacts(**{**stored, "keys": tuple(stored["keys"]) if stored["keys"] else None})
    else:
        facts = _facts(connection, contract, typed)
        store.keep(digest("facts", name), json.dumps(asdict(facts)).encode())
    return FileRows(f"select * exclude (_cause) from ({typed})", name, facts)


def keys_unique(files: tuple[FileRows, ...]) -> bool:
    """Return True if keys only grow within each file and the files' key ranges do not overlap."""
    if not files:
        return False
    ranges = [file.facts.keys for file in files if file.facts.rows]
    known = [found for found in ranges if found is not None]
    if len(known) < len(ranges):
        return False
    ordered = sorted(known)
    return all(earlier[1] < later[0] for earlier, later in pairwise(ordered))  # type: ignore[operator]


def keys_unique_since_last(
    connection: duckdb.DuckDBPyConnection, store: Store, contract: Contract, files: tuple[FileRows, ...]
) -> bool:
    """Return True if all keys are unique, by comparing only new files with the rest.

    New files are those that were not part of the last uniqueness check. The result is False if a key occurs twice, or
    if there are more new files than old ones.
    """
    entry = store.find(_uniqueness_entry(contract))
    known = set(json.loads(entry.read_text(encoding="utf-8"))) if entry is not None else set()
    old = [file for file in files if file.name in known]
    new = [file for file in files if file.name not in known]
    if new and (len(new) > len(old) or _has_duplicate_key(connection, contract, old, new)):
        return False
    if new:
        remember_unique(store, contract, files)
    return True


def remember_unique(store: Store, contract: Contract, files: tuple[FileRows, ...]) -> None:
    """Store that no key occurs twice in these files."""
    store.replace(_uniqueness_entry(contract), json.dumps(sorted(file.name for file in files)).encode())


def _uniqueness_entry(contract: Contract) -> str:
    """Return the name of the store's entry that lists the files whose keys are known to be unique."""
    return digest("unlike", contract.name, contract.key)


def _has_duplicate_key(
    connection: duckdb.DuckDBPyConnection, contract: Contract, old: list[FileRows], new: list[FileRows]
) -> bool:
    """Return True if a key occurs twice in the new files, or in a new and an old file."""
    keys = ", ".join(map(quoted, contract.key))
    rows = [" union all ".join(f"select {keys} from ({file.relation})" for file in group) for group in (old, new)]
    twice_in_new = f"select count(*) from ({rows[1]}) group by {keys} having count(*) > 1"
    in_old_and_new = f"select 1 from ({rows[0]}) semi join ({rows[1]}) using ({keys})"
    ((found,),) = fetch(connection, f"select exists({twice_in_new}) or exists({in_old_and_new})")
    return bool(found)


def all_refer(
    connection: duckdb.DuckDBPyConnection, column: Column, target: Contract, files: tuple[FileRows, ...]
) -> bool:
    """Return True if the stored values prove that each row of the files refers to a row of `target`.

    The result is False without files, or if a file has too many values to store.
    """
    values: set[str] = set()
    for file in files:
        own = file.facts.referred[column.name]
        if own is None:
            return False
        values.update(own)
    if not files:
        return False
    query = f"select distinct cast({quoted(target.key[0])} as varchar) from {source(target.name)}"
    return values <= {str(key) for (key,) in fetch(connection, query)}


def _facts(connection: duckdb.DuckDBPyConnection, contract: Contract, typed: str) -> FileFacts:
    """Compute the facts about a file. A file that breaks its contract has only a number of rows."""
    ((rows, wrong),) = fetch(connection, f"select count(*), count(_cause) from ({typed})")
    if wrong:
        return FileFacts(rows=int(str(rows)), clean=False, keys=None, referred={}, days={})
    return FileFacts(
        rows=int(str(rows)),
        clean=True,
        keys=_keys(connection, contract, typed),
        referred=_referred(connection, contract, typed),
        days=_days(connection, contract, typed),
    )


def _keys(connection: duckdb.DuckDBPyConnection, contract: Contract, typed: str) -> tuple[int | str, int | str] | None:
    """Return the first and last key if the keys only grow; None otherwise."""
    if len(contract.key) != 1:
        return None
    column = contract.column(contract.key[0])
    if column is None or column.kind not in _ORDERED:
        return None
    name = quoted(column.name)
    before = f"select {name} as k, lag({name}) over () as p from ({typed})"
    ((falls, low, high),) = fetch(connection, f"select count(*) filter (k <= p), min(k), max(k) from ({before})")
    return (low, high) if falls == 0 and low is not None else None  # type: ignore[return-value]


def _days(connection: duckdb.DuckDBPyConnection, contract: Contract, typed: str) -> dict[str, list[str]]:
    """Return the first and last day of each date column."""
    found = {}
    for column in contract.columns:
        if column.kind is ColumnKind.DATE:
            name = quoted(column.name)
            ((first, last),) = fetch(connection, f"select min({name}), max({name}) from ({typed})")
            found[column.name] = [] if first is None else [str(first), str(last)]
    return found


def _referred(connection: duckdb.DuckDBPyConnection, contract: Contract, typed: str) -> dict[str, list[str] | None]:
    """Return the distinct values of each column that refers to another source; None for more than _MOST_VALUES."""
    found: dict[str, list[str] | None] = {}
    for column in contract.columns:
        if column.references:
            name = quoted(column.name)
            query = f"select distinct cast({name} as varchar) from ({typed}) where {name} is not null"
            values = sorted(str(value) for (value,) in fetch(connection, f"{query} limit {_MOST_VALUES + 1}"))
            found[column.name] = values if len(values) <= _MOST_VALUES else None
    return found
