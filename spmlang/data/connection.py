"""The DuckDB database of a run, with its memory limit and its folder for data that does not fit."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from itertools import count
from os import getpid
from pathlib import Path

import duckdb

from spmlang.diagnostics.diagnostic import Problems, diagnose

from .sql_text import string

_NUMBERS = count(1)


def connect(memory: str | None = None) -> duckdb.DuckDBPyConnection:
    """Open a new database in memory.

    Data beyond the memory limit is written to a folder among the system's temporary files. The folder is made on
    demand, and removed when the process ends.

    Args:
        memory: The memory limit, such as "4GB"; None for DuckDB's default.

    Raises:
        Problems: If `memory` is not a valid limit.
    """
    connection = duckdb.connect(":memory:")
    connection.execute("set enable_progress_bar = false")
    # Tables are made once and dropped whole, so a checkpoint would scan all of them and reclaim nothing.
    connection.execute("set checkpoint_threshold = '1000 TiB'")
    spill = Path(tempfile.gettempdir(), f"spmlang-{getpid()}-{next(_NUMBERS)}")
    connection.execute(f"set temp_directory = {string(spill.as_posix())}")
    atexit.register(shutil.rmtree, spill, ignore_errors=True)
    if memory is not None:
        try:
            connection.execute(f"set memory_limit = {string(memory)}")
        except duckdb.Error as mistake:
            raise Problems([diagnose("run-memory", None, (), found=memory)]) from mistake
    return connection


def is_out_of_space(problem: duckdb.Error) -> bool:
    """Return True for full memory or a full disk. Other errors while reading mean a damaged file."""
    return isinstance(problem, duckdb.OutOfMemoryException) or "space" in str(problem)


def out_of_space(what: str, problem: duckdb.Error) -> Problems:
    """Return the error for the stage `what`, which found no space in memory or on the disk."""
    return Problems([diagnose("run-no-room", None, (), stage=what, problem=str(problem).splitlines()[0])])
