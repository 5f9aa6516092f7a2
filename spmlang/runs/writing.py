"""How a Parquet output lies in its folder: as one file, or as a folder partitioned by time. Equal tables give equal bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

#: Writes a table of that name into a folder.
TableWriter = Callable[[Path, str, pa.Table], None]

_FILE = "part-0.parquet"


def write_whole(folder: Path, name: str, table: pa.Table) -> None:
    """One file."""
    _write(folder / f"{name}.parquet", table)


def write_partitioned(folder: Path, name: str, table: pa.Table) -> None:
    """A folder for each pay period, or for each month of a table of days: `name/period=2025-01/part-0.parquet`.

    As readers of such folders expect it, the files do not repeat the period. A table without rows is one file: from a folder
    without files nobody could tell the columns.
    """
    by, values = ("period", table["period"]) if "period" in table.column_names else ("month", _months(table["day"]))
    rest = table.drop_columns([by]) if by in table.column_names else table
    for value in sorted(pc.unique(values).to_pylist()):
        _write(folder / name / f"{by}={quote(value, safe='')}" / _FILE, rest.filter(pc.equal(values, value)))
    if not table.num_rows:
        _write(folder / name / _FILE, rest.append_column(by, pa.array([], pa.string())))


def _months(days: pa.ChunkedArray) -> pa.ChunkedArray:
    """`2025-01` of each day."""
    return pc.utf8_slice_codeunits(days.cast(pa.string()), 0, len("2025-01"))


def _write(path: Path, table: pa.Table) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd", use_dictionary=True, write_statistics=True)
