"""Sweep line: on a numeric axis two boxes can overlap only if one starts inside the other."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from math import inf
from typing import NamedTuple

from spmlang.program.value_sets import Box, Dimension, Units


class Entry(NamedTuple):
    """A box of the territory with the number `owner`. `open` is the part of it that no division has used yet."""

    owner: int
    box: Box
    open: Box


def side_by_side(
    later: list[Entry], earlier: list[Entry], axis: Dimension, most: int
) -> list[tuple[Entry, Entry]] | None:
    """Return the pairs of boxes from both lists that may overlap, judging by one numeric column.

    Returns None if there are more than `most` pairs.
    """
    ours, theirs = _in_row(later, axis), _in_row(earlier, axis)
    our_lows, their_lows = [low for low, _, _ in ours], [low for low, _, _ in theirs]
    # If two boxes overlap in the column, one begins within the other.
    behind = [(entry, bisect_left(their_lows, low), bisect_right(their_lows, high)) for low, high, entry in ours]
    ahead = [(entry, bisect_right(our_lows, low), bisect_right(our_lows, high)) for low, high, entry in theirs]
    if sum(end - first for _, first, end in (*behind, *ahead)) > most:
        return None
    pairs = [(entry, other) for entry, first, end in behind for _, _, other in theirs[first:end]]
    return pairs + [(entry, other) for other, first, end in ahead for _, _, entry in ours[first:end]]


def _in_row(entries: list[Entry], axis: Dimension) -> list[tuple[float, float, Entry]]:
    """Return the first and the last number of each box, sorted by the first."""
    found = []
    for entry in entries:
        values = entry.box.get(axis)
        if values is None or values.absent:
            found.append((-inf, inf, entry))
            continue
        assert isinstance(values.inside, Units)
        found.append((values.inside.runs[0][0], values.inside.runs[-1][1], entry))
    found.sort(key=lambda row: row[0])
    return found
