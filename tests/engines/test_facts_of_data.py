"""What the engine looks up in the data makes a run quicker, and changes no cent."""

from decimal import Decimal

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from sqlglot import exp

from spmlang.engines.narrow import Narrow, TooWide
from spmlang.ir.nodes import Binary, Call, Case, Const, Ref, Scalar, Test, Units
from tests.engines.test_agreement import EXAMPLES, compare, longer
from tests.strategies.projects import ProjectText, projects

A, B = Units(Ref("a"), 2), Units(Ref("b"), 0)
SIZES = {"a": 2**31, "b": 2**32 - 1}


@longer(max(EXAMPLES // 8, 1))
@given(projects(), st.booleans())
def test_dated_tables_by_day_give_the_same(project: ProjectText, lines: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("spmlang.engines.sizes._MANY", 0)
        patch.setattr("spmlang.engines.sizes._DAYS", 0)
        compare("duckdb", project, lines)


def narrow(value: Scalar, sizes: dict[str, int] | None = None) -> str:
    """The SQL of a value in 64 bits."""
    wide = lambda scalar: exp.column(scalar.name) if isinstance(scalar, Ref) else exp.true()  # noqa: E731
    return Narrow(SIZES if sizes is None else sizes, wide).value(value).sql(dialect="duckdb")


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (A, 2**31),
        (Const(-7), 7),
        (Binary("*", A, B), 2**31 * (2**32 - 1)),
        (Binary("-", A, B), 2**31 + 2**32 - 1),
        (Binary("%", A, Const(100)), 2**31),
        (Binary("/", A, Const(100)), 2**31),
        (Case(((Test(">", A, Const(0)), A),), B), 2**32 - 1),
        (Call("greatest", (A, Const(0))), 2**31),
    ],
)
def test_the_size_of_a_calculation(value: Scalar, size: int) -> None:
    assert Narrow(SIZES, lambda _: exp.true()).size(value) == size
    assert "BIGINT" in narrow(value)


@pytest.mark.parametrize(
    "value",
    [
        Binary("*", A, Binary("+", B, Const(1))),  # just 2^63
        Binary("-", Binary("*", A, Binary("+", B, Const(1))), A),  # what comes after it may be small again
        Units(Ref("nobody_knows"), 2),
        Ref("a"),
        Binary("*", A, Units(Ref("nobody_knows"), 2)),
    ],
)
def test_what_may_not_fit_is_not_written_in_64_bits(value: Scalar) -> None:
    with pytest.raises(TooWide):
        narrow(value)


def test_a_test_that_does_not_fit_is_asked_in_128_bits() -> None:
    far = Binary("*", A, Binary("*", B, B))
    assert narrow(Case(((Test(">", far, Const(0)), A),), B)).startswith("CASE WHEN TRUE THEN")


@example(4, -(10**16), 150)  # the units of 64 bits are made of a decimal with four more digits
@given(st.integers(0, 4), st.integers(-(10**18) + 1, 10**18 - 1), st.integers(-(10**6), 10**6))
def test_what_is_written_in_64_bits_is_exact(scale: int, units: int, factor: int) -> None:
    value = Binary("*", Units(Ref("a"), scale), Units(Ref("b"), 0))
    sizes = {"a": abs(units), "b": abs(factor)}
    try:
        text = narrow(value, sizes)
    except TooWide:
        return
    row = f"select {Decimal(units).scaleb(-scale):f}::decimal(18, {scale}) as a, {factor}::bigint as b"
    assert duckdb.execute(f"select {text} from ({row})").fetchall() == [(units * factor,)]
