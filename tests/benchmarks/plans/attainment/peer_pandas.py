"""The plan `attainment` in pandas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from tests.benchmarks import peers_pandas as shared

KEYS = shared.KEYS
TIERS: shared.Tiers = ((0, 125), (50, 250), (100, 500))


def payouts(data: Path) -> pa.Table:
    """Compute the plan's payouts."""
    grid = _standing(data)
    rows = pd.concat(
        [
            grid.assign(component="base", cents=grid["base"]),
            grid[grid["month"] % 3 == 0].assign(component="quarter_made", cents=grid["made"] * 100_000),
            grid[grid["month"] == 6].assign(component="push", cents=grid["push"] * 500),
        ],
        ignore_index=True,
    )
    total = rows.groupby(KEYS)["cents"].transform("sum")
    paid = shared.held(rows.assign(version=1, target=np.minimum(total, rows["period_limit"])))
    return shared.payouts(paid[[*KEYS, "component", "version", "cents"]], "account_executive")


def _standing(data: Path) -> pd.DataFrame:
    """Return each seller's months: sales to date, quotas, limits, and earnings."""
    orders = shared.orders(data, ["payee", "month", "amount", "product", "units"])
    pushed = orders[(orders["product"] == "P3") & (orders["month"] == 6)]
    sold = orders.groupby(KEYS, observed=True)["amount"].sum()
    push = pushed.groupby(KEYS, observed=True)["units"].sum()
    roster = shared.table(data, "roster.csv", cents=("incentive",), days=("from_date",))
    grid = shared.at_ends(roster[roster["level"] == 1], shared.month_ends())
    grid["quarter"] = (grid["month"] + 2) // 3
    grid = grid.merge(shared.quotas(data, "own"), on=["payee", "quarter"]).sort_values(KEYS, ignore_index=True)
    grid = grid.assign(amount=shared.looked_up(grid, sold), push=shared.looked_up(grid, push))
    ytd = grid.groupby("payee")["amount"].cumsum()
    qtd = grid.groupby(["payee", "quarter"])["amount"].cumsum()
    to_date = shared.rounded(shared.marginal(ytd, grid["quota"], TIERS), 1_000_000)
    before = to_date.groupby(grid["payee"]).shift(1, fill_value=0)
    year_limit = shared.rounded(65 * grid["incentive"], 100)
    return grid.assign(
        made=(qtd >= grid["quarter_quota"]).astype(np.int64),
        base=shared.limited(to_date, before, year_limit),
        period_limit=shared.rounded(25 * grid["incentive"], 100),
    )
