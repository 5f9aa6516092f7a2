"""The plan `attainment` with zen: zen decides each order and each payee's month; Python sums and caps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pandas as pd
import pyarrow as pa

from tests.benchmarks import peers_pandas
from tests.benchmarks import peers_zen as shared

KEYS = peers_pandas.KEYS
HERE = Path(__file__).parent
ASKED = ("month", "quota", "quarter_quota", "ytd", "qtd")


def payouts(data: Path) -> pa.Table:
    """Compute the plan's payouts."""
    months = _standing(data)
    decided = shared.decided(HERE / "peer_zen.json", ({name: month[name] for name in ASKED} for month in months))
    told = [{**month, **found} for month, found in zip(months, decided, strict=True)]
    rows = [row for _, year in groupby(told, lambda month: month["payee"]) for row in _year(year)]
    paid = peers_pandas.held(pd.DataFrame(rows).assign(version=1))
    return peers_pandas.payouts(paid, "account_executive")


def _standing(data: Path) -> list[shared.Row]:
    """Return each seller's months in order: sales to date, pay of the push, quotas, and incentive."""
    orders = shared.order_rows(data, ["payee", "month", "amount", "product", "units"])
    contexts = ({name: order[name] for name in ("product", "month", "units")} for order in orders)
    sold: dict[tuple[str, int], int] = defaultdict(int)
    pushed: dict[tuple[str, int], int] = defaultdict(int)
    for order, found in zip(orders, shared.decided(HERE / "peer_zen_push.json", contexts), strict=True):
        key = (order["payee"], order["month"])
        sold[key] += order["amount"]
        pushed[key] += found["push"]
    roster = peers_pandas.table(data, "roster.csv", cents=("incentive",), days=("from_date",))
    grid = peers_pandas.at_ends(roster[roster["level"] == 1], peers_pandas.month_ends())
    grid["quarter"] = (grid["month"] + 2) // 3
    months: list[shared.Row] = (
        grid.merge(peers_pandas.quotas(data, "own"), on=["payee", "quarter"]).sort_values(KEYS).to_dict("records")
    )
    ytd = qtd = 0
    for month in months:
        key = (month["payee"], month["month"])
        ytd = sold[key] + (0 if key[1] == 1 else ytd)
        qtd = sold[key] + (0 if key[1] % 3 == 1 else qtd)
        month.update(ytd=ytd, qtd=qtd, push=pushed[key])
    return months


def _year(months: Iterator[shared.Row]) -> Iterator[shared.Row]:
    """Yield a payee's earnings month by month, with the part within the plan's cap as `target`."""
    before = 0
    for month in months:
        to_date, limit = shared.half_up(month["exact"], 8000), shared.half_up(65 * month["incentive"], 100)
        earned = {"base": min(to_date, limit) - min(before, limit)}
        before = to_date
        if month["month"] % 3 == 0:
            earned["quarter_made"] = month["bonus"]
        if month["month"] == 6:
            earned["push"] = month["push"]
        target = min(sum(earned.values()), shared.half_up(25 * month["incentive"], 100))
        for component, cents in earned.items():
            yield {**{name: month[name] for name in KEYS}, "component": component, "cents": cents, "target": target}
