"""What the proofs of a source need to know of each of its files: found once for each content, and then remembered."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import pairwise

import duckdb

from spmlang.project.contract import Column, ColumnKind, Contract

from .file_cache import Store, digest, program_digest
from .files import DataFile
from .sql_text import fetch, quoted, source

#: More values than these are not remembered; the column is then looked through at every run.
_MOST_VALUES = 100_000

#: Keys that Python orders as DuckDB does.
_ORDERED = {ColumnKind.COUNT, ColumnKind.TEXT}


@dataclass(frozen=True)
class FileFacts:
    """Of one file: rows; whether every value is what the contract promises; where its keys only grow, the first and the last;
    by column that refers to another source the values in it (None: too many); and by column of days the first and the last.
    """

    rows: int
    clean: bool
    keys: tuple[int | str, int | str] | None
    referred: dict[str, list[str] | None]
    days: dict[str, list[str]]


@dataclass(frozen=True)
class FileRows:
    """A file of a source that keeps its contract: a query for its typed rows, and the name of their content and form."""

    relation: str
    name: str
    facts: FileFacts


def file_part(
    connection: duckdb.DuckDBPyConnection, store: Store, contract: Contract, file: DataFile, form: object, typed: str
) -> FileRows:
    """The part that a file is. `typed` is a query for its rows with `_cause`, `form` all that decides what these are."""
    name = digest(program_digest(), contract.name, file.shown, store.fingerprint(file), form)
    found = store.find(digest("facts", name))
    if found is not None:
        said = json.loads(found.read_text(encoding="utf-8"))
        keys = tuple(said["keys"]) if said["keys"] else None
        facts = FileFacts(said["rows"], said["clean"], keys, said["referred"], said["days"])
    else:
        facts = _facts(connection, contract, typed)
        store.keep(digest("facts", name), json.dumps(asdict(facts)).encode())
    return FileRows(f"select * exclude (_cause) from ({typed})", name, facts)


def keys_unique(parts: tuple[FileRows, ...]) -> bool:
    """Whether the files show by themselves that no key stands in two rows."""
    if not parts:
        return False
    ranges = [part.facts.keys for part in parts if part.facts.rows]
    known = [found for found in ranges if found is not None]
    if len(known) < len(ranges):
        return False
    ordered = sorted(known)
    return all(earlier[1] < later[0] for earlier, later in pairwise(ordered))  # type: ignore[operator]


def keys_unique_since_last(
    connection: duckdb.DuckDBPyConnection, store: Store, contract: Contract, parts: tuple[FileRows, ...]
) -> bool:
    """Whether no key stands twice, as most files were found to be unlike before: the others are held against them."""
    noted = store.find(_unlike_name(contract))
    before = set(json.loads(noted.read_text(encoding="utf-8"))) if noted is not None else set()
    old = [part for part in parts if part.name in before]
    new = [part for part in parts if part.name not in before]
    if new and (len(new) > len(old) or _key_twice(connection, contract, old, new)):
        return False
    if new:
        remember_unique(store, contract, parts)
    return True


def remember_unique(store: Store, contract: Contract, parts: tuple[FileRows, ...]) -> None:
    """Remember that no key stands twice in these files."""
    store.replace(_unlike_name(contract), json.dumps(sorted(part.name for part in parts)).encode())


def _unlike_name(contract: Contract) -> str:
    return digest("unlike", contract.name, contract.key)


def _key_twice(
    connection: duckdb.DuckDBPyConnection, contract: Contract, old: list[FileRows], new: list[FileRows]
) -> bool:
    keys = ", ".join(map(quoted, contract.key))
    rows = [" union all ".join(f"select {keys} from ({part.relation})" for part in parts) for parts in (old, new)]
    again = f"select count(*) from ({rows[1]}) group by {keys} having count(*) > 1"
    both = f"select 1 from ({rows[0]}) semi join ({rows[1]}) using ({keys})"
    ((found,),) = fetch(connection, f"select exists({again}) or exists({both})")
    return bool(found)


def all_refer(
    connection: duckdb.DuckDBPyConnection, column: Column, target: Contract, parts: tuple[FileRows, ...]
) -> bool:
    """Whether the values that are remembered show that each row refers to a row of the target."""
    values: set[str] = set()
    for part in parts:
        own = part.facts.referred[column.name]
        if own is None:
            return False
        values.update(own)
    if not parts:
        return False
    query = f"select distinct cast({quoted(target.key[0])} as varchar) from {source(target.name)}"
    return values <= {str(key) for (key,) in fetch(connection, query)}


def _facts(connection: duckdb.DuckDBPyConnection, contract: Contract, typed: str) -> FileFacts:
    ((rows, wrong),) = fetch(connection, f"select count(*), count(_cause) from ({typed})")
    if wrong:
        return FileFacts(int(str(rows)), False, None, {}, {})
    names = [column.name for column in contract.columns if column.references]
    keys, values = _keys(connection, contract, typed), _values(connection, names, typed)
    return FileFacts(int(str(rows)), True, keys, values, _days(connection, contract, typed))


def _keys(connection: duckdb.DuckDBPyConnection, contract: Contract, typed: str) -> tuple[int | str, int | str] | None:
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
    found = {}
    for column in contract.columns:
        if column.kind is ColumnKind.DATE:
            name = quoted(column.name)
            ((first, last),) = fetch(connection, f"select min({name}), max({name}) from ({typed})")
            found[column.name] = [] if first is None else [str(first), str(last)]
    return found


def _values(connection: duckdb.DuckDBPyConnection, names: list[str], typed: str) -> dict[str, list[str] | None]:
    found: dict[str, list[str] | None] = {}
    for name in names:
        column = quoted(name)
        query = f"select distinct cast({column} as varchar) from ({typed}) where {column} is not null limit {_MOST_VALUES + 1}"
        values = sorted(str(value) for (value,) in fetch(connection, query))
        found[name] = values if len(values) <= _MOST_VALUES else None
    return found
