"""Sets of rows as boxes: for each of some columns the values that a row may have there; any value in all other columns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import ceil, floor, inf
from typing import Self

from .expressions import Column, Value

#: The first and the last of consecutive whole numbers, both included; infinite where there is no end.
Run = tuple[float, float]


class ValueSet(ABC):
    """A set of values of one kind."""

    @abstractmethod
    def __bool__(self) -> bool:
        """True if it is not empty."""

    @abstractmethod
    def __and__(self, other: Self) -> Self:
        """What lies in both."""

    @abstractmethod
    def __invert__(self) -> Self:
        """What does not lie in it."""

    @classmethod
    @abstractmethod
    def united(cls, sets: Sequence[Self]) -> Self:
        """What lies in any of them."""


@dataclass(frozen=True)
class Texts(ValueSet):
    """The texts named, or with `others` all but these."""

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
        """The texts of any of them."""
        named = frozenset[str]().union(*(one.names for one in sets if not one.others))
        missing = [one.names for one in sets if one.others]
        return cls(frozenset.intersection(*missing) - named, True) if missing else cls(named)


@dataclass(frozen=True)
class Units(ValueSet):
    """Numbers, money and rates in units of their last decimal place, dates as days, flags as 0 and 1: ascending runs of whole
    numbers that do not touch.
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
        """The numbers of any of them."""
        found: list[Run] = []
        for low, high in sorted(run for one in sets for run in one.runs):
            if found and low <= found[-1][1] + 1:
                found[-1] = (found[-1][0], max(found[-1][1], high))
            else:
                found.append((low, high))
        return cls(tuple(found))


@dataclass(frozen=True)
class Values:
    """What a column may hold: a value in the set; with `absent` also nothing."""

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
    """A column as a direction of boxes. There is one object for each, and it is compared as such: that is quick."""

    column: Column


#: Columns with what a row may hold there, never nothing at all. It is not changed once it is made.
Box = dict[Dimension, Values]


def meet(one: Box, other: Box) -> Box | None:
    """The rows in both; None if there are none."""
    both = dict(one)
    for column, values in other.items():
        mine = one.get(column)
        held = values if mine is None else mine & values
        if not held:
            return None
        both[column] = held
    return both


def without(box: Box, other: Box, everything: Callable[[Dimension], Values]) -> list[Box]:
    """The rows of a box that do not lie in the other, as boxes that do not meet."""
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
    """The same rows in fewer boxes: those that differ in one column alone become one."""
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
    """The values of a column for which a comparison with a constant holds."""
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
    """A number, day or flag in the units of a column; a value of more decimal places is none of its own."""
    if isinstance(value, date):
        return Fraction(value.toordinal())
    assert not isinstance(value, str)
    return value * Fraction(10**column.type.scale)
