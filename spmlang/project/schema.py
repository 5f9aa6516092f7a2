"""The shape of spm.yaml: what may stand where, before it is asked whether it makes sense.

A source's columns and a project's sources are proven one by one, so that one mistake does not hide the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .contract import BadRows, ColumnKind
from .shapes import (
    Group,
    Key,
    Wrong,
    any_number,
    flag,
    maybe,
    named,
    number,
    one_of,
    one_or_more,
    sign,
    text,
    texts,
    whole,
)


@dataclass(frozen=True)
class ColumnShape:
    """`amount: {type: money, currency: USD}`; `amount: text` is short for `amount: {type: text}`."""

    type: ColumnKind
    header: str | None = None
    currency: str | None = None
    scale: int | None = None
    digits: int | None = None
    optional: bool = False
    values: list[str] = field(default_factory=list)
    references: str | None = None
    minimum: str | None = None


@dataclass(frozen=True)
class DatedShape:
    """`dated: {from: start_date, through: end_date}`."""

    start: str
    through: str | None = None


@dataclass(frozen=True)
class SourceShape:
    """One source; its columns are yet to be proven."""

    files: list[str]
    columns: dict[str, object]
    key: list[str] = field(default_factory=list)
    delimiter: str = ","
    bad_rows: BadRows = BadRows.STOP
    dated: DatedShape | None = None


@dataclass(frozen=True)
class ProjectShape:
    """The whole file; its sources are yet to be proven."""

    name: str
    roster: str
    sources: dict[str, object]
    data: str = "data"
    plans: list[str] = field(default_factory=lambda: ["**/*.spm"])
    managers: str | None = None


COLUMN = Group(
    ColumnShape,
    {
        "type": Key(one_of(ColumnKind, Wrong.COLUMN_TYPE), required=True),
        "header": Key(maybe(text)),
        "currency": Key(maybe(text)),
        "scale": Key(maybe(whole)),
        "digits": Key(maybe(whole)),
        "optional": Key(flag),
        "values": Key(texts),
        "references": Key(maybe(text)),
        "minimum": Key(maybe(number)),
    },
)

DATED = Group(DatedShape, {"from": Key(text, "start", required=True), "through": Key(maybe(text))})

SOURCE = Group(
    SourceShape,
    {
        "files": Key(one_or_more, required=True),
        "key": Key(any_number),
        "delimiter": Key(sign),
        "bad_rows": Key(one_of(BadRows)),
        "dated": Key(maybe(DATED.read)),
        "columns": Key(named, required=True),
    },
)

PROJECT = Group(
    ProjectShape,
    {
        "name": Key(text, required=True),
        "data": Key(text),
        "plans": Key(one_or_more),
        "roster": Key(text, required=True),
        "managers": Key(maybe(text)),
        "sources": Key(named, required=True),
    },
)
