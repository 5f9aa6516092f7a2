"""Proofs across rows: keys are unique, dated rows follow each other, references point at something."""

from __future__ import annotations

import duckdb

from spmlang.project.contract import Contract

from .proofs import quoted, string
from .refusals import Refusals, fetch

Places = set[tuple[str, int]]


def find_bad_keys(connection: duckdb.DuckDBPyConnection, contract: Contract, refusals: Refusals) -> Places:
    """Rows whose key stands in an earlier row (of an undated source)."""
    if not contract.key or contract.dated is not None:
        return set()
    keys = ", ".join(map(quoted, contract.key))
    relation = f'"source_{contract.name}"'
    wanted = f"select count(*), count(distinct ({keys})) from {relation}"
    if len(contract.key) == 1:
        wanted = f"select count(*), count(distinct {keys}) from {relation}"
    ((rows, distinct),) = fetch(connection, wanted)
    if rows == distinct:
        return set()
    first = f"first_value(_file || ', row ' || _row) over (partition by {keys} order by _file, _row)"
    place = f"row_number() over (partition by {keys} order by _file, _row)"
    query = (
        f"select _file, _row, {string(contract.key[0])}, _key, 'data-key-twice', f from "
        f"(select *, {first} as f, {place} as n from {relation}) where n > 1 order by _file, _row"
    )
    return refusals.add(contract, fetch(connection, query))


def find_bad_dates(connection: duckdb.DuckDBPyConnection, contract: Contract, refusals: Refusals) -> Places:
    """Dated rows that end before they start, or hold while another row of their key does."""
    if contract.dated is None:
        return set()
    relation = f'"source_{contract.name}"'
    start = string(contract.dated.start)
    backward = (
        f"select _file, _row, {start}, _key, 'data-backward', strftime(_through, '%Y-%m-%d') from {relation} "
        "where _through < _from order by _file, _row"
    )
    bad = refusals.add(contract, fetch(connection, backward))
    keys = ", ".join(map(quoted, contract.key))
    order = f"partition by {keys} order by _from, _file, _row rows between unbounded preceding and 1 preceding"
    overlap = (
        f"select _file, _row, {start}, _key, 'data-overlap', p from (select *, "
        f"max(_through) over ({order}) as m, arg_max(_file || ', row ' || _row, _through) over ({order}) as p "
        f"from {relation} where _through >= _from) where m >= _from order by _file, _row"
    )
    return bad | refusals.add(contract, fetch(connection, overlap))


def find_bad_references(
    connection: duckdb.DuckDBPyConnection, contract: Contract, loaded: dict[str, Contract], refusals: Refusals
) -> Places:
    """Rows that refer to nothing."""
    bad: Places = set()
    for column in contract.columns:
        if column.references is None or column.references not in loaded:
            continue
        name, key = quoted(column.name), quoted(loaded[column.references].key[0])
        query = (
            f"select _file, _row, {string(column.name)}, {name}, 'data-reference' from \"source_{contract.name}\" s "
            f'where {name} is not null and not exists (select 1 from "source_{column.references}" t where t.{key} = s.{name}) '
            "order by _file, _row"
        )
        bad |= refusals.add(contract, fetch(connection, query))
    return bad
