"""Find territories of one source that cover the same row.

Each is reported with the first territory that it overlaps, and with a row that lies in both.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from math import inf
from statistics import median_low
from typing import NamedTuple

from spmlang.program.measures import Territory
from spmlang.program.value_sets import Dimension, Texts, Units, Values, meet
from spmlang.project.contract import Contract

from .conditions import Covering
from .example_row import describe_row
from .sweep_line import Entry, side_by_side

#: The most pairs of boxes that are compared one by one.
_FEW_PAIRS = 64
#: The most pairs for each box that are compared one by one after a sweep.
_FEW_EACH = 2
#: The largest fraction of the pairs that a division of the boxes may leave to be worth it.
_WORTH = 0.95


@dataclass(frozen=True)
class Overlap:
    """Two territories that overlap: `later` covers a row that `first` covers. `witness` describes the row in words."""

    first: Territory
    later: Territory
    witness: str


def find_overlaps(territories: Iterable[Territory], contracts: Mapping[str, Contract]) -> list[Overlap]:
    """Return each territory that overlaps an earlier one of its source, with the first such one.

    "Earlier" refers to the given order.
    """
    covering = Covering(contracts)
    by_source: dict[str, list[Territory]] = {}
    for territory in territories:
        by_source.setdefault(territory.source, []).append(territory)
    return [overlap for alike in by_source.values() for overlap in _among(alike, covering)]


def _among(territories: list[Territory], covering: Covering) -> list[Overlap]:
    """Find the overlaps among territories of one source."""
    covered = [covering.boxes(territory.covers) for territory in territories]
    entries = [Entry(owner, box, box) for owner, boxes in enumerate(covered) for box in boxes]
    search = _OverlapSearch()
    search.find(entries, entries)
    found = []
    for later, first in sorted(search.first.items()):
        boxes = (both for pair in product(covered[first], covered[later]) if (both := meet(*pair)) is not None)
        found.append(Overlap(territories[first], territories[later], describe_row(next(boxes), covering)))
    return found


class _Division(NamedTuple):
    """Boxes grouped by the values of one column.

    `parts` are the boxes with few values, by value or side of the pivot. `free` are the boxes with almost any value.
    """

    parts: dict[Hashable, list[Entry]]
    free: list[Entry]


class _OverlapSearch:
    """A search for boxes that overlap.

    A column divides the boxes into groups that cannot overlap, until few boxes are left. `first` gives for each owner
    of a box the first earlier owner with an overlapping box.
    """

    def __init__(self) -> None:
        self.first: dict[int, int] = {}

    def find(self, later: list[Entry], earlier: list[Entry]) -> None:
        """Note which of `later` overlap which of `earlier` (both by ascending owners)."""
        open_ = [entry for entry in later if earlier and earlier[0].owner < self._bound(entry)]
        if later is not earlier or len(open_) < len(later) // 2:  # if both are one list, it is divided once
            later = open_
        pairs = len(later) * len(earlier)
        if pairs <= _FEW_PAIRS:
            self._compare_pairs(later, earlier)
            return
        ways = _possible_divisions(earlier)
        if self._side_by_side(later, earlier, dict.fromkeys(axis for axis, pivot in ways if pivot is not None)):
            return
        best, least = None, _WORTH * pairs
        for axis, pivot in ways:
            theirs = _divide(earlier, axis, pivot)
            ours = theirs if later is earlier else _divide(later, axis, pivot)
            if (cost := _pairs_left(ours, theirs)) < least:
                best, least = (axis, pivot, ours, theirs), cost
        if best is None:
            self._compare_pairs(later, earlier)
            return
        axis, pivot, ours, theirs = best
        for key, other in theirs.parts.items():
            mine = ours.parts.get(key, [])
            if mine:
                free = _entries_in_part(theirs.free, axis, key)
                self._within(mine, sorted(other + free, key=_owner) if free else other, axis=axis, pivot=pivot, key=key)
            if ours.free:
                self._within(_entries_in_part(ours.free, axis, key), other, axis=axis, pivot=pivot, key=key)
        for key in ours.parts.keys() - theirs.parts.keys() if theirs.free else ():
            self._within(ours.parts[key], _entries_in_part(theirs.free, axis, key), axis=axis, pivot=pivot, key=key)
        self.find(ours.free, theirs.free)

    def _side_by_side(self, later: list[Entry], earlier: list[Entry], axes: Iterable[Dimension]) -> bool:
        """Note the boxes that overlap, if a numeric column leaves few pairs. Returns False if no column does."""
        for axis in axes:
            pairs = side_by_side(later, earlier, axis, _FEW_EACH * (len(later) + len(earlier)))
            if pairs is not None:
                for entry, other in pairs:
                    self._compare_pairs([entry], [other])
                return True
        return False

    def _within(
        self, later: list[Entry], earlier: list[Entry], *, axis: Dimension, pivot: float | None, key: Hashable
    ) -> None:
        """Note the overlaps in one part. Restrict the dividing column to the part only if there are many pairs."""
        if len(later) * len(earlier) > _FEW_PAIRS:
            same, later = later is earlier, [_restricted(entry, axis, pivot, key) for entry in later]
            earlier = later if same else [_restricted(entry, axis, pivot, key) for entry in earlier]
        self.find(later, earlier)

    def _compare_pairs(self, later: list[Entry], earlier: list[Entry]) -> None:
        """Compare all pairs of boxes, and note for each later owner the first earlier owner that overlaps."""
        for entry in later:
            for other in earlier:
                if other.owner >= self._bound(entry):
                    break
                if meet(entry.box, other.box) is not None:
                    self.first[entry.owner] = other.owner
                    break

    def _bound(self, entry: Entry) -> int:
        """Return the owner below which an overlap still counts.

        It is the first owner found so far, or the entry's own.
        """
        return self.first.get(entry.owner, entry.owner)


def _owner(entry: Entry) -> int:
    return entry.owner


def _possible_divisions(entries: list[Entry]) -> list[tuple[Dimension, float | None]]:
    """Return the columns by which boxes can be divided; for a numeric column also pivots to divide at."""
    starts: dict[Dimension, list[float]] = {}
    ways: dict[tuple[Dimension, float | None], None] = {}
    for entry in entries:
        for axis, values in entry.open.items():
            if isinstance(values.inside, Units):
                starts.setdefault(axis, []).extend(low for low, _ in values.inside.runs)
            else:
                ways[axis, None] = None
    for axis, lows in starts.items():
        least = min(lows, default=-inf)
        above = [low for low in lows if low > least] or [least]
        ways |= dict.fromkeys([(axis, median_low(above)), (axis, median_low(set(above)))])
    return list(ways)


def _divide(entries: list[Entry], axis: Dimension, pivot: float | None) -> _Division:
    parts: dict[Hashable, list[Entry]] = {}
    free = []
    for entry in entries:
        values = entry.open.get(axis)
        if values is None or (isinstance(values.inside, Texts) and values.inside.others):
            free.append(entry)
            continue
        for key in _parts_of(values, pivot):
            parts.setdefault(key, []).append(entry)
    return _Division(parts, free)


def _parts_of(values: Values, pivot: float | None) -> list[Hashable]:
    """Return the parts that values belong to.

    There is one part for each text, or one for each side of the pivot; None is the part of absent values.
    """
    keys: list[Hashable] = [None] if values.absent else []
    if isinstance(values.inside, Texts):
        return [*keys, *values.inside.names]
    assert isinstance(values.inside, Units)
    assert pivot is not None
    runs = values.inside.runs
    if runs and runs[0][0] < pivot:
        keys.append(False)
    if runs and runs[-1][1] >= pivot:
        keys.append(True)
    return keys


def _pairs_left(ours: _Division, theirs: _Division) -> int:
    """Return the number of pairs that remain after a division."""
    free, others = len(ours.free), len(theirs.free)
    cost = free * others
    for key in ours.parts.keys() | theirs.parts.keys():
        mine, other = len(ours.parts.get(key, ())), len(theirs.parts.get(key, ()))
        cost += mine * (other + others) + free * other
    return cost


def _restricted(entry: Entry, axis: Dimension, pivot: float | None, key: Hashable) -> Entry:
    """Return the entry restricted to one part of the column that divides."""
    values = entry.open.get(axis)
    if values is None:
        return entry
    rest = {other: held for other, held in entry.open.items() if other != axis}
    if pivot is not None and key is not None:
        half = Units(((pivot, inf) if key else (-inf, pivot - 1),))
        rest[axis] = Values(values.inside & half)
    return Entry(entry.owner, entry.box, rest)


def _entries_in_part(entries: list[Entry], axis: Dimension, key: Hashable) -> list[Entry]:
    """Return the free entries that may belong to a part."""
    return [entry for entry in entries if _may_belong(entry.open.get(axis), key)]


def _may_belong(values: Values | None, key: Hashable) -> bool:
    if values is None:
        return True
    return values.absent if key is None else isinstance(values.inside, Texts) and key not in values.inside.names
