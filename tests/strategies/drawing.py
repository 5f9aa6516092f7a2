"""Draw the parts of a random project, with small values near the boundaries of rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TypeVar

from spmlang.values.calendar import Calendar, Grain

from .choices import Choices

T = TypeVar("T")
DAY = timedelta(days=1)
FIRST, LAST = date(2024, 1, 1), date(2025, 6, 30)

Line = tuple[str, ...]


@dataclass(frozen=True)
class Measure:
    """A measure that plans may read."""

    name: str
    kind: str  # "money", "count" or "number"
    source: str = "deals"  # the source whose rows are credited


@dataclass
class Drawing:
    """The base of the makers: drawing functions, and the state that all parts of a project share.

    Simple options come first, so that failures shrink towards them.
    """

    choices: Choices
    big: bool = True  # True for full-size projects, False for half-size ones
    extreme: bool = False  # True if amounts may be as large as their columns allow
    days: list[date] = field(default_factory=lambda: [FIRST])
    payees: list[str] = field(default_factory=list)
    currency: str = "USD"
    scale: int = 2
    calendar: Calendar = field(default_factory=lambda: Calendar(name="main", pay=Grain.MONTH))
    grains: list[Grain] = field(default_factory=list)  # all that are not shorter than a pay period
    known: list[Measure] = field(default_factory=list)  # measures whose earlier results may be targets
    table_grain: Grain = Grain.MONTH  # the interval of the rows of the targets' table
    gaps: dict[str, bool] = field(default_factory=dict)  # by dated table, True if it may lack rows

    def one(self, options: Sequence[T]) -> T:
        """Return one of the options."""
        return self.choices.one(options)

    def some(self, options: Sequence[T], least: int = 0, most: int | None = None) -> list[T]:
        """Return between `least` and `most` different options, in their order."""
        return [options[index] for index in self.choices.places(len(options), least, most)]

    def number(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return self.choices.number(low, high)

    def most(self, count: int) -> int:
        """Return the most items to draw: `count`, or half of it for a small project."""
        return count if self.big else (count + 1) // 2

    def chance(self, percent: int) -> bool:
        """Return True in so many percent of cases; failures shrink to False."""
        return self.number(0, 99) >= 100 - percent

    def day(self, first: date = FIRST, last: date = LAST) -> date:
        """Draw a day, often one on which another row or version begins or ends."""
        near = sorted({day for day in self.days if first <= day <= last})
        if near and not self.chance(40):
            return self.one(near)
        return first + timedelta(days=self.number(0, (last - first).days))

    def noted(self, day: date) -> date:
        """Remember a day and the day before, so that later days are often drawn on them."""
        self.days += [day, day - DAY]
        return day

    def money(self, values: Sequence[str]) -> str:
        """Return one of the values as an amount in plan text."""
        return f"{self.one(values)} {self.currency}"

    def may_ask(self, source: str) -> bool:
        """Return True if text may read the dated table without a fallback.

        For a table with gaps this is seldom so, because a row may then be missing.
        """
        return not self.gaps[source] or self.chance(10)


# ---- text -------------------------------------------------------------------------------------


def word(grain: Grain) -> str:
    """Return the grain as a word of plan text."""
    return "month" if grain is Grain.MONTH else grain.value


def block(head: str, lines: Iterable[str]) -> str:
    """Return a block of plan text."""
    body = "\n".join("  " + line for text in lines for line in text.splitlines())
    return f"{head} {{\n{body}\n}}\n"
