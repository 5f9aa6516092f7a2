"""What the zen peers share. A decision is asked once for each row; whatever is summed or remembered is Python's work.

Amounts are whole cents (or finer units); zen computes with decimals.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import zen

from tests.benchmarks import peers_pandas

Row = dict[str, Any]
BATCH = 10_000


def decided(path: Path, contexts: Iterable[Row]) -> Iterator[Row]:
    """What the decision of a JSON file says of each of the contexts, asked many at a time."""
    content = {path.name: json.loads(path.read_text(encoding="utf-8"))}
    engine = zen.ZenEngine({"loader": {"type": "static", "content": content}})
    rest = iter(contexts)
    while batch := list(islice(rest, BATCH)):
        for answer in engine.evaluate_batch([{"key": path.name, "context": context} for context in batch]):
            yield answer["data"]["result"]


def order_rows(data: Path, columns: list[str]) -> list[Row]:
    """The orders, one after the other."""
    rows: list[Row] = peers_pandas.orders(data, columns).astype({"payee": "str"}).to_dict("records")
    return rows


def half_up(units: int, per_cent: int) -> int:
    """Cents of finer units; a half goes away from zero."""
    whole = (abs(units) + per_cent // 2) // per_cent
    return whole if units >= 0 else -whole


def payouts(rows: Iterable[Row], plan: str) -> pa.Table:
    """Rows (payee, month, component, cents) as payouts."""
    return peers_pandas.payouts(pd.DataFrame(list(rows)).assign(version=1), plan)
