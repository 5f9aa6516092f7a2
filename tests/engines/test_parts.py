"""Rows that come part by part: what goes wrong on the way is DuckDB's own error, as it is where they come at once."""

from collections.abc import Iterator

import duckdb
import pytest

from spmlang.data.connection import connect
from spmlang.data.tables import Tables
from spmlang.engines.duckdb import DuckDBRunner

FAULTS = {
    "select i from range(20_000_000) t(i) order by hash(i)": duckdb.OutOfMemoryException,
    "select cast(i + 12::hugeint * 10::hugeint ** 37 as decimal(38, 0)) from range(3) t(i)": duckdb.ConversionException,
    "select i * 170000000000000000000000000000000000000::hugeint from range(3) t(i)": duckdb.OutOfRangeException,
}


@pytest.fixture
def stages() -> Iterator[DuckDBRunner]:
    """Stages of a small database that has no disk."""
    connection = connect("40MB")
    connection.execute("set temp_directory = ''")
    yield DuckDBRunner(connection.cursor(), Tables(connection=connection, contracts={}))
    connection.close()


@pytest.mark.parametrize("query", FAULTS)
def test_what_goes_wrong_on_the_way_is_told_as_always(stages: DuckDBRunner, query: str) -> None:
    with pytest.raises(FAULTS[query]):
        list(stages.batches(query))
    with pytest.raises(FAULTS[query]):
        stages.arrow(query)


def test_the_parts_are_all_rows(stages: DuckDBRunner) -> None:
    numbers = [row for part in stages.batches("select i from range(300_000) t(i)") for row in part["i"].to_pylist()]
    assert numbers == list(range(300_000))


def test_who_stops_in_between_leaves_nothing_open(stages: DuckDBRunner) -> None:
    parts = stages.batches("select i from range(1_000_000) t(i)")
    next(parts)
    parts.close()
    assert stages.rows("select 1")[1] == [(1,)]
