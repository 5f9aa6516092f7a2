"""What every part of a random project is drawn with: small choices near to what decides, the simple ones first."""

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
    """A measure as plans may use it."""

    name: str
    kind: str  # "money", "count" or "number"
    source: str = "deals"  # whose rows are credited


@dataclass
class Drawing:
    """Draws choices, and remembers what all parts of a project have in common. Simple choices stand first, so that failures
    shrink towards them.
    """

    choices: Choices
    big: bool = True  # whether there is as much of everything as a project can have, or half of it
    extreme: bool = False  # whether amounts may fill their columns
    days: list[date] = field(default_factory=lambda: [FIRST])
    payees: list[str] = field(default_factory=list)
    currency: str = "USD"
    scale: int = 2
    calendar: Calendar = field(default_factory=lambda: Calendar("main", Grain.MONTH))
    grains: list[Grain] = field(default_factory=list)  # not shorter than a pay period
    known: list[Measure] = field(default_factory=list)  # what quotas may look back at
    table_grain: Grain = Grain.MONTH  # of the targets' table
    gaps: dict[str, bool] = field(default_factory=dict)  # whether a dated table may lack rows

    def one(self, options: Sequence[T]) -> T:
        """One of the options."""
        return self.choices.one(options)

    def some(self, options: Sequence[T], least: int = 0, most: int | None = None) -> list[T]:
        """Several different options, in their order."""
        return [options[index] for index in self.choices.places(len(options), least, most)]

    def number(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return self.choices.number(low, high)

    def most(self, count: int) -> int:
        """How many of something there are at most."""
        return count if self.big else (count + 1) // 2

    def chance(self, percent: int) -> bool:
        """True now and then; shrinks to False."""
        return self.number(0, 99) >= 100 - percent

    def day(self, first: date = FIRST, last: date = LAST) -> date:
        """A day: often one that something else begins or ends on."""
        near = sorted({day for day in self.days if first <= day <= last})
        if near and not self.chance(40):
            return self.one(near)
        return first + timedelta(days=self.number(0, (last - first).days))

    def noted(self, day: date) -> date:
        """A day to come back to, and the day before."""
        self.days += [day, day - DAY]
        return day

    def money(self, values: Sequence[str]) -> str:
        """An amount as plan text."""
        return f"{self.one(values)} {self.currency}"

    def may_ask(self, source: str) -> bool:
        """Whether text may ask for a column of a dated table as if a row were always in force."""
        return not self.gaps[source] or self.chance(10)


# ---- text -------------------------------------------------------------------------------------


def word(grain: Grain) -> str:
    return "month" if grain is Grain.MONTH else grain.value


def block(head: str, lines: Iterable[str]) -> str:
    body = "\n".join("  " + line for text in lines for line in text.splitlines())
    return f"{head} {{\n{body}\n}}\n"
