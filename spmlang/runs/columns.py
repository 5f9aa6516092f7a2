"""Columns of whole units as decimals, without looking at single rows: exact, in Arrow."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc


def decimals(units: pa.ChunkedArray, keys: pa.ChunkedArray, scales: Mapping[str, int], places: int) -> pa.ChunkedArray:
    """`decimal128(38, 0)` units as `decimal128(38, places)`: the units of a row have the scale of its key.

    `places` is at least the largest scale. Absent units stay absent. Raises pyarrow.ArrowInvalid beyond 38 digits.
    """
    wanted = pa.decimal128(38, places)
    if len(set(scales.values())) == 1:
        return pointed(units, next(iter(scales.values()))).cast(wanted)
    found = pa.chunked_array([pa.nulls(len(units), wanted)])
    nothing = pa.scalar(None, units.type)
    for scale in sorted(set(scales.values())):
        names = pa.array([name for name, own in scales.items() if own == scale], pa.string())
        own_units = pc.if_else(pc.is_in(keys, names), units, nothing)
        found = pc.coalesce(found, pointed(own_units, scale).cast(wanted))
    return found


def pointed(units: pa.ChunkedArray, scale: int) -> pa.ChunkedArray:
    """Units of 10^-scale as decimals: the same digits, with the point where it belongs."""
    kind = pa.decimal128(38, scale)
    chunks = [pa.Array.from_buffers(kind, len(chunk), chunk.buffers(), offset=chunk.offset) for chunk in units.chunks]
    return pa.chunked_array(chunks, kind)
