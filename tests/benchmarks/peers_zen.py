"""What the zen peers share. A decision is asked once for each row; whatever is summed or remembered is Python's work.

Amounts are whole cents (or finer units); zen computes with decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import zen

from tests.benchmarks import peers_pandas

Decision = Callable[[dict[str, Any]], dict[str, Any]]


def decision(path: Path) -> Decision:
    """The decision of a JSON file as a function."""
    found = zen.ZenEngine().create_decision(path.read_text(encoding="utf-8"))
    return lambda context: found.evaluate(context)["result"]


def order_rows(data: Path, columns: list[str]) -> Iterator[dict[str, Any]]:
    """The orders, one after the other."""
    frame = peers_pandas.orders(data, columns).astype({"payee": "str"})
    names = list(frame.columns)
    for values in frame.itertuples(index=False, name=None):
        yield dict(zip(names, values, strict=True))


def half_up(units: int, per_cent: int) -> int:
    """Cents of finer units; a half goes away from zero."""
    whole = (abs(units) + per_cent // 2) // per_cent
    return whole if units >= 0 else -whole


def payouts(rows: list[dict[str, Any]], plan: str) -> pa.Table:
    """Rows (payee, month, component, cents) as payouts."""
    return peers_pandas.payouts(pd.DataFrame(rows).assign(version=1), plan)
