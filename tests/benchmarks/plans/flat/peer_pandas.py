"""The plan `flat` in pandas."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from tests.benchmarks import peers_pandas as shared


def payouts(data: Path) -> pa.Table:
    """Compute the plan's payouts."""
    orders = shared.orders(data, ["payee", "month", "amount"])
    sold = orders.groupby(["payee", "month"], observed=True)["amount"].sum()
    roster = shared.table(data, "roster.csv")
    sellers = roster.loc[roster["level"] == 1, "payee"].unique()
    grid = pd.MultiIndex.from_product([sellers, shared.MONTHS], names=["payee", "month"])
    # 3.5% of a cent is 35 of 1,000.
    rows = sold.reindex(grid, fill_value=0).rename("sold").reset_index()
    rows["cents"] = shared.rounded(35 * rows["sold"], 1000)
    return shared.payouts(rows.assign(component="base", version=1), "seller")
