"""Checks across rows: keys are unique, dated rows do not overlap, and references lead to existing rows."""

from __future__ import annotations

import duckdb

from spmlang.project.contract import Column, Contract

from .row_errors import MOST, Place, RowError, RowErrors
from .sql_text import fetch, quoted, source


def find_bad_keys(connection: duckdb.DuckDBPyConnection, contract: Contract, errors: RowErrors) -> set[Place]:
    """Find the rows of an undated source whose key occurs in an earlier row. Note them in `errors`."""
    if not contract.key or contract.dated is not None:
        return set()
    keys = ", ".join(map(quoted, contract.key))
    relation = source(contract.name)
    distinct_keys = keys if len(contract.key) == 1 else f"({keys})"
    if _keys_only_grow(connection, contract, relation):
        return set()
    ((rows, distinct),) = fetch(connection, f"select count(*), count(distinct {distinct_keys}) from {relation}")
    if rows == distinct:
        return set()
    first = f"first_value(_file || ', row ' || _row) over (partition by {keys} order by _file, _row)"
    place = f"row_number() over (partition by {keys} order by _file, _row)"
    query = (
        f"select _file, _row, _key, _f from (select *, {first} as _f, {place} as _n from {relation}) where _n > 1 "
        "order by _file, _row"
    )
    return _note(connection, contract, errors, query, column=contract.key[0], slug="data-key-twice")


def _keys_only_grow(connection: duckdb.DuckDBPyConnection, contract: Contract, relation: str) -> bool:
    """Return True if each key is greater than the key before it, so that all keys are unique.

    The result is False for a key of several columns.
    """
    # Most tables are written in the order of their keys, and this test is ten times as fast as comparing all keys. It
    # holds in any order of the rows: whatever the order, keys that only grow are all different.
    if len(contract.key) > 1:
        return False
    key = quoted(contract.key[0])
    before = f"select {key} as k, lag({key}) over () as p from {relation}"
    ((found,),) = fetch(connection, f"select count(*) from ({before}) where k <= p")
    return found == 0


def find_bad_dates(connection: duckdb.DuckDBPyConnection, contract: Contract, errors: RowErrors) -> set[Place]:
    """Find the dated rows that end before they start, or that overlap another row of their key.

    Note them in `errors`.
    """
    if contract.dated is None:
        return set()
    relation = source(contract.name)
    backward = (
        f"select _file, _row, _key, strftime(_through, '%Y-%m-%d') from {relation} where _through < _from "
        "order by _file, _row"
    )
    start = contract.dated.start
    bad = _note(connection, contract, errors, backward, column=start, slug="data-backward")
    keys = ", ".join(map(quoted, contract.key))
    order = f"partition by {keys} order by _from, _file, _row rows between unbounded preceding and 1 preceding"
    overlap = (
        "select _file, _row, _key, _p from (select *, "
        f"max(_through) over ({order}) as _m, arg_max(_file || ', row ' || _row, _through) over ({order}) as _p "
        f"from {relation} where _through >= _from) where _m >= _from order by _file, _row"
    )
    return bad | _note(connection, contract, errors, overlap, column=start, slug="data-overlap")


def find_bad_references(
    connection: duckdb.DuckDBPyConnection, contract: Contract, column: Column, target: Contract, *, errors: RowErrors
) -> set[Place]:
    """Find the rows whose column refers to no row of `target`. Note them in `errors`."""
    name, key = quoted(column.name), quoted(target.key[0])
    query = (
        f"select _file, _row, cast({name} as varchar), '' from {source(contract.name)} _s where {name} is not null "
        f"and not exists (select 1 from {source(target.name)} _t where _t.{key} = _s.{name}) order by _file, _row"
    )
    return _note(connection, contract, errors, query, column=column.name, slug="data-reference")


def _note(
    connection: duckdb.DuckDBPyConnection, contract: Contract, errors: RowErrors, query: str, *, column: str, slug: str
) -> set[Place]:
    """Note an error in each row that the query finds, and return their places.

    Args:
        connection: The database.
        contract: The contract of the source.
        errors: Receives the errors.
        query: A query for the file, number and value of each row, and the `other` value that the message shows.
        column: The column with the error.
        slug: The message.
    """
    found = [
        RowError(file=str(file), row=int(str(row)), column=column, value=str(value), slug=slug, words={"other": other})
        for file, row, value, other in fetch(connection, f"{query} limit {MOST + 1}")
    ]
    return errors.add(contract, found)
