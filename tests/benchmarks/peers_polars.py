"""What the Polars peers share. Money is whole cents (or finer units) in whole numbers; no float touches it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa

KEYS = ["payee", "month"]


def orders(data: Path) -> pl.LazyFrame:
    """All orders, `amount` and `local` in cents, with the month."""
    cents = [(pl.col(name) * 100).cast(pl.Int64) for name in ("amount", "local")]
    return pl.scan_parquet(data / "orders_*.parquet").with_columns(*cents, month=pl.col("day").dt.month())


def table(data: Path, name: str, *, cents: tuple[str, ...] = ()) -> pl.LazyFrame:
    """A small table; the columns of `cents` are read exactly and become whole cents."""
    kinds = {column: pl.Decimal(18, 2) for column in cents}
    read = pl.scan_csv(data / name, schema_overrides=kinds, try_parse_dates=True)
    return read.with_columns((pl.col(column) * 100).cast(pl.Int64) for column in cents)


def months() -> pl.LazyFrame:
    """The months of 2025 with their last days."""
    return pl.LazyFrame({"month": list(range(1, 13))}, schema={"month": pl.Int8}).with_columns(
        last=pl.date(2025, pl.col("month"), 1).dt.month_end()
    )


def at_month_end(roster: pl.LazyFrame) -> pl.LazyFrame:
    """Each payee's twelve months with the roster row that holds on the month's last day."""
    grid = roster.select("payee").unique().join(months(), how="cross").sort("last")
    return grid.join_asof(
        roster.sort("from_date"), left_on="last", right_on="from_date", by="payee", check_sortedness=False
    )


def rounded(units: pl.Expr, per_cent: int) -> pl.Expr:
    """Cents of finer units, of which `per_cent` make one; a half goes away from zero."""
    return units.sign() * ((units.abs() + per_cent // 2) // per_cent)


def limited(cumulated: pl.Expr, before: pl.Expr, limit: pl.Expr) -> pl.Expr:
    """What a limit leaves of amounts, given their running sum and that before them."""
    return pl.min_horizontal(cumulated, limit) - pl.min_horizontal(before, limit)


def apportioned(rows: pl.LazyFrame, by: list[str], order: list[str], total: str) -> pl.LazyFrame:
    """`cents` of the rows made to add up to `total` in each group, in proportion; the largest remainders get the cents that are left."""
    # The product of two amounts may go beyond 64 bits.
    exact = pl.col("cents").cast(pl.Int128) * pl.col(total).cast(pl.Int128)
    whole = pl.col("cents").sum().over(by).cast(pl.Int128)
    place = pl.int_range(pl.len()).over(by)
    return (
        rows.with_columns(share=(exact // whole).cast(pl.Int64), rest=(exact % whole).cast(pl.Int64))
        .sort(*by, pl.col("rest"), *order, descending=[*(False for _ in by), True, *(False for _ in order)])
        .with_columns(cents=pl.col("share") + (place < pl.col(total) - pl.col("share").sum().over(by)).cast(pl.Int64))
        .drop("share", "rest")
    )


def capped(rows: pl.LazyFrame, limit: str) -> pl.LazyFrame:
    """Each payee's month held at the plan's limit, shared over the month's rows in proportion."""
    over = pl.col("cents").sum().over(KEYS) > pl.col(limit)
    shares = apportioned(rows.filter(over), KEYS, ["component", "version"], limit)
    return pl.concat([rows.filter(~over), shares])


def payouts(rows: pl.LazyFrame, plan: str) -> pa.Table:
    """Rows (payee, month, version, component, cents) as payouts of a plan."""
    period = pl.format("2025-{}", pl.col("month").cast(pl.String).str.zfill(2))
    columns = ["payee", "period", "plan", "version", "component", "cents"]
    return rows.with_columns(period=period, plan=pl.lit(plan)).select(columns).collect(engine="streaming").to_arrow()
