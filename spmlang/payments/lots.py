"""When an amount is paid: at once, in instalments, or after a hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import lcm
from typing import Protocol

from spmlang.model.expressions import Column
from spmlang.model.program import Component
from spmlang.model.terms import Hold, Release, ReleaseWith
from spmlang.values.calendar import Calendar, Grain, Interval
from spmlang.values.rounding import apportion

#: What of a payout came from a row: source and key (None: from no row), and the amount in minor units.
Line = tuple[str | None, str | None, int]


@dataclass(frozen=True)
class Lot:
    """A part of a payout, in minor units, that is paid in pay period `release` (an index), or when `hold`'s condition ends."""

    component: Component
    amount: int
    release: int
    hold: Hold | None = None


class Cash(Protocol):
    """Knows when the rows behind lines are paid."""

    def lots(
        self, component: Component, period: Interval, source: str | None, key: str | None, amount: int
    ) -> Iterable[Lot]:
        """The parts of a line. They sum to the amount."""
        ...


def lots(
    calendar: Calendar, component: Component, period: Interval, amount: int, lines: Iterable[Line], cash: Cash
) -> Iterator[Lot]:
    """The parts of a payout that falls due in a pay period. They sum to the amount, to the cent.

    `lines` are what of it came from which row, where the component pays each line by itself.
    """
    match component.release:
        case None:
            yield Lot(component, amount, period.index)
        case Release(parts=parts, each=grain):
            for number, part in enumerate(shared(amount, parts)):
                yield Lot(component, part, _end_after(calendar, period, grain, number))
        case ReleaseWith() | Hold(column=Column()):
            for source, key, part in lines:
                yield from cash.lots(component, period, source, key, part)
        case Hold() as hold:
            held, paid = shared(amount, (hold.part, 1 - hold.part))
            yield Lot(component, paid, period.index)
            yield Lot(component, held, _release_of(calendar, hold, period), hold if hold.test is not None else None)


def _release_of(calendar: Calendar, hold: Hold, period: Interval) -> int:
    if hold.grain is not None:
        return calendar.pay_period(calendar.interval(period.end, hold.grain).end).index
    if hold.day is not None:
        return max(period.index, calendar.pay_period(hold.day).index)
    return period.index


def shared(amount: int, parts: tuple[Fraction, ...]) -> list[int]:
    """By largest remainder: of a negative amount as of a positive one, so that a return undoes what the sale did."""
    whole = lcm(*(part.denominator for part in parts))
    shares = apportion(abs(amount), [int(part * whole) for part in parts])
    return shares if amount >= 0 else [-share for share in shares]


def _end_after(calendar: Calendar, period: Interval, grain: Grain, number: int) -> int:
    """The pay period in which the number-th interval after the one at hand ends; with 0, the period itself."""
    interval = calendar.interval(period.end, grain)
    for _ in range(number):
        interval = calendar.next(interval)
    return calendar.pay_period(interval.end).index if number else period.index
