"""The tables that every engine returns, equal row for row and cent for cent, in a stated order.

Numbers are whole. `…_units` count the smallest unit of the value's scale (12.5 of a measure of scale 4 is 125000
units), `…_minor` count minor units of the plan's currency (cents). Their type is `decimal128(38, 0)`, which knows no
float and no overflow below 10^38.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

import pyarrow as pa

from spmlang.data.tables import Tables
from spmlang.diagnostics.diagnostic import Diagnostic
from spmlang.program.program import Program
from spmlang.values.calendar import Interval

WHOLE = pa.decimal128(38, 0)

#: Payouts: one row for each payee, plan version, component and pay period in which an interval of the component falls
#: due, if the payee was on that plan version for at least a day of that interval. Sorted by the first five columns.
#: `measure_units`, `quota_units`: the component's main measure to date and its quota, at the payee's last day on the
#: version in the interval (null without a main measure or quota). `credited_units`: credits to the main measure on the
#: payee's days on the version in the interval. `revenue_units`: credits on these days to the measure that counts as the
#: component's revenue (null without one). `lowest_minor`: for tiers, the lowest tier's value times `credited_units`,
#: rounded half up; null without tiers. (A prorated component counts the measure of the whole interval here, times the
#: share of its days.) `earned_minor`: the earning after rounding and conditions, before caps and budget.
#: `amount_minor`: the payout, after all limits.
PAYOUTS = pa.schema(
    [
        ("period", pa.string()),
        ("payee", pa.string()),
        ("plan", pa.string()),
        ("version", pa.int32()),
        ("component", pa.string()),
        ("measure_units", WHOLE),
        ("quota_units", WHOLE),
        ("credited_units", WHOLE),
        ("revenue_units", WHOLE),
        ("lowest_minor", WHOLE),
        ("earned_minor", WHOLE),
        ("amount_minor", WHOLE),
    ]
)

#: Credits: one row for each source row, measure, payee and credit share. `rule` is the number of the share among those
#: of the measure's credit clauses, from 0, in the order written. A rollup's credits have the `rule` of the credit that
#: was rolled up, and in `via` that credit's payee. `row` is the source's `_row` (see data/tables.py), `key` its key
#: columns joined by "|", of a dated source with the row's first day. `territory` is the name of the covering territory,
#: if the share credits the owner of one. `units`: the credited amount. Sorted by all columns in order.
CREDITS = pa.schema(
    [
        ("measure", pa.string()),
        ("payee", pa.string()),
        ("day", pa.date32()),
        ("source", pa.string()),
        ("key", pa.string()),
        ("rule", pa.int32()),
        ("via", pa.string()),
        ("territory", pa.string()),
        ("file", pa.string()),
        ("row", pa.int64()),
        ("units", WHOLE),
    ]
)

#: Lines: the part of each payout that each credit earned. For each payout row the amounts sum to its `amount_minor`.
#: Lines of zero are left out. An amount that no credit earned (a flat amount, a change by what shorter intervals
#: earned) has a line of its own, which has a day, and null from `measure` through `credited_units`.
LINES = pa.schema(
    [
        ("period", pa.string()),
        ("payee", pa.string()),
        ("plan", pa.string()),
        ("version", pa.int32()),
        ("component", pa.string()),
        ("day", pa.date32()),
        ("measure", pa.string()),
        ("source", pa.string()),
        ("key", pa.string()),
        ("rule", pa.int32()),
        ("via", pa.string()),
        ("file", pa.string()),
        ("row", pa.int64()),
        ("credited_units", WHOLE),
        ("amount_minor", WHOLE),
    ]
)

#: Uncredited shares: one row for each source row and credit share that a measure counts and that no payee can be paid
#: for. `reason` is "no-payee" (the optional column is empty), "no-territory", "no-owner", "no-member", or
#: "not-on-roster". Only rows with the last one have a `payee`, who is credited all the same. Sorted by all columns in
#: order.
UNCREDITED = pa.schema(
    [
        ("measure", pa.string()),
        ("day", pa.date32()),
        ("source", pa.string()),
        ("key", pa.string()),
        ("rule", pa.int32()),
        ("reason", pa.string()),
        ("territory", pa.string()),
        ("payee", pa.string()),
        ("file", pa.string()),
        ("row", pa.int64()),
        ("units", WHOLE),
    ]
)


#: Reconciliation: the class of every row and every share of a measure, except for shares in UNCREDITED without a payee.
#: `via`: "direct", "overlay" or "rollup" for shares of rows that count; empty for rows. `class` and `reason`: see
#: docs/decisions/0011-reconciliation.md. `payee`, `first_period`, `last_period` (indexes of pay periods) are only
#: filled for classes that pay no payee. `rows` counts rows, or shares. `untold` counts those of them whose amount is
#: not known; for rows of class "counted" these are all, because their shares have the amounts. `units` sums the amounts
#: of the others (null without any). `units` is a whole number as text, because a sum of rows that pay no payee may have
#: more than 38 digits and must not stop a run. Sorted by the first five columns.
RECONCILIATION = pa.schema(
    [
        ("measure", pa.string()),
        ("via", pa.string()),
        ("class", pa.string()),
        ("reason", pa.string()),
        ("payee", pa.string()),
        ("first_period", pa.int32()),
        ("last_period", pa.int32()),
        ("rows", pa.int64()),
        ("untold", pa.int64()),
        ("units", pa.string()),
    ]
)


#: Payouts by source row, for components that pay each line when the line's own row says so. `source` and `key` are null
#: for the amount that no row earned. Amounts of zero are left out. Sorted by all columns in order.
RELEASED = pa.schema(
    [
        ("period", pa.string()),
        ("payee", pa.string()),
        ("plan", pa.string()),
        ("version", pa.int32()),
        ("component", pa.string()),
        ("source", pa.string()),
        ("key", pa.string()),
        ("amount_minor", WHOLE),
    ]
)


#: Pots: the amount of each pool's pot that was shared among payees, before caps and budgets. Sorted by the first four
#: columns.
POTS = pa.schema(
    [
        ("period", pa.string()),
        ("plan", pa.string()),
        ("version", pa.int32()),
        ("component", pa.string()),
        ("shared_minor", WHOLE),
    ]
)


#: Receives a large table of a run: its name ("credits" or "lines"), and its batches in the order of rows.
Sink = Callable[[str, Iterable[pa.Table]], None]


@dataclass(frozen=True)
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


@dataclass(frozen=True)
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
