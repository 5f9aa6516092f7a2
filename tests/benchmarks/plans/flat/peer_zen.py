"""The plan `flat` with zen: a decision table rates each order, and Python adds and rounds."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from tests.benchmarks import peers_pandas
from tests.benchmarks import peers_zen as shared


def payouts(data: Path) -> pa.Table:
    """Compute the plan's payouts."""
    people = peers_pandas.table(data, "roster.csv")
    levels = dict(zip(people["payee"], people["level"].tolist(), strict=True))
    sums = {(payee, month): 0 for payee, level in levels.items() if level == 1 for month in peers_pandas.MONTHS}
    orders = shared.order_rows(data, ["payee", "month", "amount"])
    contexts = ({"level": levels[order["payee"]], "amount": order["amount"]} for order in orders)
    decided = shared.decided(Path(__file__).with_name("peer_zen.json"), contexts)
    for order, rated in zip(orders, decided, strict=True):
        if levels[order["payee"]] == 1:
            sums[order["payee"], order["month"]] += rated["thousandths"]
    rows = (
        {"payee": payee, "month": month, "component": "base", "cents": shared.half_up(units, 1000)}
        for (payee, month), units in sums.items()
    )
    return shared.payouts(rows, "seller")
