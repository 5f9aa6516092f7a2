"""Where Spark has its own ways: arithmetic of 38 digits, texts, days, lines of managers, and the settings of its session."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from datetime import date
from typing import TYPE_CHECKING, cast

import pyarrow as pa
import pytest

from spmlang.data.tables import Tables
from spmlang.diagnostics.diagnostic import Problems
from spmlang.engines.spark.session import SETTINGS, apply_settings, spark_session
from spmlang.relations import nodes
from spmlang.relations.nodes import Binary, Call, Const, Input, Ref, Scalar
from tests.engines.every import SPARK_MARKS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from spmlang.engines.spark.engine import SparkRunner

_MOST = 10**38 - 1
_A, _B = Ref("a"), Ref("b")


def _spark() -> SparkRunner:
    """A run without a project."""
    from spmlang.engines.spark.engine import SparkRunner

    return SparkRunner(spark_session(), Tables(connection=cast("Tables", None), contracts={}))  # type: ignore[arg-type]


def _values(rows: list[tuple[object, ...]], types: dict[str, str], value: Scalar) -> list[object]:
    """What a scalar is on each row."""
    run = _spark()
    table = Input("numbers", tuple(types.items()), cast("tuple[tuple[int, ...], ...]", tuple(rows)))
    try:
        run.input(table)
        query = run.renderer.query(nodes.Project(nodes.Stage("numbers"), (("found", value),)))
        return [row[0] for row in run.rows(run.sql(query))[1]]
    finally:
        run.drop()


# ---- numbers ----------------------------------------------------------------------------------


def _numbers() -> list[tuple[int, int]]:
    chance = random.Random(7)

    def one() -> int:
        digits = chance.randint(1, 38)
        size: int = chance.choice([chance.randrange(10**digits), 10**digits - 1, 10 ** (digits - 1)])
        return size * chance.choice([1, -1])

    return [(one(), one() or 1) for _ in range(2_000)]


def _rest(a: int, b: int) -> int:
    rest = abs(a) % abs(b)
    return rest if a >= 0 else -rest


_OPERATIONS: dict[str, tuple[Scalar, Callable[[int, int], int]]] = {
    "+": (Binary("+", _A, _B), lambda a, b: a + b),
    "-": (Binary("-", _A, _B), lambda a, b: a - b),
    "*": (Binary("*", _A, _B), lambda a, b: a * b),
    "%": (Binary("%", _A, _B), _rest),
    "abs": (Call("abs", (_A,)), lambda a, _: abs(a)),
    "least": (Call("least", (_A, _B)), min),
    "greatest": (Call("greatest", (_A, _B)), max),
}


@pytest.fixture(params=["compiled", "interpreted"])
def _both_ways(request: pytest.FixtureRequest) -> Iterator[None]:
    """Spark has two evaluators; tests use the one, runs the other."""
    conf = spark_session().conf
    compiled = request.param == "compiled"
    conf.set("spark.sql.codegen.wholeStage", str(compiled).lower())
    conf.set("spark.sql.codegen.factoryMode", "CODEGEN_ONLY" if compiled else "NO_CODEGEN")
    yield
    conf.set("spark.sql.codegen.wholeStage", "false")
    conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")


def _spark_test(test: Callable[..., None]) -> Callable[..., None]:
    for mark in SPARK_MARKS:
        test = mark(test)
    return test


@_spark_test
@pytest.mark.usefixtures("_both_ways")
@pytest.mark.parametrize("name", _OPERATIONS)
def test_operations_are_exact_to_38_digits_or_stop(name: str) -> None:
    value, exact = _OPERATIONS[name]
    pairs = _numbers()
    fit = [pair for pair in pairs if abs(exact(*pair)) <= _MOST]
    types = {"a": "whole", "b": "whole"}
    assert _values(list(fit), types, value) == [exact(*pair) for pair in fit]
    for pair in [pair for pair in pairs if abs(exact(*pair)) > _MOST][:5]:
        with pytest.raises(Exception, match="NUMERIC_VALUE_OUT_OF_RANGE"):
            _values([pair], types, value)


@_spark_test
@pytest.mark.usefixtures("_both_ways")
def test_what_divides_is_divided_exactly() -> None:
    """Also where the quotient has more than the 20 digits that Spark's own has room for, or 64 bits."""
    pairs = [(a * abs(b), abs(b)) for a, b in _numbers() if abs(a * b) <= _MOST]
    pairs += [(_MOST, 1), (-_MOST, 3), (_MOST, _MOST), (10**37, 10**18), (2**64 * 10**18, 10**17)]
    found = _values(list(pairs), {"a": "whole", "b": "whole"}, Binary("/", _A, _B))
    assert [int(cast(int, value)) * b for value, (_, b) in zip(found, pairs, strict=True)] == [a for a, _ in pairs]


@_spark_test
@pytest.mark.parametrize("operator", ["%", "/"])
def test_there_is_nothing_divided_by_zero(operator: str) -> None:
    assert _values([(1, 0), (4, 2)], {"a": "whole", "b": "whole"}, Binary(operator, _A, _B)) == [
        None,
        0 if operator == "%" else 2,
    ]


@_spark_test
def test_small_constants_are_wide() -> None:
    value = Binary(
        "*", nodes.Case(((nodes.Compare(">", _A, Const(0)), Const(3_000_000_000)),), Const(1)), Const(4 * 10**18)
    )
    assert _values([(1,), (-1,)], {"a": "whole"}, value) == [12 * 10**27, 4 * 10**18]


@_spark_test
@pytest.mark.parametrize("function", ["sum", "running"])
def test_a_sum_too_large_stops(function: str) -> None:
    run = _spark()
    try:
        run.input(Input("numbers", (("a", "whole"),), ((_MOST,), (1,), (_MOST,))))
        stage = nodes.Stage("numbers")
        found: nodes.Relation = nodes.Aggregate(stage, (), (nodes.AggregateColumn("found", "sum", _A),))
        if function == "running":
            found = nodes.Window(stage, (nodes.WindowColumn("found", "sum", _A, partition=(), order=(("a", False),)),))
        with pytest.raises(Exception, match=r"NUMERIC_VALUE_OUT_OF_RANGE|ARITHMETIC_OVERFLOW"):
            run.rows(run.sql(run.renderer.query(found)))
    finally:
        run.drop()


@_spark_test
@pytest.mark.parametrize(("text", "scale", "units"), [
    ("0.01", 2, 1),
    ("-12.345", 3, -12345),
    ("-0.000000001", 9, -1),
    ("0.000000000000000000", 18, 0),
    ("99999999999999999999.999999999999999999", 18, _MOST),
    ("-1234567.1234567890123456789012345678901", 31, -12345671234567890123456789012345678901),
    ("99999999999999999999999999999999999999", 0, _MOST),
])  # fmt: skip
def test_decimals_become_units(text: str, scale: int, units: int) -> None:
    from decimal import Decimal

    run = _spark()
    try:
        run.load_table("amounts", pa.table({"a": pa.array([Decimal(text)], pa.decimal128(38, scale))}))
        query = run.renderer.query(nodes.Project(nodes.Stage("amounts"), (("found", nodes.ToUnits(_A, scale)),)))
        assert [list(row) for row in run.rows(run.sql(query))[1]] == [[units]]
    finally:
        run.drop()


# ---- texts and days ---------------------------------------------------------------------------

_TEXTS = [
    "",
    "it's",
    'a "word"',
    "back\\slash",
    "\\u0041",
    "${spark.app.name}",
    "%_\\%",
    "é",
    "line\nend",
    "🙂",
    "-- no",
    "A",
    "a ",
]


@_spark_test
@pytest.mark.parametrize("text", _TEXTS)
def test_a_text_is_what_it_is(text: str) -> None:
    rows = [(other,) for other in _TEXTS]
    found = _values(list(rows), {"a": "text"}, nodes.Compare("==", _A, Const(text)))
    assert found == [other == text for other in _TEXTS]


@_spark_test
def test_texts_are_ordered_by_code_point() -> None:
    run = _spark()
    texts = ["\ufffd", "🙂", "z", "Z", "é", "z ", "\u00df", "ss", "10", "9", "-"]
    try:
        run.input(Input("texts", (("a", "text"),), tuple((text,) for text in texts)))
        found = run.rows("SELECT a FROM texts ORDER BY a")[1]
        assert [row[0] for row in found] == sorted(texts)
    finally:
        run.drop()


@_spark_test
def test_days_from_the_first_to_the_last() -> None:
    days = [date.min, date(1582, 10, 4), date(1582, 10, 15), date(1969, 12, 31), date(2024, 2, 29), date.max]
    found = _values([(day,) for day in days], {"a": "date"}, Call("day_number", (_A,)))
    assert found == [(day - date.min).days for day in days]
    for day in days:
        assert _values([(day,)], {"a": "date"}, nodes.Compare("==", _A, Const(day))) == [True]


@_spark_test
def test_every_day_of_an_interval_and_none_of_one_that_runs_backward() -> None:
    run = _spark()
    first, last = date(2024, 2, 28), date(2024, 3, 1)
    rows = ((first, last), (last, first), (date.max, date.max), (None, last), (date.min, date.min))
    try:
        run.input(Input("intervals", (("first", "date"), ("last", "date")), rows))
        query = run.renderer.query(nodes.EveryDay(nodes.Stage("intervals"), "first", "last", "day"))
        found = sorted(cast(date, row[2]) for row in run.rows(run.sql(query))[1])
    finally:
        run.drop()
    assert found == [date.min, first, date(2024, 2, 29), last, date.max]


# ---- lines of managers ------------------------------------------------------------------------


@_spark_test
def test_a_long_line_and_a_circle_end() -> None:
    line = [(f"p{place:03}", f"p{place + 1:03}", 0, 0, 0) for place in range(70)]
    circle = [("a", "b", 1, 1, 1), ("b", "c", 1, 1, 1), ("c", "a", 1, 1, 1), ("c", "a", 2, 2, 2)]
    longer = [
        ("x", "y", 3, 4, 5),
        ("y", "z", 3, 3, 6),
        ("y", "w", 3, 7, 8),
    ]  # z is above y while y is above x, and w is not
    run = _spark()
    try:
        numbers = (("base", "index"), ("first_slice", "index"), ("slice", "index"))
        columns = (("payee", "text"), ("manager", "text"), *numbers)
        run.input(Input("pairs", columns, (*line, *circle, *longer)))
        run.create(nodes.Step("line_above", nodes.ManagerChain(nodes.Stage("pairs")), ""))
        found = run.rows("SELECT payee, manager, slice FROM line_above")[1]
    finally:
        run.drop()
    wanted = {(f"p{low:03}", f"p{high:03}", 0) for low in range(70) for high in range(low + 1, 71)}
    wanted |= {(low, high, 1) for low in "abc" for high in "abc"} | {("c", "a", 2)}
    wanted |= {("x", "y", 5), ("x", "z", 5), ("y", "z", 6), ("y", "w", 8)}
    assert len(found) == len(wanted)
    assert {tuple(row) for row in found} == wanted


# ---- results ---------------------------------------------------------------------------------


@_spark_test
@pytest.mark.parametrize("size", [3, 1_000])
def test_the_parts_are_all_rows_in_order(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spmlang.engines.spark.engine._BATCH_ROWS", size)
    query = (
        "SELECT cast(pow(-3, id) AS decimal(38, 0)) AS units, nullif(cast(id % 5 AS string), '3') AS text, "
        "date_add(date '2025-01-01', cast(id AS int)) AS day, id FROM range(0, 40, 1, 7) ORDER BY id DESC"
    )
    run = _spark()
    parts = list(run.batches(query))
    assert max(part.num_rows for part in parts) <= size
    assert pa.concat_tables(parts) == run.arrow(query)
    assert not list(run.batches("SELECT id FROM range(5) WHERE id > 7"))


# ---- what is told ----------------------------------------------------------------------------


@_spark_test
@pytest.mark.parametrize(
    ("value", "slug"), [(Binary("*", Const(_MOST), _A), "run-too-large"), (Ref("absent"), "run-spark-failed")]
)
def test_what_stops_spark_is_told_with_the_plan_line(value: Scalar, slug: str) -> None:
    from pyspark.errors import PySparkException

    from spmlang.engines.spark.engine import failure_diagnostic

    run = _spark()
    step = nodes.Step("earned", nodes.Project(nodes.Stage("numbers"), (("found", value),)), "plan.spm:7")
    try:
        run.input(Input("numbers", (("a", "whole"),), ((3,),)))
        with pytest.raises(PySparkException) as raised:
            run.create(step)
    finally:
        run.drop()
    found = failure_diagnostic(raised.value, run.latest_step)
    assert found.slug == slug
    assert "plan.spm:7" in found.message


# ---- the session ------------------------------------------------------------------------------


class _Stubborn:
    """A session whose settings do not change."""

    def __init__(self) -> None:
        self.conf = self

    def set(self, name: str, value: str) -> None:
        pass

    def get(self, name: str) -> str:
        return "true"


@_spark_test
def test_a_setting_that_is_not_taken_is_told() -> None:
    with pytest.raises(Problems) as raised:
        apply_settings(cast("SparkSession", _Stubborn()))
    said = [problem.message for problem in raised.value.diagnostics]
    assert {problem.slug for problem in raised.value.diagnostics} == {"run-spark-setting"}
    assert len(said) == sum(wanted != "true" for wanted in SETTINGS.values())
    assert any("allowPrecisionLoss" in text for text in said)


@_spark_test
def test_the_settings_are_made() -> None:
    conf = spark_session().conf
    assert {name: conf.get(name) for name in SETTINGS} == SETTINGS


def test_without_pyspark_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.split(".")[0] == "pyspark"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(Problems) as raised:
        spark_session.__wrapped__()
    assert [problem.slug for problem in raised.value.diagnostics] == ["run-spark-missing"]
    assert "pip install" in raised.value.diagnostics[0].remedy
