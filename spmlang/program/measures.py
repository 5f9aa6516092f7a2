"""What is counted and who is credited for it: measures, territories and their dates, typed and proven."""

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
    """From a day through a day, both included; open ended without `through`."""

    start: date
    through: date | None

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.through is None or day <= self.through)

    def __str__(self) -> str:
        return f"from {self.start} through {self.through}" if self.through else f"from {self.start}"


@dataclass(frozen=True)
class DirectCredit:
    """Credit to the payee that a column of the row (or of a row it refers to) names."""

    payee: Column
    share: Fraction
    overlay: bool  # on top of what is shared; it is passed to managers only where the rollup says so
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class TerritoryCredit:
    """Credit to whoever owns, on the measure's date, the territory that covers the row reached by `steps` from `root`."""

    root: str
    steps: tuple[Step, ...]
    source: str  # the source of the row reached; only territories of this source are asked
    share: Fraction
    overlay: bool
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class GroupCredit:
    """Credit to every payee whose row of `table` names the group and, if the table is dated, is in force on the measure's date.

    `group` is the row's column, `key` the table's column that it is found in. `by`: the column of each member's share (then the
    shares of a group add up to 100%, but for an overlay); None: all of it to each of them.
    """

    group: Column
    table: str
    key: str
    by: Column | None
    share: Fraction
    overlay: bool
    span: Span = field(compare=False, repr=False)


Share = DirectCredit | TerritoryCredit | GroupCredit


@dataclass(frozen=True)
class CountDistinct:
    """Only the first row of each value counts, for a payee in every interval of `grain`: the first by day, then by key."""

    column: Column
    grain: Grain


@dataclass(frozen=True)
class Rollup:
    """Credit of another measure, passed to the payee's managers on each credit's own date.

    Credit that is an overlay is passed on only with `overlays`: so nobody stands for more than all of a transaction.
    """

    measure: str
    overlays: bool
    all_levels: bool  # True: the whole line above; False: the direct manager only


@dataclass(frozen=True)
class Measure:
    """What is counted, on which date, and who is credited.

    Either `rollup` is set (and source, value, where, on, credits, counts are not), or `source` is. `value` None counts rows, with
    `distinct` one for each value.
    """

    name: str
    label: str
    type: Type
    source: str | None
    value: Expr | None
    where: Expr | None
    on: Column | None
    credits: tuple[Share, ...]
    counts: DateRange | None  # rows dated outside do not count; None: every row of the run
    rollup: Rollup | None
    distinct: CountDistinct | None
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Ownership:
    """Who owns a territory, and when."""

    payee: str
    dates: DateRange
    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True)
class Territory:
    """The rows of `source` that satisfy `covers`. Owners come from the plan text or from an owners table, never both.

    In an owners table the rows whose `territory` column equals `code` are this territory's.
    """

    name: str
    label: str
    source: str
    covers: Expr
    owners: tuple[Ownership, ...]
    owners_table: str | None
    code: str
    span: Span = field(compare=False, repr=False)
