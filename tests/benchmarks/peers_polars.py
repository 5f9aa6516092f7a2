"""The code that the Polars peers share. Money is whole cents (or finer units), never a float."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa

from tests.benchmarks.payouts import SCHEMA
from tests.benchmarks.people import LEVELS

#: Tiers by attainment: the lower bound of each, in percent of the quota, and its rate in ten-thousandths.
Tiers = tuple[tuple[int, int], ...]

#: The decimal places of a unit, in whole numbers of which a column is read.
PLACES = {"cents": 2, "basis": 4, "millionths": 6}

KEYS = ["payee", "month"]


def orders(data: Path) -> pl.LazyFrame:
    """Return all orders with `amount` and `local` in cents, and with the month."""
    cents = [(pl.col(name) * 100).cast(pl.Int64) for name in ("amount", "local")]
    return pl.scan_parquet(data / "orders_*.parquet").with_columns(*cents, month=pl.col("day").dt.month())


def table(data: Path, name: str, **units: tuple[str, ...]) -> pl.LazyFrame:
    """Read a small table.

    Decimals are read exactly. `units` names columns by their unit (see PLACES), of which they become whole numbers.
    """
    places = {column: PLACES[unit] for unit, columns in units.items() for column in columns}
    kinds = {column: pl.Decimal(18, scale) for column, scale in places.items()}
    read = pl.scan_csv(data / name, schema_overrides=kinds, try_parse_dates=True)
    return read.with_columns((pl.col(column) * 10**scale).cast(pl.Int64) for column, scale in places.items())


def quotas(data: Path, kind: str) -> pl.LazyFrame:
    """Return each payee's quarters, with the quotas of the quarter and of the year, in cents."""
    return (
        table(data, "targets.csv", cents=("target",))
        .filter(pl.col("kind") == kind)
        .select(
            "payee",
            quarter=pl.col("period").dt.quarter(),
            quarter_quota=pl.col("target"),
            quota=pl.col("target").sum().over("payee"),
        )
    )


def month_ends() -> pl.LazyFrame:
    """Return the months of 2025 with their last days and their quarters."""
    return pl.LazyFrame({"month": range(1, 13)}, schema={"month": pl.Int8}).with_columns(
        last=pl.date(2025, pl.col("month"), 1).dt.month_end(), quarter=(pl.col("month") + 2) // 3
    )


def at_ends(roster: pl.LazyFrame, ends: pl.LazyFrame) -> pl.LazyFrame:
    """Return each payee beside each of `ends`, with the roster row that holds on its `last` day."""
    grid = roster.select("payee").unique().join(ends, how="cross").sort("last")
    rows = roster.sort("from_date")
    return grid.join_asof(rows, left_on="last", right_on="from_date", by="payee", check_sortedness=False)


def rounded(units: pl.Expr, per_cent: int) -> pl.Expr:
    """Round finer units to cents, of which `per_cent` are one cent. A half is rounded away from zero."""
    return units.sign() * ((units.abs() + per_cent // 2) // per_cent)


def limited(cumulated: pl.Expr, before: pl.Expr, limit: pl.Expr) -> pl.Expr:
    """Return the part of amounts within a limit, from their running sum and the sum before them."""
    return pl.min_horizontal(cumulated, limit) - pl.min_horizontal(before, limit)


def marginal(value: pl.Expr, quota: pl.Expr, tiers: Tiers) -> pl.Expr:
    """Return the entitlement of marginal tiers by attainment, in millionths of the value's unit.

    A value below zero is wholly in the first tier.
    """
    tops = [*(low for low, _ in tiers[1:]), None]
    parts = []
    for (low, rate), top in zip(tiers, tops, strict=True):
        upper = 100 * value if top is None else pl.min_horizontal(100 * value, top * quota)
        parts.append(rate * pl.max_horizontal(upper - low * quota, 0))
    return pl.when(value < 0).then(100 * tiers[0][1] * value).otherwise(pl.sum_horizontal(parts))


def retroactive(value: pl.Expr, quota: pl.Expr, tiers: Tiers) -> pl.Expr:
    """Return the entitlement of retroactive tiers by attainment, in ten-thousandths of the value's unit."""
    rate = pl.lit(tiers[0][1], pl.Int64)
    for low, above in tiers[1:]:
        rate = pl.when(100 * value >= low * quota).then(pl.lit(above, pl.Int64)).otherwise(rate)
    return rate * value


def apportioned(rows: pl.LazyFrame, by: list[str], order: list[str], total: str) -> pl.LazyFrame:
    """Share `total` over the rows of each group, in proportion to `cents`.

    The rows with the largest remainders get the cents that are left.

    Args:
        rows: The rows, with columns `cents` and `total`.
        by: The columns of a group.
        order: The columns that decide between equal remainders.
        total: The name of the column with the group's total.
    """
    # The product of two amounts may exceed 64 bits.
    whole = pl.col("cents").sum().over(by).cast(pl.Int128)
    exact = pl.col("cents").cast(pl.Int128) * pl.col(total).cast(pl.Int128) * whole.sign()
    left = pl.col(total) - pl.col("share").sum().over(by)
    return (
        rows.with_columns(share=(exact // whole.abs()).cast(pl.Int64), rest=(exact % whole.abs()).cast(pl.Int64))
        .sort(*by, pl.col("rest"), *order, descending=[*(False for _ in by), True, *(False for _ in order)])
        .with_columns(cents=pl.col("share") + (pl.int_range(pl.len()).over(by) < left).cast(pl.Int64))
        .drop("share", "rest")
    )


def held(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Set each payee's month to its `target`, shared over the month's rows in proportion."""
    total = pl.col("cents").sum().over(KEYS)
    marked = rows.with_columns(changed=(total != pl.col("target")) & (total != 0))
    shares = apportioned(marked.filter("changed"), KEYS, ["component", "version"], "target")
    return pl.concat([marked.filter(~pl.col("changed")), shares])


def up_the_line(own: pl.LazyFrame, reporting: pl.LazyFrame, amount: str) -> pl.LazyFrame:
    """Return the credits of the people below each leader, by day.

    A day's credits are passed up one level at a time, by the reporting line of that day.
    """
    line = reporting.sort("from_date")
    found, below = [], own.select("payee", "day", amount)
    for _ in range(1, LEVELS):
        joined = below.sort("day").join_asof(
            line, left_on="day", right_on="from_date", by="payee", check_sortedness=False
        )
        above = joined.filter(pl.col("manager").is_not_null()).group_by(payee="manager", day="day")
        below = computed(above.agg(pl.col(amount).sum()))
        found.append(below)
    return pl.concat(found)


def computed(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Compute the frame once, because long plans take longer to optimize than to run."""
    return frame.collect(engine="streaming").lazy()


def payouts(rows: pl.LazyFrame, plan: str) -> pl.LazyFrame:
    """Return rows (payee, month, version, component, cents) as payouts of a plan."""
    period = pl.format("2025-{}", pl.col("month").cast(pl.String).str.zfill(2))
    return rows.with_columns(period=period, plan=pl.lit(plan)).select(SCHEMA.names)


def collected(*plans: pl.LazyFrame) -> pa.Table:
    """Compute the payouts of all plans."""
    return pl.concat(plans).collect(engine="streaming").to_arrow()
