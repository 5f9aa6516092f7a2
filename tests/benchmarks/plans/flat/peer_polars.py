"""The plan `flat` in Polars."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa

from tests.benchmarks import peers_polars as shared


def payouts(data: Path) -> pa.Table:
    """Compute the plan's payouts."""
    sold = shared.orders(data).group_by(shared.KEYS).agg(sold=pl.col("amount").sum())
    sellers = shared.table(data, "roster.csv").filter(pl.col("level") == 1).select("payee").unique()
    grid = sellers.join(shared.month_ends(), how="cross").join(sold, on=shared.KEYS, how="left")
    # 3.5% of a cent is 35 of 1,000.
    cents = shared.rounded(35 * pl.col("sold").fill_null(0), 1000)
    rows = grid.with_columns(component=pl.lit("base"), version=1, cents=cents)
    return shared.collected(shared.payouts(rows, "seller"))
