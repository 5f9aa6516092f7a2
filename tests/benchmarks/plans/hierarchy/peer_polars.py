"""The plan `hierarchy` in Polars."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa

from tests.benchmarks import peers_polars as shared

KEYS = shared.KEYS
SELLER: shared.Tiers = ((0, 200), (100, 400))
LEADER: shared.Tiers = ((0, 20), (80, 30), (100, 40))


def payouts(data: Path) -> pa.Table:
    """Compute the payouts of both plans."""
    own = shared.computed(shared.orders(data).group_by("payee", "day").agg(pl.col("amount").sum()))
    team = shared.up_the_line(own, shared.table(data, "reporting.csv"), "amount")
    roster = shared.table(data, "roster.csv", cents=("incentive",))
    sellers = _standing(data, roster.filter(pl.col("level") == 1), "own", own)
    leaders = _standing(data, roster.filter(pl.col("level") >= 2), "team", team)
    return shared.collected(
        shared.payouts(_sellers(sellers), "seller"),
        shared.payouts(_leaders(leaders), "leader"),
    )


def _standing(data: Path, roster: pl.LazyFrame, kind: str, sold: pl.LazyFrame) -> pl.LazyFrame:
    """Return each payee's months, with sales to date and quotas."""
    grid = shared.at_ends(roster, shared.month_ends()).join(shared.quotas(data, kind), on=["payee", "quarter"])
    by_month = sold.group_by("payee", month=pl.col("day").dt.month()).agg(pl.col("amount").sum())
    joined = grid.join(by_month, on=KEYS, how="left").sort(KEYS).with_columns(pl.col("amount").fill_null(0))
    return joined.with_columns(
        ytd=pl.col("amount").cum_sum().over("payee"), qtd=pl.col("amount").cum_sum().over("payee", "quarter")
    )


def _sellers(grid: pl.LazyFrame) -> pl.LazyFrame:
    to_date = shared.rounded(shared.marginal(pl.col("ytd"), pl.col("quota"), SELLER), 1_000_000)
    cents = pl.col("to_date") - pl.col("to_date").shift(1, fill_value=0).over("payee")
    return grid.with_columns(to_date=to_date).with_columns(component=pl.lit("base"), version=1, cents=cents)


def _leaders(grid: pl.LazyFrame) -> pl.LazyFrame:
    to_date = shared.rounded(shared.retroactive(pl.col("qtd"), pl.col("quarter_quota"), LEADER), 10_000)
    before = pl.col("to_date").shift(1, fill_value=0).over("payee", "quarter")
    cents = shared.limited(pl.col("to_date"), before, shared.rounded(10 * pl.col("incentive"), 100))
    made = 500_000 * (pl.col("ytd") >= pl.col("quota")).cast(pl.Int64)
    team = grid.with_columns(to_date=to_date).select(*KEYS, version=1, component=pl.lit("team"), cents=cents)
    year = grid.filter(pl.col("month") == 12).select(*KEYS, version=1, component=pl.lit("year_made"), cents=made)
    return pl.concat([team, year])
