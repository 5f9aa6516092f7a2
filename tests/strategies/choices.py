"""Sources of the choices of a random project.

Hypothesis shrinks failures to small projects. A seed is many times as fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Choices(Protocol):
    """A source of choices."""

    def number(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        ...

    def one(self, options: Sequence[T]) -> T:
        """Return one of the options."""
        ...

    def places(self, count: int, least: int, most: int | None) -> list[int]:
        """Return between `least` and `most` different numbers below `count`, in order."""
        ...


@dataclass(frozen=True)
class Drawn:
    """Choices by Hypothesis. Simple options come first, so that failures shrink towards them."""

    draw: st.DrawFn

    def number(self, low: int, high: int) -> int:
        return self.draw(st.integers(low, high))

    def one(self, options: Sequence[T]) -> T:
        return self.draw(st.sampled_from(options))

    def places(self, count: int, least: int, most: int | None) -> list[int]:
        return sorted(self.draw(st.lists(st.sampled_from(range(count)), min_size=least, max_size=most, unique=True)))


@dataclass(frozen=True)
class Seeded:
    """Choices by a random number generator with a seed."""

    random: Random

    def number(self, low: int, high: int) -> int:
        return self.random.randint(low, high)

    def one(self, options: Sequence[T]) -> T:
        return self.random.choice(options)

    def places(self, count: int, least: int, most: int | None) -> list[int]:
        size = self.random.randint(least, min(count, count if most is None else most))
        return sorted(self.random.sample(range(count), size))
