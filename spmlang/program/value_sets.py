"""Sets of rows as boxes.

A box gives for some columns the set of values that a row may have. All other columns may have any value.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor, inf
from typing import Self

from .expressions import Column, Value

#: The first and the last of consecutive whole numbers, both included; infinite if there is no end.
Run = tuple[float, float]


class ValueSet(ABC):
    """A set of values of one kind."""

    @abstractmethod
    def __bool__(self) -> bool:
        """Return True if the set is not empty."""

    @abstractmethod
    def __and__(self, other: Self) -> Self:
        """Return the intersection of both sets."""

    @abstractmethod
    def __invert__(self) -> Self:
        """Return the complement of the set."""

    @classmethod
    @abstractmethod
    def united(cls, sets: Sequence[Self]) -> Self:
        """Return the union of the sets."""


@dataclass(frozen=True)
class Texts(ValueSet):
    """A set of texts: those in `names`, or with `others` all texts except these."""

    names: frozenset[str]
    others: bool = False

    def __bool__(self) -> bool:
        return self.others or bool(self.names)

    def __and__(self, other: Self) -> Self:
        if self.others and other.others:
            return type(self)(self.names | other.names, True)
        if self.others:
            return type(self)(other.names - self.names)
        return type(self)(self.names - other.names if other.others else self.names & other.names)

    def __invert__(self) -> Self:
        return type(self)(self.names, not self.others)

    @classmethod
    def united(cls, sets: Sequence[Self]) -> Self:
        """Return the union of the sets of texts."""
        named = frozenset[str]().union(*(one.names for one in sets if not one.others))
        missing = [one.names for one in sets if one.others]
        return cls(frozenset.intersection(*missing) - named, True) if missing else cls(named)


@dataclass(frozen=True)
class Units(ValueSet):
    """A set of whole numbers, as ascending runs that do not touch each other.

    Numbers, money and rates are counted in units of their last decimal place, dates in days, flags as 0 and 1.
    """

    runs: tuple[Run, ...]

    def __bool__(self) -> bool:
        return bool(self.runs)

    def __and__(self, other: Self) -> Self:
        found: list[Run] = []
        mine = theirs = 0
        while mine < len(self.runs) and theirs < len(other.runs):
            (low, high), (from_, to) = self.runs[mine], other.runs[theirs]
            if max(low, from_) <= min(high, to):
                found.append((max(low, from_), min(high, to)))
            if high < to:
                mine += 1
            else:
                theirs += 1
        return type(self)(tuple(found))

    def __invert__(self) -> Self:
        gaps: list[Run] = []
        start = -inf
        for low, high in self.runs:
            if start < low:
                gaps.append((start, low - 1))
            start = high + 1
        if start < inf:
            gaps.append((start, inf))
        return type(self)(tuple(gaps))

    @classmethod
    def united(cls, sets: Sequence[Self]) -> Self:
        """Return the union of the sets of numbers."""
        found: list[Run] = []
        for low, high in sorted(run for one in sets for run in one.runs):
            if found and low <= found[-1][1] + 1:
                found[-1] = (found[-1][0], max(found[-1][1], high))
            else:
                found.append((low, high))
        return cls(tuple(found))


@dataclass(frozen=True)
class Values:
    """The values that a column may have: a value in the set, and with `absent` also no value."""

    inside: ValueSet
    absent: bool = False

    def __bool__(self) -> bool:
        return self.absent or bool(self.inside)

    def __and__(self, other: Values) -> Values:
        return Values(self.inside & other.inside, self.absent and other.absent)

    def __sub__(self, other: Values) -> Values:
        return Values(self.inside & ~other.inside, self.absent and not other.absent)


@dataclass(frozen=True, eq=False)
class Dimension:
    """A column as a dimension of boxes.

    There is one object for each column, and it is compared by identity, because that is fast.
    """

    column: Column


#: Columns with the values that a row may have, never an empty set. A box is not changed after it is made.
Box = dict[Dimension, Values]


def meet(one: Box, other: Box) -> Box | None:
    """Return the intersection of two boxes, or None if it is empty."""
    both = dict(one)
    for column, values in other.items():
        mine = one.get(column)
        held = values if mine is None else mine & values
        if not held:
            return None
        both[column] = held
    return both


def without(box: Box, other: Box, everything: Callable[[Dimension], Values]) -> list[Box]:
    """Return the rows of `box` that are not in `other`, as disjoint boxes.

    `everything` gives all values that a column may have.
    """
    if meet(box, other) is None:
        return [box]
    found = []
    rest = dict(box)
    for column, values in other.items():
        mine = rest[column] if column in rest else everything(column)
        if outside := mine - values:
            found.append({**rest, column: outside})
        rest[column] = mine & values
    return found


def merged(boxes: Iterable[Box]) -> list[Box]:
    """Unite boxes that differ in one column only, so that fewer boxes cover the same rows."""
    found = list(boxes)
    for column in dict.fromkeys(column for box in found for column in box):
        groups: dict[frozenset[tuple[Dimension, Values]], list[Box]] = {}
        free = []
        for box in found:
            if column in box:
                rest = frozenset((other, values) for other, values in box.items() if other != column)
                groups.setdefault(rest, []).append(box)
            else:
                free.append(box)
        found = free + [{**group[0], column: _united([box[column] for box in group])} for group in groups.values()]
    return found


def _united(sets: Sequence[Values]) -> Values:
    insides = [one.inside for one in sets]
    return Values(type(insides[0]).united(insides), any(one.absent for one in sets))


def satisfying(column: Column, sign: str, constant: Value) -> ValueSet:
    """Return the values of a column for which a comparison with a constant is true."""
    if isinstance(constant, str):
        return Texts(frozenset({constant}), others=sign == "!=")
    units = _units_of(column, constant)
    match sign:
        case "<" | "<=":
            return Units(((-inf, floor(units) if sign == "<=" else ceil(units) - 1),))
        case ">" | ">=":
            return Units(((ceil(units) if sign == ">=" else floor(units) + 1, inf),))
    equal = Units(((units.numerator, units.numerator),) if units.denominator == 1 else ())
    return ~equal if sign == "!=" else equal


def _units_of(column: Column, value: Value) -> Fraction:
    """Convert a number, day or flag into the units of a column.

    The result is not a whole number if the value has more decimal places than the column.
    """
    if isinstance(value, date):
        return Fraction(value.toordinal())
    assert not isinstance(value, str)
    return value * Fraction(10**column.type.scale)
