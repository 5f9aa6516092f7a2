"""The worst Parquet files, which can contain far more data than their bytes."""

from __future__ import annotations

from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq

from .making import RUN, Case, Files, instead


def _parquet(columns: dict[str, pa.Array], **how: object) -> Files:
    written = BytesIO()
    pq.write_table(pa.table(columns), written, **how)
    files = instead("files: deals.csv", "files: deals.parquet")
    del files["deals.csv"]
    return files | {"deals.parquet": written.getvalue()}


def _columns(rows: int = 1) -> dict[str, pa.Array]:
    texts = {"day": "2025-01-15", "seller": "ann", "amount": "800.00", "region": "west", "pieces": "3"}
    return {
        "number": pa.array(map(str, range(rows))),
        **{name: pa.array([text] * rows) for name, text in texts.items()},
    }


def _nested(depth: int) -> pa.Array:
    kind: pa.DataType = pa.int64()
    for _ in range(depth):
        kind = pa.list_(kind)
    return pa.array([None], kind)


def _repeated(rows: int, text: str) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), pa.array([text]))


CASES = [
    Case("parquet: columns", lambda n: _parquet(_columns() | {f"c{i}": pa.array([1]) for i in range(n // 250)}), RUN),
    Case(
        "parquet: a long text",
        lambda n: _parquet(_columns() | {"region": pa.array(["x" * n])}, compression="none", write_statistics=False),
        RUN,
    ),
    Case(
        "parquet: a long text in many rows",
        lambda n: _parquet(
            _columns(2000) | {"region": _repeated(2000, "x" * n)}, compression="none", write_statistics=False
        ),
        RUN,
    ),
    Case(
        "parquet: a long key in many rows",
        lambda n: _parquet(
            _columns(2000) | {"number": _repeated(2000, "x" * n)}, compression="none", write_statistics=False
        ),
        RUN,
    ),
    Case("parquet: groups of a row", lambda n: _parquet(_columns(n // 1500), row_group_size=1), RUN),
    Case(
        "parquet: one row many times",
        lambda n: _parquet(_columns(1) | {name: _repeated(n * 3 // 5, "1") for name in _columns(1)}),
        RUN,
    ),
    Case("parquet: nested types", lambda n: _parquet(_columns() | {"c": _nested(min(n // 100_000, 60))}), RUN),
    Case("parquet: a nested column", lambda n: _parquet(_columns() | {"region": _nested(3)}), RUN, 1_000_000),
]
