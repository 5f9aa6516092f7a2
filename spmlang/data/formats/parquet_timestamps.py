"""Timestamps in Parquet files that DuckDB cannot read.

They are milliseconds beyond the range of 64-bit microseconds.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from spmlang.data.files import DataFile
from spmlang.diagnostics.diagnostic import Cell, Diagnostic, diagnose
from spmlang.project.contract import ColumnKind, Contract

#: The most milliseconds that DuckDB can read. It also reads the greatest 64-bit numbers, as infinity.
_MOST = (2**63 - 1) // 1000
_INFINITE = 2**63 - 1


def unreadable_timestamps(contract: Contract, file: DataFile) -> list[Diagnostic]:
    """Return an error for the first such timestamp of each date column.

    The result is empty for a damaged file, which is reported elsewhere.
    """
    try:
        return _out_of_range(contract, file)
    except (pa.ArrowException, OSError):
        return []


def _out_of_range(contract: Contract, file: DataFile) -> list[Diagnostic]:
    with pq.ParquetFile(file.path) as opened:
        schema = opened.schema_arrow
        dates = {column.header for column in contract.columns if column.kind is ColumnKind.DATE}
        names = [name for name in schema.names if name in dates and schema.field(name).type == pa.timestamp("ms")]
        return [found for name in names for found in _first_out_of_range(opened, file, name)]


def _first_out_of_range(opened: pq.ParquetFile, file: DataFile, header: str) -> Iterator[Diagnostic]:
    """Yield an error for the first such timestamp of one column, if there is one."""
    before = 0
    for batch in opened.iter_batches(columns=[header]):
        moments = batch.column(0).cast(pa.int64())
        readable = pc.is_in(moments, pa.array([_INFINITE, -_INFINITE, None], pa.int64()))
        out_of_range = pc.and_not(pc.or_(pc.greater(moments, _MOST), pc.less(moments, -_MOST)), readable)
        position = pc.index(out_of_range, pa.scalar(True)).as_py()
        if position >= 0:
            value = str(np.datetime64(moments[position].as_py(), "ms"))
            yield diagnose("data-date", Cell(file.shown, before + position + 1, header), value=value)
            return
        before += len(batch)
