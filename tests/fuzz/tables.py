"""Make data sets into tables without files. A test proves that they equal those of `spmlang.data.load`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import pyarrow as pa

from spmlang.data.connection import connect
from spmlang.data.sql_text import source
from spmlang.data.tables import FOREVER, Row, Tables, exact
from spmlang.data.value_checks import sql_type
from spmlang.project.contract import Column, ColumnKind, Contract

from .plans import Data

Value = Decimal | int | str | date | None
Columns = dict[str, list[Value]]


@dataclass(frozen=True, kw_only=True)
class InMemoryTables(Tables):
    """Tables whose rows are Python values, so that reading them needs no query."""

    values: dict[str, Columns] = field(default_factory=dict)

    def rows(self, source: str, condition: str = "", parameters: Sequence[object] = ()) -> Iterator[Row]:
        """Yield the rows as exact values, in file order."""
        assert not condition, "runs read whole tables"
        columns = self.values[source]
        for values in zip(*columns.values(), strict=True):
            yield {name: exact(value) for name, value in zip(columns, values, strict=True)}

    def arrow(self, source: str, columns: Sequence[str] = ()) -> pa.Table:
        """Return some or all columns of the rows as Arrow."""
        types, values = _arrow_types(self.contracts[source]), self.values[source]
        names = list(columns or types)
        return pa.table([pa.array(values[name], types[name]) for name in names], names=names)


class Store:
    """A database with the tables of one data set of a plan at a time."""

    def __init__(self, contracts: dict[str, Contract]) -> None:
        self.contracts = contracts
        self.connection = connect()
        self.connection.execute("set threads = 1")
        self.cursor = self.connection.cursor()
        self._streams = {name: _Stream() for name in contracts}
        for name, contract in contracts.items():
            types = ", ".join(f'"{column}" {kind}' for column, kind in _sql_types(contract).items())
            self.connection.execute(f"create table {source(name)} ({types})")

    def tables(self, data: Data) -> InMemoryTables:
        """Return the typed rows. They are not in the database yet."""
        values = {name: typed(contract, data[name]) for name, contract in self.contracts.items()}
        return InMemoryTables(connection=self.connection, contracts=self.contracts, values=values)

    def prepare(self) -> None:
        """Prepare the statements that fill the tables, so that they are planned only once."""
        for name, stream in self._streams.items():
            stream.table = pa.schema(_arrow_types(self.contracts[name])).empty_table()
            self.cursor.register(f"rows:{name}", stream)
            self.cursor.execute(f'prepare "fill:{name}" as insert into {source(name)} select * from "rows:{name}"')

    def fill(self, tables: InMemoryTables) -> None:
        """Insert the rows into the database."""
        for name, stream in self._streams.items():
            stream.table = tables.arrow(name)
            if stream.table.num_rows:
                self.cursor.execute(f'execute "fill:{name}"')

    def empty(self) -> None:
        """Delete all rows."""
        for name in self._streams:
            self.cursor.execute(f"truncate {source(name)}")

    def close(self) -> None:
        """Close the database."""
        self.cursor.close()
        self.connection.close()


class _Stream:
    """Rows that a prepared statement reads again at each execution."""

    table: pa.Table

    def __arrow_c_stream__(self, requested: object = None) -> object:
        return self.table.__arrow_c_stream__(requested)


def typed(contract: Contract, lines: list[str]) -> Columns:
    """Return the values of a source's columns, and of the columns `_file`, `_row`, `_key`, `_from` and `_through`."""
    cells = list(zip(*(line.split(",") for line in lines), strict=True)) or [()] * len(contract.columns)
    found: Columns = {
        column.name: [_value(column, text) for text in texts]
        for column, texts in zip(contract.columns, cells, strict=True)
    }
    found["_file"] = [contract.files[0].replace("*", "")] * len(lines)
    found["_row"] = list(range(1, len(lines) + 1))
    found["_key"] = [_key(parts) for parts in zip(*(found[name] for name in contract.key), strict=True)]
    if contract.dated is not None:
        starts = found[contract.dated.start]
        ends = found[contract.dated.through] if contract.dated.through else _ends(found["_key"], starts)
        found["_from"], found["_through"] = starts, [end or FOREVER for end in ends]
    return found


def _value(column: Column, text: str) -> Value:
    if not text:
        return None
    match column.kind:
        case ColumnKind.TEXT:
            return text
        case ColumnKind.DATE:
            return date.fromisoformat(text)
        case ColumnKind.COUNT:
            return int(text)
    return Decimal(text)


def _key(parts: tuple[Value, ...]) -> str:
    """Join the texts of the key columns. No drawn text contains a `|`."""
    return "|".join(str(part) for part in parts)


def _ends(keys: list[Value], starts: list[Value]) -> list[Value]:
    """Return the last day of each row: the day before the next row of its key, or None."""
    days = [(key, day) for key, day in zip(keys, starts, strict=True) if isinstance(day, date)]
    ends: list[Value] = []
    for key, start in days:
        later = [day for other, day in days if other == key and day > start]
        ends.append(min(later) - timedelta(days=1) if later else None)
    return ends


def _sql_types(contract: Contract) -> dict[str, str]:
    own = {column.name: sql_type(column) for column in contract.columns}
    dated = {"_from": "DATE", "_through": "DATE"} if contract.dated else {}
    return {**own, "_file": "VARCHAR", "_row": "BIGINT", "_key": "VARCHAR", **dated}


def _arrow_types(contract: Contract) -> dict[str, pa.DataType]:
    known = {"VARCHAR": pa.string(), "DATE": pa.date32(), "BIGINT": pa.int64()}
    decimals = {c.name: pa.decimal128(c.digits, c.scale) for c in contract.columns if sql_type(c) not in known}
    return {name: known[kind] if kind in known else decimals[name] for name, kind in _sql_types(contract).items()}
