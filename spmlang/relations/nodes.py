"""The nodes of the relational form. Numbers are whole (`ToUnits` brings a decimal column to units); a division
gives the whole part of the quotient, or what is left over, so every engine gives the same digits.

A relation's columns have unique names; a join's sides share only those it joins on. Text, dates and flags pass through unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from spmlang.diagnostics.text import Span

# ---- scalars ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ref:
    """A column of the relation at hand."""

    name: str


@dataclass(frozen=True)
class Const:
    """A constant: whole number, text, date or flag."""

    value: int | str | date | bool


@dataclass(frozen=True)
class Null:
    """An absent value of a type: "index", "whole", "text", "date" or "flag"."""

    type: str


@dataclass(frozen=True)
class ToUnits:
    """A decimal (money, rate, number) as a whole number of units of 10^-scale."""

    value: Scalar
    scale: int


@dataclass(frozen=True)
class Binary:
    """Whole-number arithmetic: + - *, `%` (sign of the dividend), `/` (toward zero: what is left over is cut off)."""

    operator: str
    left: Scalar
    right: Scalar


@dataclass(frozen=True)
class Compare:
    """A comparison: == != < <= > >=."""

    operator: str
    left: Scalar
    right: Scalar


@dataclass(frozen=True)
class Logic:
    """`and`, `or` over operands."""

    operator: str
    operands: tuple[Scalar, ...]


@dataclass(frozen=True)
class Not:
    """Negation."""

    operand: Scalar


@dataclass(frozen=True)
class IsNull:
    """True where a value is absent."""

    value: Scalar


@dataclass(frozen=True)
class IsIn:
    """Membership in constants."""

    value: Scalar
    options: tuple[Const, ...]


@dataclass(frozen=True)
class Call:
    """A function: `coalesce`, `least`, `greatest`, `abs`, `dated_key` (a key and a date as one text), and
    `day_number` (of a date; 0001-01-01, a Monday, is 0).
    """

    name: str
    arguments: tuple[Scalar, ...]


@dataclass(frozen=True)
class Case:
    """The value of the first test that holds, or `otherwise`."""

    branches: tuple[tuple[Scalar, Scalar], ...]
    otherwise: Scalar


Scalar = Ref | Const | Null | ToUnits | Binary | Compare | Logic | Not | IsNull | IsIn | Call | Case

# ---- relations --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """A declared source, with the columns wanted: (new name, column)."""

    name: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Stage:
    """An earlier stage or input of this program, by name."""

    name: str


@dataclass(frozen=True)
class Filter:
    """The rows for which the test holds."""

    relation: Relation
    test: Scalar


@dataclass(frozen=True)
class Project:
    """New columns from old ones: (name, value)."""

    relation: Relation
    columns: tuple[tuple[str, Scalar], ...]


@dataclass(frozen=True)
class AddColumns:
    """The relation with further columns. `passing`: only what is calculated directly on top of it reads them."""

    relation: Relation
    columns: tuple[tuple[str, Scalar], ...]
    passing: bool = False


@dataclass(frozen=True)
class Join:
    """Inner join (left join when `optional`), either on columns of the same name, kept once, or where a test holds."""

    left: Relation
    right: Relation
    using: tuple[str, ...] = ()
    on: Scalar | None = None
    optional: bool = False


@dataclass(frozen=True)
class AggregateColumn:
    """One aggregate: `function` (sum, min, max, count, last) of `value` over the group's rows for which `where` holds.

    `last` is the value (never absent) of the row with the greatest `order`.
    """

    name: str
    function: str
    value: Scalar
    where: Scalar | None = None
    order: Scalar | None = None


@dataclass(frozen=True)
class Aggregate:
    """One row for each combination of the `by` columns."""

    relation: Relation
    by: tuple[str, ...]
    values: tuple[AggregateColumn, ...]


@dataclass(frozen=True)
class WindowColumn:
    """One window value: `sum`, `min`, `max`, `row_number` or `rank`; with an order a sum runs up to the current row."""

    name: str
    function: str
    value: Scalar | None
    partition: tuple[str, ...]
    order: tuple[tuple[str, bool], ...] = ()  # (column, descending)


@dataclass(frozen=True)
class Window:
    """The relation with window values beside its columns."""

    relation: Relation
    values: tuple[WindowColumn, ...]


@dataclass(frozen=True)
class Union:
    """All rows of relations with the same columns."""

    relations: tuple[Relation, ...]


@dataclass(frozen=True)
class SharedScan:
    """All rows of several readings of one relation, which is gone through once.

    `columns` are made of `relation` for all `readers`, which find them in a stage of the name `name`; what is calculated here is
    summed there, and nothing else.
    """

    relation: Relation
    columns: tuple[tuple[str, Scalar], ...]
    name: str
    readers: tuple[Relation, ...]


@dataclass(frozen=True)
class EveryDay:
    """Each row once for every day from column `first` through column `last`, the day in column `name`."""

    relation: Relation
    first: str
    last: str
    name: str


@dataclass(frozen=True)
class ManagerChain:
    """From pairs (payee, manager, base, first_slice, slice) to all that are reachable upwards, each once.

    A pair holds from the first slice through `slice` of a base; the pairs above it hold at least as long.
    """

    relation: Relation


Relation = (
    Source
    | Stage
    | Filter
    | Project
    | AddColumns
    | Join
    | Aggregate
    | Window
    | Union
    | SharedScan
    | EveryDay
    | ManagerChain
)

# ---- programs ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Input:
    """A small constant table: `columns` are (name, type), the type one of "index", "whole", "text", "date", "flag"."""

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[int | str | date | bool | None, ...], ...]


@dataclass(frozen=True)
class Step:
    """A named stage of the pipeline: a table that a person can open. `place` is the plan line it comes from, if it is one."""

    name: str
    relation: Relation
    place: str


@dataclass(frozen=True)
class PerFileStage:
    """A stage of what each file of a source gives by itself: an aggregate's rows are those of its files, put together again.

    `depends` is the name of all that it depends on besides the files.
    """

    name: str
    relation: Relation
    place: str
    source: str
    depends: str


@dataclass(frozen=True)
class WeightStage:
    """A stage that fractions decide about: the relation's rows, those alike in `by` as one, with what that one gets in column
    `found`. `top` over `bottom` (greater than zero) is summed, exact; what is below zero weighs nothing.

    With a `total` it is the row's share of that column among rows alike in `group`, by largest remainder, ties in the order of
    `by`; with `equally` an equal share where nothing weighs. Without, it is a score: 0 for no weight, 1 for the least, the same
    for the same.
    """

    name: str
    relation: Relation
    place: str
    top: Scalar
    bottom: Scalar
    by: tuple[str, ...]
    group: tuple[str, ...]
    total: str | None
    equally: bool


@dataclass(frozen=True)
class Check:
    """Rows that must not exist; of a message that warns, rows to be noted.

    Every column of a row is a word of message `slug`, besides the constant `words`.

    Where: `span` in plan text, or the data cell that the columns `_file` and `_row` (and the word `_column`) name.
    """

    slug: str
    relation: Relation
    span: Span | None = None
    words: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class Output:
    """A result table; its rows come in the order of columns that it may have for nothing else.

    `given` is a stage without whose rows it has none. `place` as of a stage.
    """

    name: str
    relation: Relation
    order: tuple[str, ...]
    place: str = ""
    given: str | None = None


@dataclass(frozen=True)
class Pipeline:
    """Inputs, stages and checks in order, and the outputs."""

    inputs: tuple[Input, ...]
    stages: tuple[Step | Check | PerFileStage | WeightStage, ...]
    outputs: tuple[Output, ...]
