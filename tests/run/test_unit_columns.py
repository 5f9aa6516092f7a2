"""Whole units become decimals and texts, row for row as Python's own decimals would."""

from decimal import Context, Decimal

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from spmlang.run.unit_columns import decimals, texts, values_of_keys

SCALES = {"a": 2, "b": 0, "c": 3, "none": 2}
UNITS = st.none() | st.integers(-(10**30), 10**30)
ROWS = st.lists(st.tuples(st.sampled_from(sorted(SCALES)), UNITS))

EXACT = Context(prec=100)


def columns(rows: list[tuple[str, int | None]], cut: int = 0) -> tuple[pa.ChunkedArray, pa.ChunkedArray]:
    """Units and keys, in two chunks."""
    whole = pa.chunked_array([pa.array([units for _, units in rows], pa.decimal128(38, 0))])
    keys = pa.chunked_array([pa.array([key for key, _ in rows], pa.string())])
    units, names = (pa.chunked_array([*item[:cut].chunks, *item[cut:].chunks], item.type) for item in (whole, keys))
    return units, names


@given(ROWS, st.integers(0, 5), st.booleans())
def test_each_row_has_the_scale_of_its_key(rows: list[tuple[str, int | None]], cut: int, alike: bool) -> None:
    scales = dict.fromkeys(SCALES, 2) if alike else SCALES
    expected = [None if value is None else EXACT.scaleb(value, -scales[key]) for key, value in rows]
    assert decimals(*columns(rows, cut), scales, 4).to_pylist() == expected


@given(ROWS, st.integers(0, 5), st.integers(0, 9), st.booleans())
def test_a_text_has_the_places_of_its_key_and_no_exponent(
    rows: list[tuple[str, int | None]], cut: int, more: int, alike: bool
) -> None:
    scales = dict.fromkeys(SCALES, more) if alike else {key: scale + more for key, scale in SCALES.items()}
    expected = [None if value is None else f"{EXACT.scaleb(value, -scales[key]):f}" for key, value in rows]
    assert texts(*columns(rows, cut), scales).to_pylist() == expected


def test_a_row_of_nobody_has_no_amount() -> None:
    """A flat amount counts nothing of a measure."""
    units = pa.chunked_array([pa.array([Decimal(5), None], pa.decimal128(38, 0))])
    keys = pa.chunked_array([pa.array(["a", None], pa.string())])
    assert decimals(units, keys, SCALES, 3).to_pylist() == [Decimal("0.050"), None]


def test_what_has_no_value_stays_without() -> None:
    keys = pa.chunked_array([["b", "a"], ["c", "a"]])
    assert values_of_keys(keys, {"a": "alpha", "b": None}).to_pylist() == [None, "alpha", None, "alpha"]
