"""The typed tables of a run, held in a DuckDB connection: the only door through which engines see data.

Every source is a relation (table or view) whose name `Tables.relation` gives. Its columns are the contract's names, with types
money, rate, number: DECIMAL(digits, scale) · count: BIGINT · date: DATE · text: VARCHAR · flag: BOOLEAN, and besides:
`_file` VARCHAR (as shown to the user), `_row` BIGINT (data row in that file, from 1; the header does not count),
`_key` VARCHAR (the key columns as text, joined by "|"), and for dated sources `_from` DATE, `_through` DATE (9999-12-31
when open).
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


@dataclass(frozen=True)
class Reject:
    """A row set aside because it breaks its contract."""

    source: str
    file: str
    row: int | None
    column: str | None
    value: str | None
    code: str
    cause: str


@dataclass(frozen=True)
class InputFile:
    """A file that was read, for the manifest: its name as shown, its SHA-256, the rows it gave."""

    source: str
    file: str
    sha256: str
    rows: int


@dataclass(frozen=True)
class StoredColumn:
    """A column whose values are what is stored: what the files call it, and its type as above.

    `blank` where an empty text, too, means that there is no value.
    """

    header: str
    type: str
    blank: bool


@dataclass(frozen=True)
class ReadableInPlace:
    """Parquet files that hold a source as it is, without a row set aside: an engine may read them by itself.

    `files` are as shown, relative to `folder`. `columns`, by the contract's names, leaves out those that are converted.
    """

    folder: Path
    files: tuple[str, ...]
    key: tuple[str, ...]
    columns: Mapping[str, StoredColumn]


@dataclass(frozen=True)
class Tables:
    """Sources by name in one connection. Values come out exact: numbers as Fraction, never float."""

    connection: duckdb.DuckDBPyConnection
    contracts: dict[str, Contract]
    files: tuple[InputFile, ...] = ()
    rejects: tuple[Reject, ...] = field(default=())
    store: Store | None = None
    #: What is known of the files of a source, where each is a part of it by itself.
    parts: Mapping[str, tuple[FileRows, ...]] = field(default_factory=dict)
    stored: Mapping[str, ReadableInPlace] = field(default_factory=dict)
    #: Relations that stand for a source, as they hold the rows of it that matter.
    narrowed: Mapping[str, str] = field(default_factory=dict)

    @property
    def rejected_rows(self) -> int:
        """How many rows were set aside; one row may break its contract in several ways."""
        return len({(reject.file, reject.row) for reject in self.rejects})

    def relation(self, source: str) -> str:
        """The quoted name of a source's relation in the connection."""
        return self.narrowed.get(source, relation_of(source))

    def narrow(self, relations: Mapping[str, str]) -> Tables:
        """Return tables in which some sources are other relations; what is known of whole files is dropped."""
        apart = {name: found for name, found in self.stored.items() if name not in relations}
        return replace(self, store=None, parts={}, stored=apart, narrowed={**self.narrowed, **relations})

    def days(self, source: str, column: str) -> tuple[date, date] | None:
        """The first and the last day in a column; None without any."""
        known = self.parts.get(source)
        if known:
            ends = [date.fromisoformat(day) for part in known for day in part.facts.days[column]]
            return (min(ends), max(ends)) if ends else None
        name = quoted(column)
        query = f"select min({name}), max({name}) from {self.relation(source)}"
        ((first, last),) = self.connection.cursor().execute(query).fetchall()
        return None if first is None else (first, last)

    def arrow(self, source: str, columns: Sequence[str]) -> pa.Table:
        """Columns of a source as Arrow, for an engine elsewhere: decimals as decimal128, dates as date32, no floats."""
        named = ", ".join(map(quoted, columns))
        found = self.connection.cursor().sql(f"select {named} from {self.relation(source)}")
        return found.to_arrow_table()

    def rows(self, source: str, condition: str = "", parameters: Sequence[object] = ()) -> Iterator[Row]:
        """The rows of a source as exact values, in file order; `condition` is an SQL condition to push down."""
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
        """Columns of the rows for which a condition holds, in file order; `_file` and `_row` are among them."""
        query = f"select {', '.join(map(quoted, columns))} from {self.relation(source)} where {condition}"
        found = self.connection.cursor().execute(query, list(parameters)).fetchall()
        file, row = columns.index("_file"), columns.index("_row")
        found.sort(key=lambda values: (values[file], values[row]))
        return [dict(zip(columns, map(exact, values), strict=True)) for values in found]


def exact(value: object) -> Cell:
    """A DuckDB value as an exact one. Raises TypeError for a float: money never touches one."""
    if value is None or isinstance(value, bool | str | date):
        return value
    if isinstance(value, int | Decimal):
        return Fraction(value)
    raise TypeError(f"inexact value {value!r}")
