"""Columns of whole units as exact decimals and texts, converted in Arrow without a loop over rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

#: The most decimal places that Arrow writes without an exponent for small decimals.
_MOST_PLAIN = 6


def decimals(units: pa.ChunkedArray, keys: pa.ChunkedArray, scales: Mapping[str, int], places: int) -> pa.ChunkedArray:
    """Convert units to `decimal128(38, places)`, each row by the scale of its key.

    Null units stay null.

    Args:
        units: Whole units, `decimal128(38, 0)`.
        keys: The key of each row.
        scales: The scale of each key.
        places: The decimal places of the result, at least the largest scale.

    Raises:
        pyarrow.ArrowInvalid: If a value needs more than 38 digits.
    """
    wanted = pa.decimal128(38, places)
    return _by_scale(
        units, keys, scales=scales, wanted=wanted, made=lambda own, scale: with_decimal_point(own, scale).cast(wanted)
    )


def texts(units: pa.ChunkedArray, keys: pa.ChunkedArray, scales: Mapping[str, int]) -> pa.ChunkedArray:
    """Convert units to decimal texts, each with as many places as the scale of its key. Null units stay null."""
    return _by_scale(units, keys, scales=scales, wanted=pa.string(), made=_text)


def integers(units: pa.ChunkedArray) -> list[int | None]:
    """Convert units to Python integers. Null units become None."""
    try:
        return cast("list[int | None]", units.cast(pa.int64()).to_pylist())
    except pa.ArrowInvalid:  # more than 64 bits
        return [None if value is None else int(value) for value in units.to_pylist()]


def with_decimal_point(units: pa.ChunkedArray, scale: int) -> pa.ChunkedArray:
    """Return units of 10^-scale as decimals, by reading the same digits with the decimal point set."""
    kind = pa.decimal128(38, scale)
    chunks = [pa.Array.from_buffers(kind, len(chunk), chunk.buffers(), offset=chunk.offset) for chunk in units.chunks]
    return pa.chunked_array(chunks, kind)


def _by_scale(
    units: pa.ChunkedArray,
    keys: pa.ChunkedArray,
    *,
    scales: Mapping[str, int],
    wanted: pa.DataType,
    made: Callable[[pa.ChunkedArray, int], pa.ChunkedArray],
) -> pa.ChunkedArray:
    """Apply `made(units, scale)` to the rows of each scale, and return all rows in their order as type `wanted`."""
    if len(set(scales.values())) == 1:
        return made(units, next(iter(scales.values())))
    found = pa.chunked_array([pa.nulls(len(units), wanted)])
    nothing = pa.scalar(None, units.type)
    for scale in sorted(set(scales.values())):
        names = pa.array([name for name, own in scales.items() if own == scale], pa.string())
        own_units = pc.if_else(pc.is_in(keys, names), units, nothing)
        found = pc.coalesce(found, made(own_units, scale))
    return found


def _text(units: pa.ChunkedArray, scale: int) -> pa.ChunkedArray:
    exact = with_decimal_point(units, scale)
    if scale <= _MOST_PLAIN:
        return exact.cast(pa.string())
    plain = [None if value is None else f"{value:f}" for value in exact.to_pylist()]
    return pa.chunked_array([pa.array(plain, pa.string())])


def values_of_keys(keys: pa.ChunkedArray, values: Mapping[str, str | None]) -> pa.ChunkedArray:
    """Return the value of each row's key; null if `values` has no such key or no value for it."""
    at = pc.index_in(keys, pa.array(list(values), pa.string()))
    return pc.take(pa.chunked_array([pa.array(list(values.values()), pa.string())]), at)
