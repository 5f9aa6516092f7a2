"""The tables that every engine returns, equal row for row and cent for cent, in a stated order.

Numbers are whole. `…_units` count the smallest unit of the value's scale (12.5 of a measure of scale 4 is 125000
units), `…_minor` count minor units of the plan's currency (cents). Their type is `decimal128(38, 0)`, which knows no
float and no overflow below 10^38.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Annotated, Any, Protocol, TypeVar, get_type_hints

import pyarrow as pa

from spmlang.data.tables import Tables
from spmlang.diagnostics.diagnostic import Diagnostic
from spmlang.program.program import Program
from spmlang.values.calendar import Interval

WHOLE = pa.decimal128(38, 0)

#: A dataclass whose fields are the columns of a table.
Row = TypeVar("Row")

# A field of a row: its type in Python, and that of its column.
Text = Annotated[str, pa.string()]
OptionalText = Annotated[str | None, pa.string()]
Number = Annotated[int, pa.int32()]
OptionalNumber = Annotated[int | None, pa.int32()]
RowNumber = Annotated[int, pa.int64()]
OptionalRowNumber = Annotated[int | None, pa.int64()]
Day = Annotated[date, pa.date32()]
Whole = Annotated[int, WHOLE]
OptionalWhole = Annotated[int | None, WHOLE]


def schema_of(row: type[Any]) -> pa.Schema:
    """Return the columns of a table, one for each field of its rows.

    A field that would be a word of Python ends with "_", which its column leaves out.
    """
    types = get_type_hints(row, include_extras=True)
    return pa.schema([(field.name.rstrip("_"), types[field.name].__metadata__[0]) for field in fields(row)])


def field_names(row: type[Any]) -> tuple[str, ...]:
    """Return the names of the fields of a table's rows, in the order of its columns."""
    return tuple(field.name for field in fields(row))


def table_of(row: type[Row], rows: Iterable[Row]) -> pa.Table:
    """Return rows as a table, in their order."""
    found = list(rows)
    schema = schema_of(row)
    columns = [[getattr(item, name) for item in found] for name in field_names(row)]
    arrays = [pa.array(values, column.type) for values, column in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)


@dataclass(frozen=True, kw_only=True, slots=True)
class PayoutRow:
    """A payout of a payee by a component of a plan version in a pay period.

    There is one if an interval of the component falls due in the period, and the payee was on that plan version for at
    least a day of that interval. Payouts are sorted by the first five columns.

    Attributes:
        measure_units: The component's main measure to date, at the payee's last day on the version in the interval.
            Null without a main measure.
        quota_units: The quota of the main measure on that day; null without one.
        credited_units: Credits to the main measure on the payee's days on the version in the interval.
        revenue_units: Credits on these days to the measure that counts as the component's revenue; null without one.
        lowest_minor: For tiers, the lowest tier's value times `credited_units`, rounded half up; null without tiers.
            (A prorated component counts the measure of the whole interval here, times the share of its days.)
        earned_minor: The earning after rounding and conditions, before caps and budget.
        amount_minor: The payout, after all limits.
    """

    period: Text
    payee: Text
    plan: Text
    version: Number
    component: Text
    measure_units: OptionalWhole
    quota_units: OptionalWhole
    credited_units: OptionalWhole
    revenue_units: OptionalWhole
    lowest_minor: OptionalWhole
    earned_minor: Whole
    amount_minor: Whole


@dataclass(frozen=True, kw_only=True, slots=True)
class CreditRow:
    """A credit of a source row to a payee, by one share of a measure. Credits are sorted by all columns.

    Attributes:
        key: The key columns of the source row joined by "|"; of a dated source with the row's first day.
        rule: The number of the share among those of the measure's credit clauses, from 0, in the order written. A
            rollup's credits have the `rule` of the credit that was rolled up.
        via: For a rollup's credit, the payee of the credit that was rolled up.
        territory: The name of the covering territory, if the share credits the owner of one.
        row: The source's `_row` (see data/tables.py).
        units: The credited amount.
    """

    measure: Text
    payee: Text
    day: Day
    source: Text
    key: Text
    rule: Number
    via: OptionalText
    territory: OptionalText
    file: Text
    row: RowNumber
    units: Whole


@dataclass(frozen=True, kw_only=True, slots=True)
class LineRow:
    """The part of a payout that one credit earned. For each payout the amounts sum to its `amount_minor`.

    Lines of zero are left out. An amount that no credit earned (a flat amount, a change by what shorter intervals
    earned) has a line of its own, which has a day, and null from `measure` through `credited_units`.
    """

    period: Text
    payee: Text
    plan: Text
    version: Number
    component: Text
    day: Day
    measure: OptionalText
    source: OptionalText
    key: OptionalText
    rule: OptionalNumber
    via: OptionalText
    file: OptionalText
    row: OptionalRowNumber
    credited_units: OptionalWhole
    amount_minor: Whole


@dataclass(frozen=True, kw_only=True, slots=True)
class UncreditedRow:
    """A share of a source row that a measure counts and that no payee can be paid for. Sorted by all columns.

    `reason` is "no-payee" (the optional column is empty), "no-territory", "no-owner", "no-member", or "not-on-roster".
    Only rows with the last one have a `payee`, who is credited all the same.
    """

    measure: Text
    day: Day
    source: Text
    key: Text
    rule: Number
    reason: Text
    territory: OptionalText
    payee: OptionalText
    file: Text
    row: RowNumber
    units: Whole


@dataclass(frozen=True, kw_only=True, slots=True)
class ReconciliationRow:
    """A class of rows and of shares of a measure. Classes are sorted by the first five columns.

    Every row and every share is in one class, except for shares in UNCREDITED without a payee.

    Attributes:
        via: "direct", "overlay" or "rollup" for shares of rows that count; empty for rows.
        class_: See docs/decisions/0011-reconciliation.md, also for `reason`.
        payee: Only filled for classes that pay no payee, as are `first_period` and `last_period` (indexes of pay
            periods).
        rows: The number of rows, or of shares.
        untold: The number of those whose amount is not known; for rows of class "counted" these are all, because their
            shares have the amounts.
        units: The sum of the amounts of the others; null without any. It is a whole number as text, because a sum of
            rows that pay no payee may have more than 38 digits and must not stop a run.
    """

    measure: Text
    via: Text
    class_: Text
    reason: Text
    payee: OptionalText
    first_period: OptionalNumber
    last_period: OptionalNumber
    rows: RowNumber
    untold: RowNumber
    units: OptionalText


@dataclass(frozen=True, kw_only=True, slots=True)
class ReleasedRow:
    """The payout of a source row, for components that pay each line when the line's own row says so.

    `source` and `key` are null for the amount that no row earned. Amounts of zero are left out. Sorted by all columns.
    """

    period: Text
    payee: Text
    plan: Text
    version: Number
    component: Text
    source: OptionalText
    key: OptionalText
    amount_minor: Whole


@dataclass(frozen=True, kw_only=True, slots=True)
class PotRow:
    """The amount of a pool's pot that was shared among payees, before caps and budgets.

    Pots are sorted by the first four columns.
    """

    period: Text
    plan: Text
    version: Number
    component: Text
    shared_minor: Whole


PAYOUTS = schema_of(PayoutRow)
CREDITS = schema_of(CreditRow)
LINES = schema_of(LineRow)
UNCREDITED = schema_of(UncreditedRow)
RECONCILIATION = schema_of(ReconciliationRow)
RELEASED = schema_of(ReleasedRow)
POTS = schema_of(PotRow)


#: Receives a large table of a run: its name ("credits" or "lines"), and its batches in the order of rows.
Sink = Callable[[str, Iterable[pa.Table]], None]


@dataclass(frozen=True, kw_only=True)
class Request:
    """The pay periods to compute, and the tables to return.

    Payouts are computed for all that falls due up to the end of `last`; lines are returned from `first` on. `lines`:
    return credits and lines, too. `profile`: measure the cost of every stage. `crediting`: compute only who is
    credited, without any payouts. `sink`: receives credits and lines, because both tables of a large run do not fit in
    memory; the result then lacks them.
    """

    first: Interval
    last: Interval
    lines: bool = False
    profile: bool = False
    sink: Sink | None = None
    crediting: bool = False


@dataclass(frozen=True)
class Cost:
    """The cost of a stage of a run: its seconds, and the number of rows it made.

    `place` names the plan lines that the stage comes from; it is empty if there are none.
    """

    stage: str
    place: str
    rows: int
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Result:
    """The tables of a run.

    `credits` and `lines` are None unless they were requested, and if a sink received them. `costs` are those of the
    stages of an SQL engine, if the request asked to profile. `notes` are diagnostics that deserve attention and stop
    nothing.

    `payouts`, `released` and `pots` begin with the first pay period in which anything falls due; `credits` has all days
    that can count, `lines` begin with the first period requested. `uncredited` and `reconciliation` cover all days that
    can count.
    """

    payouts: pa.Table
    uncredited: pa.Table
    reconciliation: pa.Table
    released: pa.Table
    credits: pa.Table | None = None
    lines: pa.Table | None = None
    costs: tuple[Cost, ...] = ()
    notes: tuple[Diagnostic, ...] = ()
    pots: pa.Table = field(default_factory=POTS.empty_table)


class Engine(Protocol):
    """An engine: program, tables and request in, result out. Pure, so the same inputs give the same tables."""

    name: str

    def run(self, program: Program, tables: Tables, request: Request) -> Result:
        """Compute a result.

        Raises:
            Problems: if the data cannot answer (a missing quota, a reference without a row in force).
        """
        ...
