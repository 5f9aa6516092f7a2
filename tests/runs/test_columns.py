"""Whole units become decimals, row for row as Python's own decimals would."""

from decimal import Decimal

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from spmlang.runs.columns import decimals
from spmlang.runs.payouts import decimal

SCALES = {"a": 2, "b": 0, "c": 3, "none": 2}
UNITS = st.none() | st.integers(-(10**30), 10**30)
ROWS = st.lists(st.tuples(st.sampled_from(sorted(SCALES)), UNITS))


@given(ROWS, st.integers(0, 5), st.booleans())
def test_each_row_has_the_scale_of_its_key(rows: list[tuple[str, int | None]], cut: int, alike: bool) -> None:
    scales = dict.fromkeys(SCALES, 2) if alike else SCALES
    whole = pa.chunked_array([pa.array([units for _, units in rows], pa.decimal128(38, 0))])
    keys = pa.chunked_array([pa.array([key for key, _ in rows], pa.string())])
    units, names = (pa.chunked_array([*item[:cut].chunks, *item[cut:].chunks], item.type) for item in (whole, keys))
    expected = [decimal(value, scales[key]) for key, value in rows]
    assert decimals(units, names, scales, 4).to_pylist() == expected


def test_a_row_of_nobody_has_no_amount() -> None:
    """A flat amount counts nothing of a measure."""
    units = pa.chunked_array([pa.array([Decimal(5), None], pa.decimal128(38, 0))])
    keys = pa.chunked_array([pa.array(["a", None], pa.string())])
    assert decimals(units, keys, SCALES, 3).to_pylist() == [Decimal("0.050"), None]
