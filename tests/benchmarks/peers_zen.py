"""The code that the zen peers share. zen decides each row; Python computes sums and running totals.

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
    """Yield the result of a decision (a JSON file) for each of the contexts, evaluated in batches."""
    content = {path.name: json.loads(path.read_text(encoding="utf-8"))}
    engine = zen.ZenEngine({"loader": {"type": "static", "content": content}})
    rest = iter(contexts)
    while batch := list(islice(rest, BATCH)):
        for answer in engine.evaluate_batch([{"key": path.name, "context": context} for context in batch]):
            yield answer["data"]["result"]


def order_rows(data: Path, columns: list[str]) -> list[Row]:
    """Return the orders as dictionaries."""
    rows: list[Row] = peers_pandas.orders(data, columns).astype({"payee": "str"}).to_dict("records")
    return rows


def half_up(units: int, per_cent: int) -> int:
    """Round finer units to cents. A half is rounded away from zero."""
    whole = (abs(units) + per_cent // 2) // per_cent
    return whole if units >= 0 else -whole


def payouts(rows: Iterable[Row], plan: str) -> pa.Table:
    """Return rows (payee, month, component, cents) as payouts."""
    return peers_pandas.payouts(pd.DataFrame(list(rows)).assign(version=1), plan)
