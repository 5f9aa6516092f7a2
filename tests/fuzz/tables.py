"""Data sets as tables without the way through files: as `spmlang.data.load` would make them, which a test proves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import pyarrow as pa

from spmlang.data.column_checks import sql_type
from spmlang.data.connection import connect
from spmlang.data.sql_text import source
from spmlang.data.tables import FOREVER, Row, Tables, exact
from spmlang.project.contract import Column, ColumnKind, Contract

from .plans import Data

Value = Decimal | int | str | date | None
Columns = dict[str, list[Value]]


@dataclass(frozen=True)
class Direct(Tables):
    """Tables whose rows are at hand: who reads them as Python values needs no query."""

    values: dict[str, Columns] = field(default_factory=dict)

    def rows(self, source: str, condition: str = "", parameters: Sequence[object] = ()) -> Iterator[Row]:
        """The rows as exact values, in file order."""
        assert not condition, "runs read whole tables"
        columns = self.values[source]
        for values in zip(*columns.values(), strict=True):
            yield {name: exact(value) for name, value in zip(columns, values, strict=True)}

    def arrow(self, source: str, columns: Sequence[str] = ()) -> pa.Table:
        """The rows as Arrow: some columns, or all."""
        types, values = _arrow_types(self.contracts[source]), self.values[source]
        names = list(columns or types)
        return pa.table([pa.array(values[name], types[name]) for name in names], names=names)


class Store:
    """The tables of one plan's data sets, one after the other, in a database of their own."""

    def __init__(self, contracts: dict[str, Contract]) -> None:
        self.contracts = contracts
        self.connection = connect()
        self.connection.execute("set threads = 1")
        self.cursor = self.connection.cursor()
        self._streams = {name: _Stream() for name in contracts}
        for name, contract in contracts.items():
            types = ", ".join(f'"{column}" {kind}' for column, kind in _sql_types(contract).items())
            self.connection.execute(f"create table {source(name)} ({types})")

    def tables(self, data: Data) -> Direct:
        """The typed rows; the database does not hold them yet."""
        values = {name: typed(contract, data[name]) for name, contract in self.contracts.items()}
        return Direct(self.connection, self.contracts, values=values)

    def prepare(self) -> None:
        """Make the statements that fill the tables, which must be planned but once."""
        for name, stream in self._streams.items():
            stream.table = pa.schema(_arrow_types(self.contracts[name])).empty_table()
            self.cursor.register(f"rows:{name}", stream)
            self.cursor.execute(f'prepare "fill:{name}" as insert into {source(name)} select * from "rows:{name}"')

    def fill(self, tables: Direct) -> None:
        """Put the rows into the database."""
        for name, stream in self._streams.items():
            stream.table = tables.arrow(name)
            if stream.table.num_rows:
                self.cursor.execute(f'execute "fill:{name}"')

    def empty(self) -> None:
        """Take all rows out again."""
        for name in self._streams:
            self.cursor.execute(f"truncate {source(name)}")

    def close(self) -> None:
        """Let go of the database."""
        self.cursor.close()
        self.connection.close()


class _Stream:
    """Rows that a prepared statement reads anew whenever it runs."""

    table: pa.Table

    def __arrow_c_stream__(self, requested: object = None) -> object:
        return self.table.__arrow_c_stream__(requested)


def typed(contract: Contract, lines: list[str]) -> Columns:
    """The values of a source's columns, and those that the engines need besides."""
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
    """The texts of the key columns; none that is drawn has a `|`."""
    return "|".join(str(part) for part in parts)


def _ends(keys: list[Value], starts: list[Value]) -> list[Value]:
    """A row holds until the day before the next one of its key."""
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
