"""Run hand-written DuckDB SQL on the files: a plan's `peer.sql`, and its `lines.sql` if there is one."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa


def table(query: Path, data: Path, threads: int) -> pa.Table:
    """Return the result of the query, which names the data's files without their folder."""
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"set threads = {threads}")
        connection.execute("set file_search_path = ?", [data.as_posix()])
        return connection.sql(query.read_text(encoding="utf-8")).to_arrow_table()
