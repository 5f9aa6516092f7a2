"""What every engine returns: the same tables, row for row and cent for cent, in a stated order.

Numbers are whole: `…_units` count the smallest unit of the value's scale (a measure of scale 4 worth 12.5 is 125000 units),
`…_minor` count minor units of the plan's currency (cents). Type `decimal128(38, 0)`: no float, no overflow below 10^38.
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

#: One row for each payee, plan version, component and pay period in which an interval of the component falls due while
#: (for at least a day of that interval) the payee was on that plan version. Sorted by the first five columns.
#: `measure_units`, `quota_units`: of the component's main measure, at the last day on the version in the interval
#: (null without a main measure or quota). `credited_units`: what of the main measure these days brought.
#: `revenue_units`: what these days brought of the measure that stands for the component's revenue (null without one).
#: `lowest_minor`: for tiers, what the lowest tier's value would have paid on `credited_units`, rounded half up (else null).
#: `earned_minor`: after rounding and conditions, before caps and budget. `amount_minor`: what is paid.
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

#: Who was credited with what: one row for each source row, measure, payee and credit clause. `rule` counts the shares of
#: the measure's credit clauses from 0, in the order written; a rollup's credits carry the rule of the credit they came from and
#: `via`, the payee it was rolled up from. `row` is `file_row` of the source (see data/tables.py), `key` its key columns joined
#: by "|". `territory` is the covering territory's name where the rule asked for an owner. Sorted by all columns in order.
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

#: Which credit earned which cent; for each payout row the amounts sum to its `amount_minor`. Only rows with an amount.
#: A payout that no credit explains (there is none today) would carry a line with null source.
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

#: Rows a measure counts but credits to nobody who can be paid (for one of its credit clauses), with the slug of the reason:
#: "no-payee" (the optional column is empty), "no-territory", "no-owner", "no-member"; or "not-on-roster", then with the
#: `payee`, who is credited all the same. Sorted by all columns in order.
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


#: Where what the rows of each measure hold went, but for what is in UNCREDITED without a payee. `via`: "direct", "overlay",
#: "rollup" for shares of rows that count; empty for rows. `class` and `reason`: see docs/decisions/0011-reconciliation.md. For
#: what pays nobody the `payee`, and the first and last pay period (their index) of the credits. `rows` counts rows, or shares;
#: `untold` those of which it is not told what they come to (all that are counted, as their shares tell it), and `units` what
#: the others do (null without any). These are whole numbers as text: a sum of rows that pay nobody may have more than 38 digits,
#: and stops no run. Sorted by the first five columns.
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


#: What of each payout row came from which source row, for components that pay each line when its own row says so. A null
#: source: what no row brought. Sorted by all columns in order.
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


#: What of the pot of each pool was shared among its payees, before caps and budgets. Sorted by the first four columns.
POTS = pa.schema(
    [
        ("period", pa.string()),
        ("plan", pa.string()),
        ("version", pa.int32()),
        ("component", pa.string()),
        ("shared_minor", WHOLE),
    ]
)


#: Takes one of the large tables of a run by its name ("credits", "lines"), part by part in the order of rows.
Sink = Callable[[str, Iterable[pa.Table]], None]


@dataclass(frozen=True)
class Request:
    """What to compute: payouts due in pay periods `first` to `last`; `lines` asks for credits and lines, `profile` for costs.

    `crediting` asks for nothing but who is credited: then there are no payouts.

    With a `sink` credits and lines go there, and the result has none: of a large run they have no room in memory.
    """

    first: Interval
    last: Interval
    lines: bool = False
    profile: bool = False
    sink: Sink | None = None
    crediting: bool = False


@dataclass(frozen=True)
class Cost:
    """What a stage of a run took: seconds, and the rows it made; `place` is the plan line that it comes from, if it is one."""

    stage: str
    place: str
    rows: int
    seconds: float


@dataclass(frozen=True)
class Result:
    """The tables of a run; `credits` and `lines` are None unless asked for, or where they went to a sink.

    `costs` are those of an SQL engine's stages. `notes` tell what somebody should look at, though it stops nothing.

    `payouts`, `released` and `pots` begin with the first period in which anything falls due, the others with the first one
    asked for; `uncredited` and `reconciliation` are of all days that can count.
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
    """Program + tables + request → result. Pure: same inputs, same tables."""

    name: str

    def run(self, program: Program, tables: Tables, request: Request) -> Result:
        """Compute. Raises Problems where the data cannot answer (a missing quota, a reference with no row in force)."""
        ...
