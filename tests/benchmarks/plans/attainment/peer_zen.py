"""The plan `attainment` with zen: one decision rates each order, another each payee's month; Python sums, remembers, caps and shares."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from tests.benchmarks import peers_pandas
from tests.benchmarks import peers_zen as shared

KEYS = peers_pandas.KEYS
HERE = Path(__file__).parent


def payouts(data: Path) -> pa.Table:
    """What the plan pays."""
    push = shared.decision(HERE / "peer_zen_push.json")
    sold: dict[tuple[str, int], int] = defaultdict(int)
    pushed: dict[tuple[str, int], int] = defaultdict(int)
    for order in shared.order_rows(data, ["payee", "month", "amount", "product", "units"]):
        key = (order["payee"], order["month"])
        sold[key] += order["amount"]
        pushed[key] += push({name: order[name] for name in ("product", "month", "units")})["push"]
    roster = peers_pandas.table(data, "roster.csv", cents=("incentive",), days=("from_date",))
    grid = peers_pandas.at_ends(roster[roster["level"] == 1], peers_pandas.month_ends())
    grid["quarter"] = (grid["month"] + 2) // 3
    months = grid.merge(peers_pandas.quotas(data, "own"), on=["payee", "quarter"]).sort_values(KEYS)
    decide = shared.decision(HERE / "peer_zen.json")
    rows = [row for _, year in months.groupby("payee") for row in _year(year, decide, sold, pushed)]
    paid = peers_pandas.held(pd.DataFrame(rows).assign(version=1))
    return peers_pandas.payouts(paid, "account_executive")


def _year(
    year: pd.DataFrame, decide: shared.Decision, sold: dict[tuple[str, int], int], pushed: dict[tuple[str, int], int]
) -> list[dict[str, Any]]:
    """What a payee earns, month after month, with what the plan's limit leaves of each."""
    rows: list[dict[str, Any]] = []
    ytd = qtd = before = 0
    for month in year.to_dict("records"):
        key = (month["payee"], month["month"])
        ytd, qtd = ytd + sold[key], (0 if key[1] % 3 == 1 else qtd) + sold[key]
        asked = {name: month[name] for name in ("month", "quota", "quarter_quota")}
        found = decide({**asked, "ytd": ytd, "qtd": qtd})
        to_date, limit = shared.half_up(found["exact"], 8000), shared.half_up(120 * month["incentive"], 100)
        earned = {"base": min(to_date, limit) - min(before, limit)}
        before = to_date
        if key[1] % 3 == 0:
            earned["quarter_made"] = found["bonus"]
        if key[1] == 6:
            earned["push"] = pushed[key]
        target = min(sum(earned.values()), shared.half_up(60 * month["incentive"], 100))
        rows += [
            {"payee": key[0], "month": key[1], "component": component, "cents": cents, "target": target}
            for component, cents in earned.items()
        ]
    return rows
