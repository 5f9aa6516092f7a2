"""The reporting line of the generated company: six levels, from sellers to the head of the company."""

from __future__ import annotations

from dataclasses import dataclass

LEVELS = 6
FEWEST = 50  # payees, because a smaller company with six levels has no sellers


@dataclass(frozen=True)
class Level:
    """A level of the company. Its people are numbered from `first` on. Level 1 sells, level 6 is one person."""

    level: int
    first: int
    size: int


def levels(payees: int) -> list[Level]:
    """Return the six levels of a company, each smaller than the one below by about the same factor.

    Raises:
        ValueError: There are fewer than FEWEST payees.
    """
    if payees < FEWEST:
        raise ValueError(f"{payees} payees are too few for {LEVELS} levels: at least {FEWEST}")
    above = LEVELS - 1
    leaders = [max(1, round(payees ** ((above - step) / above))) for step in range(1, LEVELS)]
    sizes = [payees - sum(leaders), *leaders]
    firsts = [sum(sizes[:number]) for number in range(LEVELS)]
    return [Level(number + 1, first, size) for number, (first, size) in enumerate(zip(firsts, sizes, strict=True))]
