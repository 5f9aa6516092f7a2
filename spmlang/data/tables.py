"""The typed tables of a run, held in a DuckDB connection. Engines read data only through them.

Each source is a relation (table or view) with the name that `Tables.relation` returns. It has the columns of the
contract:

- money, rate, number: DECIMAL(digits, scale)
- count: BIGINT
- date: DATE
- text: VARCHAR
- flag: BOOLEAN

It also has these columns:

- `_file` VARCHAR: the file as shown to the user
- `_row` BIGINT: the data row in that file, from 1, without the header
- `_key` VARCHAR: the key columns as text, joined by "|"
- `_from` DATE and `_through` DATE, for dated sources only: the first and last day; 9999-12-31 for an open end
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from spmlang.project.contract import Contract

from .sql_text import quoted
from .sql_text import source as relation_of

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from .file_cache import Store
    from .file_facts import FileRows

Cell = Fraction | str | date | bool | None
Row = dict[str, Cell]

FOREVER = date(9999, 12, 31)


@dataclass(frozen=True, kw_only=True)
class Reject:
    """A row that is set aside because it breaks its contract."""

    source: str
    file: str
    row: int | None
    column: str | None
    value: str | None
    code: str
    cause: str


@dataclass(frozen=True)
class InputFile:
    """A file that was read, for the manifest: its shown name, its SHA-256 and its number of rows."""

    source: str
    file: str
    sha256: str
    rows: int


@dataclass(frozen=True)
class StoredColumn:
    """A column whose stored values are its values.

    `header` is its name in the files, and `type` its type as in the module's list. If `blank` is set, an empty text
    means no value, too.
    """

    header: str
    type: str
    blank: bool


@dataclass(frozen=True)
class ReadableInPlace:
    """The Parquet files of a source without rejected rows, which an engine may read by itself.

    Attributes:
        folder: The folder of the files.
        files: Their shown names, relative to `folder`.
        key: The key columns.
        columns: The columns whose stored values are their values, by the contract's names. Converted columns are left
            out.
    """

    folder: Path
    files: tuple[str, ...]
    key: tuple[str, ...]
    columns: Mapping[str, StoredColumn]


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The sources of a run in one connection.

    Its methods return exact values. Numbers are Fractions, never floats.
    """

    connection: duckdb.DuckDBPyConnection
    contracts: dict[str, Contract]
    files: tuple[InputFile, ...] = ()
    rejects: tuple[Reject, ...] = field(default=())
    store: Store | None = None
    #: The files of a source with their facts, if each file keeps the contract and a store is in use.
    file_rows: Mapping[str, tuple[FileRows, ...]] = field(default_factory=dict)
    in_place: Mapping[str, ReadableInPlace] = field(default_factory=dict)
    #: The relations with a part of the rows that replace sources, by source.
    narrowed: Mapping[str, str] = field(default_factory=dict)

    @property
    def rejected_rows(self) -> int:
        """The number of rows set aside. A row that breaks its contract in several ways counts once."""
        return len({(reject.file, reject.row) for reject in self.rejects})

    def relation(self, source: str) -> str:
        """Return the quoted name of a source's relation in the connection."""
        return self.narrowed.get(source, relation_of(source))

    def narrow(self, relations: Mapping[str, str]) -> Tables:
        """Return tables in which other relations replace some sources. They hold a part of the rows.

        Facts about whole files are dropped, because they are not true of a part of the rows.
        """
        whole = {name: files for name, files in self.in_place.items() if name not in relations}
        return replace(self, store=None, file_rows={}, in_place=whole, narrowed={**self.narrowed, **relations})

    def days(self, source: str, column: str) -> tuple[date, date] | None:
        """Return the first and last day in a column; None without any."""
        known = self.file_rows.get(source)
        if known:
            ends = [date.fromisoformat(day) for file in known for day in file.facts.days[column]]
            return (min(ends), max(ends)) if ends else None
        name = quoted(column)
        query = f"select min({name}), max({name}) from {self.relation(source)}"
        ((first, last),) = self.connection.cursor().execute(query).fetchall()
        return None if first is None else (first, last)

    def arrow(self, source: str, columns: Sequence[str]) -> pa.Table:
        """Return columns of a source as an Arrow table: decimals as decimal128, dates as date32, no floats."""
        named = ", ".join(map(quoted, columns))
        found = self.connection.cursor().sql(f"select {named} from {self.relation(source)}")
        return found.to_arrow_table()

    def rows(self, source: str, condition: str = "", parameters: Sequence[object] = ()) -> Iterator[Row]:
        """Yield the rows of a source as exact values, in file order.

        `condition` is an SQL condition with `parameters`; an empty one selects all rows.
        """
        where = f" where {condition}" if condition else ""
        query = f"select * from {self.relation(source)}{where} order by _file, _row"
        cursor = self.connection.cursor().execute(query, list(parameters))
        names = [column[0] for column in cursor.description]
        while batch := cursor.fetchmany(10_000):
            for values in batch:
                yield {name: exact(value) for name, value in zip(names, values, strict=True)}

    def count(self, source: str, condition: str = "true", parameters: Sequence[object] = ()) -> int:
        """Return the number of rows of a source for which a condition holds."""
        query = f"select count(*) from {self.relation(source)} where {condition}"
        ((rows,),) = self.connection.cursor().execute(query, list(parameters)).fetchall()
        return int(rows)

    def some_rows(self, source: str, condition: str, parameters: Sequence[object], columns: Sequence[str]) -> list[Row]:
        """Return some columns of the rows for which a condition holds, in file order.

        `columns` must include `_file` and `_row`.
        """
        query = f"select {', '.join(map(quoted, columns))} from {self.relation(source)} where {condition}"
        found = self.connection.cursor().execute(query, list(parameters)).fetchall()
        file, row = columns.index("_file"), columns.index("_row")
        found.sort(key=lambda values: (values[file], values[row]))
        return [dict(zip(columns, map(exact, values), strict=True)) for values in found]


def exact(value: object) -> Cell:
    """Return a DuckDB value as an exact one.

    Raises:
        TypeError: For a float, because money is never a float.
    """
    if value is None or isinstance(value, bool | str | date):
        return value
    if isinstance(value, int | Decimal):
        return Fraction(value)
    raise TypeError(f"inexact value {value!r}")
