"""The tables that every engine returns, equal row for row and cent for cent, in a stated order.

Numbers are whole. `…_units` count the smallest unit of the value's scale, so 12.5 in a measure of scale 4 is 125000
units. `…_minor` count minor units of the plan's currency (cents). Their type is `decimal128(38, 0)`, which is exact
below 10^38.
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

#: Payouts. There is one row for each payee, plan version, component and pay period in which an interval of the
#: component falls due, if the payee was on that version for at least a day of the interval. Sorted by the first five
#: columns.
#: `measure_units`, `quota_units`: the component's main measure and its quota, at the last day on the version in the
#: interval (null without a main measure or quota).
#: `credited_units`: the credits of the main measure on the payee's days on the version in the interval.
#: `revenue_units`: the credits of the component's revenue measure on these days (null without one).
#: `lowest_minor`: for tiers, the pay for `credited_units` at the lowest tier's value, rounded half up (else null).
#: `earned_minor`: the earning after rounding and conditions, before caps and budget.
#: `amount_minor`: the payout.
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

#: Credits. There is one row for each source row, measure, payee and credit share. Sorted by all columns in order.
#: `rule`: the index of the share in the measure's credit clauses, from 0, in the order written. A rollup's credit has
#: the `rule` of the credit that it passes up.
#: `via`: the payee of the credit that a rollup passes up (else null).
#: `territory`: the territory that covers the row, if its owner is credited (else null).
#: `file`, `row`, `key`: `_file`, `_row` and `_key` of the source row (see data/tables.py).
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

#: Lines. Each row is the amount of a payout that one credit caused in one slice, if it is not zero. The amounts of a
#: payout sum to its `amount_minor`. For an amount that no credit caused, such as a flat sum, the columns of the credit
#: are null, except `day`.
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

#: Uncredited shares: a measure counts the row, but one of its credit shares has no payee who can be paid. `reason` is
#: "no-payee" (the optional column is empty), "no-territory", "no-owner", "no-member" or "not-on-roster". Only the last
#: has a `payee`, whose credit remains in CREDITS. Sorted by all columns in order.
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


#: Reconciliation: the classes of all rows and credit shares of each measure, except shares in UNCREDITED without a
#: payee. Sorted by the first five columns.
#: `via`: empty for rows; "direct", "overlay" or "rollup" for shares of rows that count.
#: `class`, `reason`: see docs/decisions/0011-reconciliation.md.
#: `payee`, `first_period`, `last_period`: for classes that pay no payee, the payee, and the indices of the first and
#: last pay period of the credits.
#: `rows`: the number of rows or shares.
#: `untold`: the number of those without a known amount. All rows of the class `counted` are among them, because their
#: shares give the amount.
#: `units`: the sum of the others (null without any). It is a whole number as text, because a sum of unpaid rows may
#: have more than 38 digits and must not stop a run.
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


#: The lines of payouts, by source row, for components that release each line by its own row. `source` and `key` are
#: null for an amount that no row caused. Sorted by all columns in order.
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


#: Pots: the amount of each pool that was shared among its payees, before caps and budgets. Sorted by the first four
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


#: Receives one of the large tables of a run by its name ("credits", "lines"), in parts that follow the order of rows.
Sink = Callable[[str, Iterable[pa.Table]], None]


@dataclass(frozen=True)
class Request:
    """The pay periods to compute, and the tables to return.

    Attributes:
        first: The first pay period whose payouts are due.
        last: The last pay period whose payouts are due.
        lines: True to compute credits and lines, too.
        profile: True to record the cost of each stage.
        sink: Receives credits and lines, if set. Then the result has none, because those of a large run do not fit in
            memory.
        crediting: True to compute only credits. Then there are no payouts.
    """

    first: Interval
    last: Interval
    lines: bool = False
    profile: bool = False
    sink: Sink | None = None
    crediting: bool = False


@dataclass(frozen=True)
class Cost:
    """The cost of one stage of a run: seconds, and the rows that it made. `place` is its plan line, or empty."""

    stage: str
    place: str
    rows: int
    seconds: float


@dataclass(frozen=True)
class Result:
    """The tables of a run.

    `payouts`, `released` and `pots` begin with the first period in which anything falls due, and `lines` with the first
    requested period. `credits`, `uncredited` and `reconciliation` cover all days that can count.

    Attributes:
        payouts: A table PAYOUTS.
        uncredited: A table UNCREDITED.
        reconciliation: A table RECONCILIATION.
        released: A table RELEASED.
        credits: A table CREDITS; None if not requested, or if a sink received it.
        lines: A table LINES; None if not requested, or if a sink received it.
        costs: The costs of an SQL engine's stages.
        notes: Findings for the user's attention that do not stop the run.
        pots: A table POTS.
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
    """A computation of results from program, tables and request. Equal inputs give equal tables."""

    name: str

    def run(self, program: Program, tables: Tables, request: Request) -> Result:
        """Compute the result.

        Raises:
            Problems: If the data lacks a value, such as a quota or the row in force of a reference.
        """
        ...
