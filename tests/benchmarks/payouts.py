"""Compare tables of payouts, which all sides return with the same rows and types."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

#: One row for each payee, period, plan, version and component. `cents` is the payout in whole cents.
SCHEMA = pa.schema(
    [
        ("payee", pa.string()),
        ("period", pa.string()),
        ("plan", pa.string()),
        ("version", pa.int64()),
        ("component", pa.string()),
        ("cents", pa.int64()),
    ]
)
KEYS = SCHEMA.names[:-1]


@dataclass(frozen=True)
class Difference:
    """The difference of two tables of payouts. `rows` and `largest` (cents) count payouts that both have."""

    missing: int
    rows: int
    largest: int

    def within(self, tolerance: int) -> bool:
        """Return True if both have the same payouts, and none differs by more than the tolerance (cents)."""
        return self.missing == 0 and self.largest <= tolerance


def canonical(table: pa.Table) -> pa.Table:
    """Return the rows sorted by their keys, with the columns of SCHEMA."""
    typed = pa.table([table[name].cast(field.type) for name, field in zip(SCHEMA.names, SCHEMA, strict=True)], SCHEMA)
    return typed.sort_by([(name, "ascending") for name in KEYS]).combine_chunks()


def same_lines(one: pa.Table, other: pa.Table) -> bool:
    """Return True if two tables attribute the same cents to the same orders, line by line."""
    keys = ["payee", "period", "plan", "component", "key", "cents"]
    left, right = (
        table.select(keys).cast(pa.schema([(name, pa.string()) for name in keys[:-1]] + [("cents", pa.int64())]))
        for table in (one, other)
    )
    order = [(name, "ascending") for name in keys]
    return bool(left.sort_by(order).equals(right.sort_by(order)))


def difference(one: pa.Table, other: pa.Table) -> Difference:
    """Compare two tables of payouts, row by row."""
    left, right = canonical(one), canonical(other)
    if left.equals(right):
        return Difference(0, 0, 0)
    joined = left.join(right, KEYS, join_type="full outer", right_suffix="_other")
    missing = pc.sum(pc.xor(pc.is_null(joined["cents"]), pc.is_null(joined["cents_other"]))).as_py()
    apart = pc.abs(pc.subtract(joined["cents"], joined["cents_other"]))
    rows = pc.sum(pc.greater(apart, 0)).as_py()
    # A row that occurs twice on one side joins the same row of the other side twice.
    twice = abs(left.num_rows - right.num_rows) if not missing else 0
    return Difference((missing or 0) + twice, rows or 0, pc.max(apart).as_py() or 0)
