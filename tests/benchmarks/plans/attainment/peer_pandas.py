"""The plan `attainment` in pandas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from tests.benchmarks import peers_pandas as shared

KEYS = ["payee", "month"]


def payouts(data: Path) -> pa.Table:
    """What the plan pays."""
    grid = _standing(data)
    rows = pd.concat(
        [
            grid.assign(component="base", cents=grid["base"]),
            grid[grid["month"] % 3 == 0].assign(component="quarter_made", cents=grid["made"] * 100_000),
            grid[grid["month"] == 6].assign(component="push", cents=grid["push"] * 500),
        ],
        ignore_index=True,
    )
    paid = shared.capped(rows.assign(version=1), "period_limit")
    return shared.payouts(paid[[*KEYS, "component", "version", "cents"]], "account_executive")


def _standing(data: Path) -> pd.DataFrame:
    """Each seller's months: what was sold to date, against which quotas and limits, and what is earned by it."""
    orders = shared.orders(data, ["payee", "month", "amount", "product", "units"])
    pushed = orders[(orders["product"] == "P3") & (orders["month"] == 6)]
    sold = orders.groupby(KEYS, observed=True)["amount"].sum()
    push = pushed.groupby(KEYS, observed=True)["units"].sum()
    roster = shared.table(data, "roster.csv", cents=("incentive",), days=("from_date",))
    grid = shared.at_month_end(roster[roster["level"] == 1])
    grid["quarter"] = (grid["month"] + 2) // 3
    grid = grid.merge(_quotas(data), on=["payee", "quarter"]).sort_values(KEYS, ignore_index=True)
    grid = grid.assign(amount=shared.looked_up(grid, sold), push=shared.looked_up(grid, push))
    ytd = grid.groupby("payee")["amount"].cumsum()
    qtd = grid.groupby(["payee", "quarter"])["amount"].cumsum()
    to_date = _entitled(ytd, grid["quota"])
    before = to_date.groupby(grid["payee"]).shift(1, fill_value=0)
    year_limit = shared.rounded(120 * grid["incentive"], 100)
    return grid.assign(
        made=(qtd >= grid["quarter_quota"]).astype(np.int64),
        base=shared.limited(to_date, before, year_limit),
        period_limit=shared.rounded(60 * grid["incentive"], 100),
    )


def _quotas(data: Path) -> pd.DataFrame:
    """Each payee's quarters with the quota of the quarter and that of the year."""
    targets = shared.table(data, "targets.csv", cents=("target",), days=("period",))
    targets = targets[targets["kind"] == "own"].assign(quarter=targets["period"].dt.quarter)
    year = targets.groupby("payee")["target"].transform("sum")
    return targets.assign(quota=year, quarter_quota=targets["target"])[["payee", "quarter", "quota", "quarter_quota"]]


def _entitled(ytd: pd.Series, quota: pd.Series) -> pd.Series:
    """The tiers' entitlement to date, in cents; in units of 1/8000 cent 1.25% of a cent is 100, and the bound of 50% needs its half."""
    first = 50 * np.minimum(2 * ytd, quota)
    second = 100 * np.maximum(np.minimum(2 * ytd, 2 * quota) - quota, 0)
    third = 400 * np.maximum(ytd - quota, 0)
    found: pd.Series = shared.rounded((first + second + third).where(ytd >= 0, 100 * ytd), 8000)
    return found
