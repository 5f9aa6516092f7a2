"""The database of a run: how much memory it may use, and where it puts what does not fit."""

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
    """A new database in memory. Raises Problems for a limit that is none.

    What does not fit goes into a folder among the system's temporary files; it is made when it is needed, and removed at the end.
    """
    connection = duckdb.connect(":memory:")
    connection.execute("set enable_progress_bar = false")
    # Tables are made once and dropped whole, so that a checkpoint finds nothing to reclaim; it would look through all of them.
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
    """Return True for full memory or a full disk; other trouble with reading is a damaged file."""
    return isinstance(problem, duckdb.OutOfMemoryException) or "space" in str(problem)


def out_of_space(what: str, problem: duckdb.Error) -> Problems:
    """Something found no room, neither in memory nor on the disk."""
    return Problems([diagnose("run-no-room", None, (), stage=what, problem=str(problem).splitlines()[0])])
