"""Types in SQL trees: sqlglot's generators, where they are compiled, take a tree for a type wherever they look into one."""

import pytest
from sqlglot import exp

from spmlang.engines.duckdb import DuckDBRenderer
from spmlang.engines.sql_nodes import cast_to


@pytest.mark.parametrize("word", ["DECIMAL(38, 0)", "DATE", "BOOLEAN"])
def test_spark_is_given_trees(word: str) -> None:
    cast = cast_to(exp.column("a"), word, "spark")
    assert isinstance(cast.to, exp.DataType)
    assert cast.sql(dialect="spark") == f"CAST(a AS {word})"


def test_duckdb_is_given_trees_where_a_cast_may_fail() -> None:
    division = DuckDBRenderer({}).quotient(exp.column("a"), exp.column("b"))
    assert [type(cast.to) for cast in division.find_all(exp.TryCast)] == [exp.DataType] * 2
    assert division.sql(dialect="duckdb") == "COALESCE(TRY_CAST(a AS BIGINT) // TRY_CAST(b AS BIGINT), a // b)"
