"""The made-up company's reporting line: six levels, sellers first, the head of the company last."""

from __future__ import annotations

from dataclasses import dataclass

LEVELS = 6
FEWEST = 50  # payees: with fewer, six levels leave nobody to sell


@dataclass(frozen=True)
class Level:
    """A level's people: their numbers run from `first` on. Level 1 sells, level 6 is one person."""

    level: int
    first: int
    size: int


def levels(payees: int) -> list[Level]:
    """The six levels of a company of so many payees, each about as much smaller than the one below it."""
    if payees < FEWEST:
        raise ValueError(f"{payees} payees are too few for {LEVELS} levels: at least {FEWEST}")
    above = LEVELS - 1
    leaders = [max(1, round(payees ** ((above - step) / above))) for step in range(1, LEVELS)]
    sizes = [payees - sum(leaders), *leaders]
    firsts = [sum(sizes[:number]) for number in range(LEVELS)]
    return [Level(number + 1, first, size) for number, (first, size) in enumerate(zip(firsts, sizes, strict=True))]
