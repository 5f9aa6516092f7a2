"""Write a Parquet output as one file, or as a folder partitioned by time.

Equal rows give equal bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

#: Writes a table of that name into a folder. The table arrives in parts, so that it need not be in memory as a whole.
TableWriter = Callable[[Path, str, pa.Schema, Iterable[pa.Table]], None]

_FILE = "part-0.parquet"

#: Rows of a row group, whatever the size of the parts. Groups are smaller if many files are open at once.
_GROUP, _GROUP_OF_MANY = 131_072, 16_384


def write_whole(folder: Path, name: str, schema: pa.Schema, parts: Iterable[pa.Table]) -> None:
    """Write a table as one file, `name.parquet`."""
    with _writing(folder / f"{name}.parquet", schema, _GROUP) as add:
        for part in parts:
            add(part)


def write_partitioned(folder: Path, name: str, schema: pa.Schema, parts: Iterable[pa.Table]) -> None:
    """Write a table as one folder for each pay period, or for each month.

    Months apply to a table with days and no period. A path is `name/period=2025-01/part-0.parquet`. The files leave out
    the column of the period, as readers of such folders expect. A table without rows is one file, because a folder
    without files would not show the columns.
    """
    by = "period" if "period" in schema.names else "month"
    kept = [column for column in schema.names if column != by]
    own = pa.schema([schema.field(column) for column in kept])
    files: dict[str, Callable[[pa.Table], None]] = {}
    with ExitStack() as stack:
        for part in parts:
            values = part[by] if by in schema.names else _months(part["day"])
            for value in pc.unique(values).to_pylist():
                if value not in files:
                    path = folder / name / f"{by}={quote(value, safe='')}" / _FILE
                    files[value] = stack.enter_context(_writing(path, own, _GROUP_OF_MANY))
                files[value](part.select(kept).filter(pc.equal(values, value)))
    if not files:
        with _writing(folder / name / _FILE, own.append(pa.field(by, pa.string())), _GROUP_OF_MANY):
            pass


def writer(partitioned: bool) -> TableWriter:
    """Return the function that writes a table as a partitioned folder, or as one file."""
    return write_partitioned if partitioned else write_whole


def _months(days: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return the month of each day, such as `2025-01`."""
    return pc.utf8_slice_codeunits(days.cast(pa.string()), 0, len("2025-01"))


@contextmanager
def _writing(path: Path, schema: pa.Schema, group: int) -> Iterator[Callable[[pa.Table], None]]:
    """Yield a function that adds rows to a Parquet file in groups of `group` rows, until the block ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=True, write_statistics=True) as writer:
        waiting = schema.empty_table()

        def add(rows: pa.Table) -> None:
            nonlocal waiting
            waiting = pa.concat_tables([waiting, rows])
            while waiting.num_rows >= group:
                writer.write_table(waiting.slice(0, group).combine_chunks())
                waiting = waiting.slice(group)

        yield add
        if waiting.num_rows:
            writer.write_table(waiting.combine_chunks())
