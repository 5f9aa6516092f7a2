"""The nodes of the relational form.

Numbers are whole; `ToUnits` turns a decimal column into units. Division gives the whole part of the quotient, or the
remainder, so that every engine gives the same digits.

The columns of a relation have unique names. The two sides of a join share only the columns they join on. Text, dates
and flags pass through unchanged.
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from datetime import date

from spmlang.diagnostics.text import Span

# ---- scalars ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ref:
    """A column of the relation that the scalar is evaluated on."""

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
    """An arithmetic operation on whole numbers: + - *, `/` (cut off towards zero), `%` (with the sign of the dividend)."""

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
    """`and` or `or` over operands."""

    operator: str
    operands: tuple[Scalar, ...]


@dataclass(frozen=True)
class Not:
    """The negation of a condition."""

    operand: Scalar


@dataclass(frozen=True)
class IsNull:
    """True if a value is absent."""

    value: Scalar


@dataclass(frozen=True)
class IsIn:
    """True if a value is one of some constants."""

    value: Scalar
    options: tuple[Const, ...]


@dataclass(frozen=True)
class Call:
    """A function of scalars, by its name.

    `coalesce`, `least`, `greatest`, `abs`, `dated_key` (a key and a date as one text), `day_number` (of a date; that of
    0001-01-01, a Monday, is 0).
    """

    name: str
    arguments: tuple[Scalar, ...]


@dataclass(frozen=True)
class Case:
    """The value of the first branch (test, value) whose test holds, or `otherwise`."""

    branches: tuple[tuple[Scalar, Scalar], ...]
    otherwise: Scalar


Scalar = Ref | Const | Null | ToUnits | Binary | Compare | Logic | Not | IsNull | IsIn | Call | Case

# ---- relations --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Source:
    """A declared source, with the columns to read: (new name, column)."""

    name: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Stage:
    """An earlier stage or an input of the pipeline, by name."""

    name: str


@dataclass(frozen=True)
class Filter:
    """The rows for which the test holds."""

    relation: Relation
    test: Scalar


@dataclass(frozen=True)
class Project:
    """A relation of new columns only, calculated from the old ones: (name, value)."""

    relation: Relation
    columns: tuple[tuple[str, Scalar], ...]


@dataclass(frozen=True)
class AddColumns:
    """The relation with further columns: (name, value).

    `passing`: only expressions directly on top of this node read the new columns, so they need not be kept.
    """

    relation: Relation
    columns: tuple[tuple[str, Scalar], ...]
    passing: bool = False


@dataclass(frozen=True)
class Join:
    """An inner join, or a left join if `optional`.

    Its condition is equality of the columns `using`, which the result has once, or the test `on`.
    """

    left: Relation
    right: Relation
    using: tuple[str, ...] = ()
    _: KW_ONLY
    on: Scalar | None = None
    optional: bool = False


@dataclass(frozen=True)
class AggregateColumn:
    """One aggregate: `function` of `value` over the rows of a group for which `where` holds.

    `function` is sum, min, max, count or last. `last` is the value of the row with the greatest `order`; that value is
    never absent.
    """

    name: str
    function: str
    value: Scalar
    _: KW_ONLY
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
    """A window column: `sum`, `min`, `max`, `row_number` or `rank`.

    `order` has pairs (column, descending). With an order an aggregate covers the rows up to the current one.
    """

    name: str
    function: str
    value: Scalar | None
    _: KW_ONLY
    partition: tuple[str, ...]
    order: tuple[tuple[str, bool], ...] = ()  # (column, descending)


@dataclass(frozen=True)
class Window:
    """The relation with window columns beside its own."""

    relation: Relation
    values: tuple[WindowColumn, ...]


@dataclass(frozen=True)
class Union:
    """All rows of relations with the same columns, duplicates kept."""

    relations: tuple[Relation, ...]


@dataclass(frozen=True)
class SharedScan:
    """The union of several queries over one scan of a relation.

    `columns` (name, value) are computed once from `relation`, and all `readers` read them as the stage `name`. Readers
    may only sum a calculated column, because an engine may give it a type that is too narrow for other arithmetic.
    """

    relation: Relation
    columns: tuple[tuple[str, Scalar], ...]
    name: str
    readers: tuple[Relation, ...]


@dataclass(frozen=True)
class EveryDay:
    """Each row once for every day from column `first` through column `last`, with the day in column `name`."""

    relation: Relation
    first: str
    last: str
    name: str


#: The columns of the relation of a `ManagerChain`, and of the chain.
MANAGER_PAIR = ("payee", "manager", "base", "first_slice", "slice")


@dataclass(frozen=True)
class ManagerChain:
    """All pairs of a payee and a manager above that payee at any level, each once.

    `relation` holds the pairs of payees and direct managers. Its columns, and those of the result, are `MANAGER_PAIR`:
    a pair holds from `first_slice` through `slice` of a base. If a pair is above another in that pair's last slice, it
    must hold in all of that pair's slices.
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
    """A small constant table.

    `columns` are (name, type), where type is one of "index", "whole", "text", "date", "flag".
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[int | str | date | bool | None, ...], ...]


@dataclass(frozen=True)
class Step:
    """A named stage of the pipeline: a table that a person can open.

    `place` names the plan lines that the stage comes from; it is empty if there are none.
    """

    name: str
    relation: Relation
    place: str


@dataclass(frozen=True)
class PerFileStage:
    """A stage that is computed for each file of a source by itself.

    The partial results of an aggregate are then combined into one row for each group; other rows are put one after
    another. `depends` is a digest of everything that the stage depends on besides the files.
    """

    name: str
    relation: Relation
    place: str
    _: KW_ONLY
    source: str
    depends: str


@dataclass(frozen=True)
class WeightStage:
    """A stage whose rows are shared or ranked by sums of exact fractions.

    Its rows are those of `relation`, one for each combination of the `by` columns, with a further column `found`. The
    weight of a row is the sum of `top` / `bottom` (`bottom` is greater than zero) over its combination; a sum below
    zero counts as zero. Rows that agree in the columns `group` form a group.

    With `total`, `found` is the row's share of that column within its group, by largest remainder, ties in the order of
    `by`. With `equally` the shares are equal if no row of the group has a weight. Without `total`, `found` is a score:
    0 for no weight, 1 for the least weight of the group, and so on; equal weights have equal scores.
    """

    name: str
    relation: Relation
    place: str
    _: KW_ONLY
    top: Scalar
    bottom: Scalar
    by: tuple[str, ...]
    group: tuple[str, ...]
    total: str | None
    equally: bool


@dataclass(frozen=True)
class Check:
    """Rows that must not exist, or rows to note if the message is a warning.

    Every column of a row is a word of the message `slug`, besides the constant `words`. The message points to `span` in
    plan text, or to the data cell that the columns `_file` and `_row` (and the word `_column`) name.
    """

    slug: str
    relation: Relation
    span: Span | None = None
    words: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class Output:
    """A result table.

    `order` lists the columns that the rows are sorted by; some of them may not be columns of the result. The table is
    empty if the stage `given` is. `place` names plan lines, as that of a stage does.
    """

    name: str
    relation: Relation
    order: tuple[str, ...]
    _: KW_ONLY
    place: str = ""
    given: str | None = None


@dataclass(frozen=True)
class Pipeline:
    """A compiled program: inputs, then stages and checks in order, then outputs."""

    inputs: tuple[Input, ...]
    stages: tuple[Step | Check | PerFileStage | WeightStage, ...]
    outputs: tuple[Output, ...]
