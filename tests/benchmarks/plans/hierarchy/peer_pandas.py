"""The plan `hierarchy` in pandas."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from tests.benchmarks import peers_pandas as shared

KEYS = shared.KEYS
SELLER: shared.Tiers = ((0, 200), (100, 400))
LEADER: shared.Tiers = ((0, 20), (80, 30), (100, 40))


def payouts(data: Path) -> pa.Table:
    """Compute the payouts of both plans."""
    orders = shared.orders(data, ["payee", "day", "amount"])
    own = orders.groupby(["payee", "day"], observed=True)["amount"].sum().reset_index().astype({"payee": "str"})
    team = shared.up_the_line(own, shared.table(data, "reporting.csv", days=("from_date",)))
    roster = shared.table(data, "roster.csv", cents=("incentive",), days=("from_date",))
    sellers = _standing(data, roster[roster["level"] == 1], "own", own)
    leaders = _standing(data, roster[roster["level"] >= 2], "team", team)
    return pa.concat_tables([_sellers(sellers), _leaders(leaders)])


def _standing(data: Path, roster: pd.DataFrame, kind: str, sold: pd.DataFrame) -> pd.DataFrame:
    """Return each payee's months, with sales to date and quotas."""
    grid = shared.at_ends(roster, shared.month_ends()).assign(quarter=lambda rows: (rows["month"] + 2) // 3)
    grid = grid.merge(shared.quotas(data, kind), on=["payee", "quarter"]).sort_values(KEYS, ignore_index=True)
    by_month = sold.groupby(["payee", sold["day"].dt.month.rename("month")])["amount"].sum()
    grid["amount"] = shared.looked_up(grid, by_month)
    ytd = grid.groupby("payee")["amount"].cumsum()
    return grid.assign(ytd=ytd, qtd=grid.groupby(["payee", "quarter"])["amount"].cumsum())


def _sellers(grid: pd.DataFrame) -> pa.Table:
    to_date = shared.rounded(shared.marginal(grid["ytd"], grid["quota"], SELLER), 1_000_000)
    cents = to_date - to_date.groupby(grid["payee"]).shift(1, fill_value=0)
    return shared.payouts(grid[KEYS].assign(component="base", version=1, cents=cents), "seller")


def _leaders(grid: pd.DataFrame) -> pa.Table:
    to_date = shared.rounded(shared.retroactive(grid["qtd"], grid["quarter_quota"], LEADER), 10_000)
    before = to_date.groupby([grid["payee"], grid["quarter"]]).shift(1, fill_value=0)
    team = shared.limited(to_date, before, shared.rounded(10 * grid["incentive"], 100))
    year = grid[grid["month"] == 12]
    made = 500_000 * (year["ytd"] >= year["quota"]).astype(np.int64)
    parts = [grid[KEYS].assign(component="team", cents=team), year[KEYS].assign(component="year_made", cents=made)]
    return shared.payouts(pd.concat(parts, ignore_index=True).assign(version=1), "leader")
