"""Measures, credit shares and territories with their dates, typed and proven."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from spmlang.diagnostics.text import Span
from spmlang.values.calendar import Grain

from .expressions import Column, Expr, Step
from .types import Type


@dataclass(frozen=True)
class DateRange:
    """The days from `start` through `through`, both included. Without `through` the end is open."""

    start: date
    through: date | None

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.through is None or day <= self.through)

    def __str__(self) -> str:
        return f"from {self.start} through {self.through}" if self.through else f"from {self.start}"


@dataclass(frozen=True)
class DirectCredit:
    """A credit share for the payee that a column of the row names.

    The column may also belong to a row that the row refers to.
    """

    payee: Column
    share: Fraction
    overlay: bool  # credit beyond the 100%; passed to managers only if the rollup says so
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class TerritoryCredit:
    """A credit share for the payee who owns a territory on the measure's date.

    It is the territory that covers the row reached by `steps` from source `root`.
    """

    root: str
    steps: tuple[Step, ...]
    source: str  # the source of the row reached; only territories of this source count
    share: Fraction
    overlay: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class GroupCredit:
    """A credit share for every payee of a group that the row names.

    Attributes:
        group: The row's column that names the group.
        table: The table of members. A dated table's rows count if they are in force on the measure's date.
        key: The column of `table` that `group` is looked up in.
        by: The column with each member's share; the shares of a group add up to 100% unless it is an overlay. If None,
            each member gets the full credit.
    """

    group: Column
    table: str
    key: str
    by: Column | None
    share: Fraction
    overlay: bool
    span: Span = field(compare=False, repr=False)


CreditRule = DirectCredit | TerritoryCredit | GroupCredit


@dataclass(frozen=True)
class CountDistinct:
    """A count of distinct values: only the first row of each value counts for a payee in an interval of `grain`.

    The first row is the earliest by day, then by key.
    """

    column: Column
    grain: Grain


@dataclass(frozen=True)
class Rollup:
    """A rollup: credits of another measure, passed to the payee's managers on each credit's own date.

    Overlay credit is passed on only with `overlays`, so that no manager gets more than 100% of a transaction.
    """

    measure: str
    overlays: bool
    all_levels: bool  # True: the whole reporting line above; False: the direct manager only


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A measure: the number that is summed or counted, its date, and its credit shares.

    Either `rollup` is set, or `source`, `on` and `credits` are (with optional `value`, `where`, `counts`, `distinct`).
    If `value` is None, the measure counts rows; with `distinct` it counts one row for each value.
    """

    name: str
    label: str
    type: Type
    source: str | None
    value: Expr | None
    where: Expr | None
    on: Column | None
    credits: tuple[CreditRule, ...]
    counts: DateRange | None  # rows dated outside of it do not count; None: every row of the run counts
    rollup: Rollup | None
    distinct: CountDistinct | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Ownership:
    """The owner of a territory for a range of days."""

    payee: str
    dates: DateRange
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, kw_only=True)
class Territory:
    """The rows of `source` that satisfy `covers`, with their owners.

    Owners come either from the plan text or from an owners table. In an owners table the rows whose `territory` column
    equals `code` belong to this territory.
    """

    name: str
    label: str
    source: str
    covers: Expr
    owners: tuple[Ownership, ...]
    owners_table: str | None
    code: str
    span: Span = field(compare=False, repr=False)
