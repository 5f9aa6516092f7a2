"""The plan `flat` with zen: a decision table rates each order, Python adds and rounds."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from tests.benchmarks import peers_pandas
from tests.benchmarks import peers_zen as shared


def payouts(data: Path) -> pa.Table:
    """What the plan pays."""
    rate = shared.decision(Path(__file__).with_name("peer_zen.json"))
    people = peers_pandas.table(data, "roster.csv")
    levels = dict(zip(people["payee"], people["level"].tolist(), strict=True))
    sums = {(payee, month): 0 for payee, level in levels.items() if level == 1 for month in peers_pandas.MONTHS}
    for order in shared.order_rows(data, ["payee", "month", "amount"]):
        key, level = (order["payee"], order["month"]), levels[order["payee"]]
        earned = rate({"level": level, "amount": order["amount"]})["thousandths"]
        if level == 1:
            sums[key] += earned
    rows = [
        {"payee": payee, "month": month, "component": "base", "cents": shared.half_up(units, 1000)}
        for (payee, month), units in sums.items()
    ]
    return shared.payouts(rows, "seller")
