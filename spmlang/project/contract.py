"""The promises a data source makes, as plain values. `spm.yaml` is read into these by `file.py`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from spmlang.diagnostics.text import Span


class ColumnKind(StrEnum):
    """What a column holds. `count` is a whole number, `number` an exact decimal, `rate` a fraction (0.065 or 6.5%)."""

    MONEY = "money"
    RATE = "rate"
    NUMBER = "number"
    COUNT = "count"
    DATE = "date"
    TEXT = "text"
    FLAG = "flag"


class BadRows(StrEnum):
    """What happens to a row that breaks its contract: the run stops, or the row is set aside into rejects.csv."""

    STOP = "stop"
    REJECT = "reject"


class Folder(StrEnum):
    """What a source's files are relative to: the data folder (`--data`), or the folder of spm.yaml (paths that begin ./)."""

    DATA = "data"
    PROJECT = "project"


@dataclass(frozen=True)
class Column:
    """One column. `name` is what plan text says, `header` what the file says.

    `scale` is the number of decimal places, `digits` the digits in all (money, rate and number; at most 38).
    `values` are the allowed texts (empty: any). `references` names the source whose single key column this one points to.
    `minimum` and `maximum` are the least and the greatest allowed value, as plain decimals or ISO dates.
    """

    name: str
    header: str
    kind: ColumnKind
    span: Span = field(compare=False, repr=False)
    currency: str | None = None
    scale: int = 0
    digits: int = 18
    optional: bool = False
    values: tuple[str, ...] = ()
    references: str | None = None
    minimum: str | None = None
    maximum: str | None = None


@dataclass(frozen=True)
class Dated:
    """A source whose rows hold from a day (`start` column) through a day (`through` column, empty: open).

    Without a `through` column a row holds until the day before the next row of the same key.
    Rows of one key never overlap.
    """

    start: str
    through: str | None


@dataclass(frozen=True)
class Contract:
    """One declared source. `key` columns identify a row (of a dated source: together with the day)."""

    name: str
    files: tuple[str, ...]  # glob patterns, relative to `folder`
    folder: Folder
    format: str  # "csv" (also gzipped) or "parquet"
    delimiter: str
    key: tuple[str, ...]
    dated: Dated | None
    columns: tuple[Column, ...]
    bad_rows: BadRows
    span: Span = field(compare=False, repr=False)

    def column(self, name: str) -> Column | None:
        """The column plan text calls `name`, if any."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True)
class Project:
    """What `spm.yaml` says. `root` is the folder it lies in (as the user named it), `data` the default data folder below it."""

    name: str
    root: str
    data: str
    plans: tuple[str, ...]  # glob patterns of plan files, relative to root
    contracts: dict[str, Contract]
    roster: str | None
    managers: str | None
    span: Span = field(compare=False, repr=False)
