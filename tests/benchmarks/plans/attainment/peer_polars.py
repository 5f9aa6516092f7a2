"""The plan `attainment` in Polars."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa

from tests.benchmarks import peers_polars as shared

KEYS = shared.KEYS
TIERS: shared.Tiers = ((0, 125), (50, 250), (100, 500))


def payouts(data: Path) -> pa.Table:
    """Compute the plan's payouts."""
    grid = _standing(data)
    made = (pl.col("qtd") >= pl.col("quarter_quota")).cast(pl.Int64)
    parts = [
        _rows(grid, "base", pl.col("base")),
        _rows(grid.filter(pl.col("month") % 3 == 0), "quarter_made", made * 100_000),
        _rows(grid.filter(pl.col("month") == 6), "push", pl.col("push") * 500),
    ]
    target = pl.min_horizontal(pl.col("cents").sum().over(KEYS), "period_limit")
    rows = pl.concat(parts).with_columns(target=target)
    return shared.collected(shared.payouts(shared.held(rows), "account_executive"))


def _rows(grid: pl.LazyFrame, component: str, cents: pl.Expr) -> pl.LazyFrame:
    return grid.select(*KEYS, "period_limit", version=1, component=pl.lit(component), cents=cents)


def _standing(data: Path) -> pl.LazyFrame:
    """Return each seller's months: sales to date, quotas, limits, and earnings."""
    pushed = (pl.col("product") == "P3") & (pl.col("month") == 6)
    orders = shared.orders(data).group_by(KEYS)
    sold = orders.agg(amount=pl.col("amount").sum(), push=pl.col("units").filter(pushed).sum())
    roster = shared.table(data, "roster.csv", cents=("incentive",)).filter(pl.col("level") == 1)
    grid = shared.at_ends(roster, shared.month_ends()).join(shared.quotas(data, "own"), on=["payee", "quarter"])
    joined = grid.join(sold, on=KEYS, how="left").sort(KEYS).with_columns(pl.col("amount", "push").fill_null(0))
    before = pl.col("to_date").shift(1, fill_value=0).over("payee")
    year_limit = shared.rounded(65 * pl.col("incentive"), 100)
    return (
        joined.with_columns(
            ytd=pl.col("amount").cum_sum().over("payee"),
            qtd=pl.col("amount").cum_sum().over("payee", "quarter"),
            period_limit=shared.rounded(25 * pl.col("incentive"), 100),
        )
        .with_columns(to_date=shared.rounded(shared.marginal(pl.col("ytd"), pl.col("quota"), TIERS), 1_000_000))
        .with_columns(base=shared.limited(pl.col("to_date"), before, year_limit))
    )
