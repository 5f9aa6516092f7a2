"""The plan `attainment` in Polars."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa

from tests.benchmarks import peers_polars as shared

KEYS = shared.KEYS


def payouts(data: Path) -> pa.Table:
    """What the plan pays."""
    grid = _standing(data)
    made = (pl.col("qtd") >= pl.col("quarter_quota")).cast(pl.Int64)
    parts = [
        _rows(grid, "base", pl.col("base")),
        _rows(grid.filter(pl.col("month") % 3 == 0), "quarter_made", made * 100_000),
        _rows(grid.filter(pl.col("month") == 6), "push", pl.col("push") * 500),
    ]
    return shared.payouts(shared.capped(pl.concat(parts), "period_limit"), "account_executive")


def _rows(grid: pl.LazyFrame, component: str, cents: pl.Expr) -> pl.LazyFrame:
    return grid.select(*KEYS, "period_limit", version=1, component=pl.lit(component), cents=cents)


def _standing(data: Path) -> pl.LazyFrame:
    """Each seller's months: what was sold to date, against which quotas and limits, and what is earned by it."""
    pushed = (pl.col("product") == "P3") & (pl.col("month") == 6)
    sold = (
        shared.orders(data)
        .group_by(KEYS)
        .agg(amount=pl.col("amount").sum(), push=pl.col("units").filter(pushed).sum())
    )
    roster = shared.table(data, "roster.csv", cents=("incentive",)).filter(pl.col("level") == 1)
    grid = shared.at_month_end(roster).with_columns(quarter=(pl.col("month") + 2) // 3)
    joined = grid.join(_quotas(data), on=["payee", "quarter"]).join(sold, on=KEYS, how="left").sort(KEYS)
    filled = joined.with_columns(pl.col("amount", "push").fill_null(0))
    to_date = shared.rounded(_entitled(pl.col("ytd"), pl.col("quota")), 8000)
    before = pl.col("to_date").shift(1, fill_value=0).over("payee")
    year_limit = shared.rounded(120 * pl.col("incentive"), 100)
    return (
        filled.with_columns(
            ytd=pl.col("amount").cum_sum().over("payee"),
            qtd=pl.col("amount").cum_sum().over("payee", "quarter"),
            period_limit=shared.rounded(60 * pl.col("incentive"), 100),
        )
        .with_columns(to_date=to_date)
        .with_columns(base=shared.limited(pl.col("to_date"), before, year_limit))
    )


def _quotas(data: Path) -> pl.LazyFrame:
    """Each payee's quarters with the quota of the quarter and that of the year."""
    targets = shared.table(data, "targets.csv", cents=("target",)).filter(pl.col("kind") == "own")
    return targets.select(
        "payee",
        quarter=pl.col("period").dt.quarter(),
        quarter_quota=pl.col("target"),
        quota=pl.col("target").sum().over("payee"),
    )


def _entitled(ytd: pl.Expr, quota: pl.Expr) -> pl.Expr:
    """The tiers' entitlement to date in units of 1/8000 cent: 1.25% of a cent is 100, and the bound of 50% needs its half."""
    first = 50 * pl.min_horizontal(2 * ytd, quota)
    second = 100 * pl.max_horizontal(pl.min_horizontal(2 * ytd, 2 * quota) - quota, 0)
    third = 400 * pl.max_horizontal(ytd - quota, 0)
    return pl.when(ytd < 0).then(100 * ytd).otherwise(first + second + third)
