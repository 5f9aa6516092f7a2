"""The plan `territories` in pandas.

Credits are whole twentieths of a cent, because products count in halves and shares in tenths.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from tests.benchmarks import peers_pandas as shared

KEYS = shared.KEYS
SHARES = {"payee": 7, "partner": 3, "engineer": 5}  # tenths
HALVES = {"P0": 3, "P1": 3, "P8": 1, "P9": 1}  # other products: 2
TERRITORIES = {
    "central": ["AT", "CH", "DE"],
    "north": ["DK", "NO", "SE"],
    "overseas": ["CA", "US"],
    "south": ["ES", "IT", "PT"],
    "west": ["BE", "FR", "GB", "NL"],
}


def payouts(data: Path) -> pa.Table:
    """Compute the plan's payouts."""
    orders = shared.orders(data, ["payee", "partner", "engineer", "day", "month", "amount", "product", "region"])
    roster = shared.table(data, "roster.csv")
    sellers = roster.loc[roster["level"] == 1, ["payee"]].drop_duplicates()
    grid = sellers.merge(shared.month_ends(), how="cross").assign(quarter=lambda rows: (rows["month"] + 2) // 3)
    grid = grid.merge(shared.quotas(data, "own"), on=["payee", "quarter"]).sort_values(KEYS)
    credited = shared.looked_up(grid, _credited(orders))
    regional = shared.looked_up(grid, _regional(orders, data))
    grid = grid.assign(credited=credited, regional=regional)
    to_date = grid.groupby(["payee", "quarter"])[["credited", "regional"]].cumsum()
    before = to_date - grid[["credited", "regional"]]
    now, then = (_entitled(standing, grid["quarter_quota"]) for standing in (to_date, before))
    parts = [grid[KEYS].assign(component=name, version=1, cents=now[name] - then[name]) for name in ("base", "area")]
    return shared.payouts(pd.concat(parts, ignore_index=True), "account_manager")


def _credited(orders: pd.DataFrame) -> pd.Series:
    """Return credits by payee and month, in twentieths of a cent."""
    halves = orders["product"].map(lambda product: HALVES.get(product, 2)).astype(np.int64) * orders["amount"]
    parts = [
        (share * halves).groupby([orders[role].rename("payee"), orders["month"]], observed=True).sum()
        for role, share in SHARES.items()
    ]
    return pd.concat([part.reset_index(name="twentieths") for part in parts]).groupby(KEYS)["twentieths"].sum()


def _regional(orders: pd.DataFrame, data: Path) -> pd.Series:
    """Return cents by owner and month.

    A region belongs to the territory that covers it, and on each day to the owner of that territory.
    """
    by_day = orders.groupby(["region", "day"], observed=True)["amount"].sum().reset_index()
    regions = shared.table(data, "regions.csv")
    names = {country: name for name, countries in TERRITORIES.items() for country in countries}
    regions["territory"] = regions["country"].map(names).mask(regions["segment"] == "key", "key_accounts")
    covered = by_day.astype({"region": "str"}).merge(regions[["region", "territory"]], on="region")
    sold = covered.groupby(["territory", "day"])["amount"].sum().reset_index().sort_values("day")
    owners = shared.table(data, "owners.csv", days=("from_date",)).sort_values("from_date")
    owned = pd.merge_asof(sold, owners, left_on="day", right_on="from_date", by="territory")
    return owned.groupby(["payee", owned["day"].dt.month.rename("month")])["amount"].sum()


def _entitled(standing: pd.DataFrame, quota: pd.Series) -> pd.DataFrame:
    """Return entitlements to date in cents. Attainment is credited / 20 / quota."""
    credited, regional = standing["credited"], standing["regional"]
    multiplier = 1 + sum((credited * 100 >= bound * 20 * quota).astype(np.int64) for bound in (80, 100, 120))  # halves
    area = (4 * regional).where(credited * 100 >= 50 * 20 * quota, 0)
    return pd.DataFrame(
        {"base": shared.rounded(multiplier * credited, 2000), "area": shared.rounded(area, 1000)}, index=standing.index
    )
