"""The contracts of data sources, as plain values. `file.py` reads `spm.yaml` into them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from spmlang.diagnostics.text import Span


class ColumnKind(StrEnum):
    """The kind of values in a column.

    `count` is a whole number, `number` an exact decimal, `rate` a fraction (0.065 or 6.5%).
    """

    MONEY = "money"
    RATE = "rate"
    NUMBER = "number"
    COUNT = "count"
    DATE = "date"
    TEXT = "text"
    FLAG = "flag"


class BadRows(StrEnum):
    """The treatment of a row that breaks its contract: stop the run, or set the row aside into rejects.csv."""

    STOP = "stop"
    REJECT = "reject"


class Folder(StrEnum):
    """The folder that a source's file patterns are relative to.

    Either the data folder (`--data`), or the folder of spm.yaml (for paths that begin with ./).
    """

    DATA = "data"
    PROJECT = "project"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a source. `name` is its name in plan text, `header` its name in the file.

    `scale` is the number of decimal places, `digits` the total number of digits (for money, rate and number; at most
    38). `values` are the allowed texts; if empty, any text is allowed. `references` names the source whose single key
    column this column refers to. `minimum` and `maximum` are the allowed limits, as plain decimals or ISO dates.
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
    """The dates of a dated source: each row holds from a day (column `start`) through a day (column `through`).

    An empty `through` means an open end. Without a `through` column a row holds until the day before the next row of
    the same key. Rows of one key never overlap.
    """

    start: str
    through: str | None


@dataclass(frozen=True, kw_only=True)
class Contract:
    """One declared source. The `key` columns identify a row; in a dated source, key and day together do."""

    name: str
    files: tuple[str, ...]  # glob patterns, relative to `folder`
    folder: Folder
    format: str  # the name of a format in `formats.py`
    delimiter: str
    key: tuple[str, ...]
    dated: Dated | None
    columns: tuple[Column, ...]
    bad_rows: BadRows
    span: Span = field(compare=False, repr=False)

    def column(self, name: str) -> Column | None:
        """Return the column with this name in plan text, or None."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True, kw_only=True)
class Project:
    """The content of `spm.yaml`.

    `root` is the folder of the file, as the user named it. `data` is the default data folder below `root`.
    """

    name: str
    root: str
    data: str
    plans: tuple[str, ...]  # glob patterns of plan files, relative to root
    contracts: dict[str, Contract]
    roster: str | None
    managers: str | None
    span: Span = field(compare=False, repr=False)
