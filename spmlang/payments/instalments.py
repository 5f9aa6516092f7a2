"""When an amount is paid: at once, in instalments, or after a hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Protocol

from spmlang.program.expressions import Column
from spmlang.program.payment_terms import Hold, Release, ReleaseWith
from spmlang.program.program import Component
from spmlang.values.calendar import Calendar, Grain, Interval
from spmlang.values.rounding import apportion

#: What of a payout came from a row: source and key (None: from no row), and the amount in minor units.
Line = tuple[str | None, str | None, int]


@dataclass(frozen=True)
class Instalment:
    """A part of a payout, in minor units, that is paid in pay period `release` (an index), or when `hold`'s condition ends."""

    component: Component
    amount: int
    release: int
    hold: Hold | None = None


class Cash(Protocol):
    """Knows when the rows behind lines are paid."""

    def instalments(self, component: Component, period: Interval, key: str, amount: int) -> Iterable[Instalment]:
        """The parts of a line of a row that says when it is paid. They sum to the amount."""
        ...


def instalments(
    calendar: Calendar, component: Component, period: Interval, amount: int, lines: Iterable[Line], cash: Cash
) -> Iterator[Instalment]:
    """The parts of a payout that falls due in a pay period. They sum to the amount, to the cent.

    `lines` are what of it came from which row, where the component pays each line by itself.
    """
    match component.release:
        case None:
            yield Instalment(component, amount, period.index)
        case Release(parts=parts, each=grain):
            for number, part in enumerate(shared(amount, parts)):
                yield Instalment(component, part, _end_after(calendar, period, grain, number))
        case ReleaseWith(source=source) | Hold(column=Column(root=source)):
            waiting, at_once = by_row(source, lines)
            for key, part in waiting:
                yield from cash.instalments(component, period, key, part)
            if at_once:
                yield Instalment(component, at_once, period.index)
        case Hold() as hold:
            paid, held = split_amounts(amount, hold)
            yield Instalment(component, paid, period.index)
            yield Instalment(
                component, held, _release_of(calendar, hold, period), hold if hold.test is not None else None
            )


def _release_of(calendar: Calendar, hold: Hold, period: Interval) -> int:
    if hold.grain is not None:
        return calendar.pay_period(calendar.interval(period.end, hold.grain).end).index
    if hold.day is not None:
        return max(period.index, calendar.pay_period(hold.day).index)
    return period.index


def by_row(source: str, lines: Iterable[Line]) -> tuple[list[tuple[str, int]], int]:
    """The keys of the rows of a source that say when they are paid, with their amounts, and what is paid at once.

    What no row brought is spread over the rows with an amount above zero, in proportion; so is what rows of other sources
    brought, where that is below zero. All of it is paid at once where there are no such rows.
    """
    own: list[tuple[str, int]] = []
    of_no_row = of_others = 0
    for line_source, key, amount in lines:
        if line_source == source and key is not None:
            own.append((key, amount))
        elif line_source is None:
            of_no_row += amount
        else:
            of_others += amount
    above = [max(amount, 0) for _, amount in own]
    if not any(above):
        return own, of_no_row + of_others
    spread = shares(of_no_row + min(of_others, 0), above)
    return [(key, amount + more) for (key, amount), more in zip(own, spread, strict=True)], max(of_others, 0)


def split_amounts(amount: int, hold: Hold) -> list[int]:
    """What of an amount is paid at once, and what is held: cut as by a `release` of these two parts."""
    return shared(amount, (1 - hold.part, hold.part))


def shared(amount: int, parts: tuple[Fraction, ...]) -> list[int]:
    """An amount in parts, in the order in which they are paid: by largest remainder, ties to the earlier part."""
    whole = lcm(*(part.denominator for part in parts))
    return shares(amount, [int(part * whole) for part in parts])


def shares(amount: int, weights: Sequence[int]) -> list[int]:
    """By largest remainder: of a negative amount as of a positive one, so that a return undoes what the sale did."""
    found = apportion(abs(amount), weights)
    return found if amount >= 0 else [-share for share in found]


def _end_after(calendar: Calendar, period: Interval, grain: Grain, number: int) -> int:
    """The pay period in which the number-th interval after the one at hand ends; with 0, the period itself."""
    interval = calendar.interval(period.end, grain)
    for _ in range(number):
        interval = calendar.next(interval)
    return calendar.pay_period(interval.end).index if number else period.index
