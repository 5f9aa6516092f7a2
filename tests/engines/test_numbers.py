"""The SQL of rounding and sharing says what `values.rounding` says, also past 64 bits, where a database takes another way."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import duckdb
import pytest

from spmlang.data.connection import connect
from spmlang.data.tables import Tables
from spmlang.engines.duckdb import DuckDBRunner
from spmlang.engines.sql_runner import SqlRunner
from spmlang.relations.exact_arithmetic import Division, apportion_column, round_columns
from spmlang.relations.nodes import (
    Binary,
    Case,
    Compare,
    Const,
    Input,
    Project,
    Ref,
    Relation,
    Scalar,
    Stage,
    Step,
    ToUnits,
)
from spmlang.values.rounding import Mode, apportion, div_round
from tests.engines.every import SPARK

_ENGINES = ["duckdb", SPARK]
_EDGES = [2**63 - 1, 2**63, 2**63 + 1, 2**31, 10**18 - 1, 10**18, 0, 1, 5]


@contextmanager
def _run(engine: str) -> Iterator[SqlRunner]:
    """A run without a project."""
    none = Tables(connection=cast("duckdb.DuckDBPyConnection", None), contracts={})
    if engine == "spark":
        from spmlang.engines.spark.engine import SparkRunner
        from spmlang.engines.spark.session import spark_session

        run: SqlRunner = SparkRunner(spark_session(), none)
    else:
        run = DuckDBRunner(connect().cursor(), none)
    try:
        yield run
    finally:
        run.drop()


def _found(engine: str, table: Input, relation: Relation, *columns: str) -> list[tuple[int, ...]]:
    with _run(engine) as run:
        run.input(table)
        run.create(Step("found", relation, ""))
        _, rows = run.rows(run.sql(run.renderer.query(Project(Stage("found"), tuple((c, Ref(c)) for c in columns)))))
        return sorted(tuple(int(cast(int, value)) for value in row) for row in rows)


def _numbers(digits: int) -> list[int]:
    """Whole numbers of all lengths, and those beside which a database changes its way."""
    chance = random.Random(digits)
    found = [chance.randrange(10 ** chance.randint(1, digits)) for _ in range(300)] + _EDGES
    return [sign * number for number in found for sign in (1, -1)]


@pytest.mark.parametrize("engine", _ENGINES)
@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("divisor", [1, 2, 3, 10, 1000, 999, 2**63, 10**19 + 1])
def test_every_number_is_rounded_in_every_mode(mode: Mode, divisor: int, engine: str) -> None:
    numbers = sorted(set(_numbers(36)))
    table = Input("numbers", (("n", "whole"), ("d", "whole")), tuple((n, divisor) for n in numbers))
    divisions: dict[str, Scalar] = {"by_constant": Const(divisor), "by_column": Ref("d")}
    rounded = round_columns(Stage("numbers"), {name: Division("n", by) for name, by in divisions.items()}, mode)
    expected = [(n, div_round(n, divisor, mode), div_round(n, divisor, mode)) for n in numbers]
    assert _found(engine, table, rounded, "n", *divisions) == expected


@pytest.mark.parametrize("engine", _ENGINES)
@pytest.mark.parametrize("digits", [4, 18])
def test_what_is_shared_is_shared_to_the_last_unit(digits: int, engine: str) -> None:
    chance = random.Random(digits)
    groups = {}
    for group in range(60):
        weights = [chance.randrange(10**digits) * chance.choice([1, 1, -1]) for _ in range(chance.randint(1, 7))]
        if sum(weights):
            groups[group] = (chance.randrange(-(10**digits), 10**digits), weights)
    rows = tuple(
        (group, turn, total, weight)
        for group, (total, weights) in groups.items()
        for turn, weight in enumerate(weights)
    )
    table = Input("weights", (("g", "index"), ("timing", "index"), ("total", "whole"), ("weight", "whole")), rows)
    shared = apportion_column(
        Stage("weights"), "share", total="total", weight="weight", partition=("g",), order=("timing",)
    )
    expected = [
        (group, turn, share)
        for group, (total, weights) in groups.items()
        for turn, share in enumerate(apportion(total, weights))
    ]
    assert _found(engine, table, shared, "g", "timing", "share") == expected


@pytest.mark.parametrize("engine", _ENGINES)
@pytest.mark.parametrize("scale", [0, 2, 9, 10])
def test_a_decimal_is_as_many_units(scale: int, engine: str) -> None:
    """DuckDB moves the point by a product, which keeps the places and needs as many digits more."""
    numbers = sorted(n for n in set(_numbers(38)) if abs(n) < 10 ** (38 - 2 * scale))
    table = Input("numbers", (("n", "whole"),), tuple((n,) for n in numbers))
    units = Project(Stage("numbers"), (("n", Ref("n")), ("units", ToUnits(Ref("n"), scale))))
    assert _found(engine, table, units, "n", "units") == [(n, n * 10**scale) for n in numbers]


def test_a_constant_past_128_bits_is_an_error_and_no_float() -> None:
    table = Input("numbers", (("n", "whole"),), ((0,), (5,)))
    for value in (
        Binary("*", Const(2**127), Ref("n")),
        Case(((Compare("<", Ref("n"), Const(3)), Const(10**40)),), Ref("n")),
    ):
        with pytest.raises((duckdb.OutOfRangeException, duckdb.ConversionException), match=r"INT128|too large"):
            _found("duckdb", table, Project(Stage("numbers"), (("found", value),)), "found")
    most = Project(Stage("numbers"), (("found", Binary("*", Const(2**127 // 5), Ref("n"))),))
    assert _found("duckdb", table, most, "found") == [(0,), (2**127 // 5 * 5,)]
