"""Calculations that leave an engine for want of digits come back with the values that exact numbers have."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import cast

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spmlang.data.connection import connect
from spmlang.data.tables import Tables
from spmlang.diagnostics.diagnostic import Problems
from spmlang.engines.duckdb import DuckDBRunner
from spmlang.engines.sql_runner import SqlRunner
from spmlang.engines.wide_numbers import TooLarge, compute_chain, compute_weights
from spmlang.relations.exact_arithmetic import Division, Number, add, at_scale, compare, multiply, round_columns
from spmlang.relations.nodes import (
    AddColumns,
    Binary,
    Call,
    Case,
    Compare,
    Const,
    Filter,
    Input,
    IsIn,
    IsNull,
    Logic,
    Not,
    Null,
    Project,
    Ref,
    Scalar,
    Stage,
    Step,
    ToUnits,
    WeightStage,
)
from spmlang.values.rounding import Mode, apportion, div_round
from tests.engines.every import SPARK

_ENGINES = ["duckdb", SPARK]


@contextmanager
def _run(engine: str) -> Iterator[SqlRunner]:
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


def _sum_of_fractions(terms: int) -> Number:
    parts = [Number(Ref(f"n{term}"), 2, Ref(f"d{term}")) for term in range(terms)]
    total = parts[0]
    for part in parts[1:]:
        total = add(total, part)
    return total


_AMOUNTS = st.integers(-(10**14), 10**14)
_QUOTAS = st.integers(1, 10**14)


@pytest.mark.parametrize("engine", _ENGINES)
@pytest.mark.parametrize("mode", Mode)
def test_a_sum_of_many_fractions_is_rounded_as_the_exact_one(engine: str, mode: Mode) -> None:
    terms = 12

    @settings(max_examples=5)
    @given(st.lists(st.lists(st.tuples(_AMOUNTS, _QUOTAS), min_size=terms, max_size=terms), min_size=1, max_size=5))
    def holds(rows: list[list[tuple[int, int]]]) -> None:
        names = [f"{word}{term}" for term in range(terms) for word in "nd"]
        values = [(at, *(number for pair in row for number in pair)) for at, row in enumerate(rows)]
        table = Input("numbers", (("at", "index"), *((name, "whole") for name in names)), tuple(values))
        total = multiply(_sum_of_fractions(terms), Number(Const(5_000), 0))
        assert total.divisor is not None
        wide = AddColumns(Stage("numbers"), (("exact", at_scale(total, 2)),), passing=True)
        rounded = round_columns(wide, {"found": Division("exact", total.divisor)}, mode)
        high = compare(">=", total, Number(Const(7), 0))
        step = Step("rounded", AddColumns(rounded, (("high", Case(((high, Const(1)),), Const(0))),)), "plan.spm:7")
        with _run(engine) as run:
            run.input(table)
            run.make(step)
            columns = Project(Stage("rounded"), tuple((name, Ref(name)) for name in ("at", "found", "high")))
            _, found = run.rows(run.sql(run.renderer.query(columns)))
        for at, units, is_high in found:
            exact = 5_000 * sum((Fraction(n, d) for n, d in rows[int(str(at))]), Fraction(0))
            assert int(str(units)) == div_round(exact.numerator, exact.denominator, mode)
            assert bool(is_high) == (exact / 100 >= 7)

    holds()


@pytest.mark.parametrize("engine", _ENGINES)
def test_what_is_kept_and_has_no_room_is_told_with_the_plan_line(engine: str) -> None:
    step = Step("earned", AddColumns(Stage("numbers"), (("found", Binary("*", Ref("a"), Ref("a"))),)), "plan.spm:7")
    with _run(engine) as run:
        run.input(Input("numbers", (("a", "whole"),), ((10**20,),)))
        with pytest.raises(Problems) as told:
            run.make(step)
    (found,) = told.value.diagnostics
    assert found.slug == "run-too-large"
    assert "`earned` (plan.spm:7)" in found.message


_A, _B = Ref("a"), Ref("b")
_NOTHING = Null("whole")

#: A scalar, and its value where a is 7 and b is -2.
_VALUES: list[tuple[Scalar, object]] = [
    (Binary("/", _B, Const(4)), 0),
    (Binary("/", Const(-7), Const(2)), -3),
    (Binary("%", Const(-7), Const(4)), -3),
    (Binary("+", _A, _NOTHING), None),
    (Call("least", (_A, _NOTHING, _B)), -2),
    (Call("greatest", (_A, _NOTHING, _B)), 7),
    (Call("greatest", (_NOTHING,)), None),
    (Call("coalesce", (_NOTHING, _B)), -2),
    (Call("abs", (_B,)), 2),
    (Call("day_number", (Const(date(1, 1, 3)),)), 2),
    (Call("dated_key", (Const("x"), Const(date(2025, 1, 3)))), "x|2025-01-03"),
    (ToUnits(Ref("money"), 3), 12_340),
    (Logic("and", (Compare("<", _A, _NOTHING), Compare("<", _A, _B))), False),
    (Logic("and", (Compare("<", _A, _NOTHING), Compare(">", _A, _B))), None),
    (Logic("or", (Compare("<", _A, _NOTHING), Compare(">", _A, _B))), True),
    (Not(Compare("==", _A, _NOTHING)), None),
    (IsNull(_NOTHING), True),
    (IsIn(_A, (Const(1), Const(7))), True),
    (Case(((Compare("==", _A, _NOTHING), Const(1)), (Compare("==", _A, Const(7)), Const(2))), Const(3)), 2),
]


@pytest.mark.parametrize(("value", "expected"), _VALUES)
def test_a_scalar_means_what_it_means_in_sql(value: Scalar, expected: object) -> None:
    base = pa.table({"a": [7], "b": [-2], "money": pa.array([Decimal("12.34")], pa.decimal128(18, 2))})
    found = compute_chain(Project(Stage("base"), (("found", value),)), base)
    assert found.to_pylist() == [{"found": expected}]
    with _run("duckdb") as run:
        run.load_table("base", base)
        run.make(Step("again", Project(Stage("base"), (("found", value),)), ""))
        _, [[again]] = run.rows('SELECT found FROM "again"')
    assert again == expected


def test_rows_are_kept_where_a_test_holds_and_columns_where_somebody_reads_them() -> None:
    base = pa.table({"a": [1, 2, None]})
    wide = AddColumns(Stage("base"), (("wide", Binary("*", _A, Const(10**50))),), passing=True)
    small = AddColumns(wide, (("found", Binary("/", Ref("wide"), Const(10**49))),))
    chain = Filter(small, Compare(">", Ref("found"), Const(10)))
    assert compute_chain(chain, base).to_pylist() == [{"a": 2, "found": 20}]
    with pytest.raises(TooLarge):
        compute_chain(AddColumns(Stage("base"), (("wide", Binary("*", _A, Const(10**50))),)), base)


@given(
    st.lists(st.tuples(st.integers(-(10**30), 10**30), st.integers(1, 10**30)), min_size=1, max_size=6),
    st.integers(-(10**9), 10**9),
)
def test_fractions_share_and_rank_exactly(weights: list[tuple[int, int]], total: int) -> None:
    names = [f"p{at}" for at in range(len(weights))]
    # each weight comes in two halves
    rows = [(name, 1, total, top, bottom * 2) for name, (top, bottom) in zip(names, weights, strict=True)] * 2
    columns = dict(zip(("payee", "period", "pot", "top", "bottom"), zip(*rows, strict=True), strict=True))
    whole = pa.decimal128(38, 0)
    base = pa.table(
        {name: pa.array(own, whole if name in ("pot", "top", "bottom") else None) for name, own in columns.items()}
    )

    def found(total_column: str | None) -> list[int]:
        stage = WeightStage(
            "w",
            Stage("base"),
            "",
            top=Ref("top"),
            bottom=Ref("bottom"),
            by=("payee", "period"),
            group=("period",),
            total=total_column,
            equally=False,
        )
        return [int(row["found"]) for row in compute_weights(stage, base).to_pylist()]

    exact = [max(Fraction(0), Fraction(top, bottom)) for top, bottom in weights]
    order = sorted({Fraction(0), *exact})
    assert found(None) == [order.index(weight) for weight in exact]
    shares = found("pot")
    if sum(exact):
        assert sum(shares) == total
        assert all(abs(share - total * weight / sum(exact)) < 1 for share, weight in zip(shares, exact, strict=True))
    else:
        assert shares == [0] * len(weights) == apportion(total, [0] * len(weights))


def test_a_column_of_many_digits_is_brought_to_units_without_rounding() -> None:
    amount = Decimal("12345678901234567890123456789012.34")
    base = pa.table({"a": pa.array([amount], pa.decimal128(38, 2))})
    relation = Project(Stage("base"), (("units", ToUnits(Ref("a"), 2)),))
    assert compute_chain(relation, base).to_pylist() == [{"units": Decimal(1234567890123456789012345678901234)}]
