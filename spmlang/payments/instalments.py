"""The instalments of a payout: paid at once, in parts, or after a hold."""

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

#: The part of a payout that one source row earned: source, key (both None if no row earned it), amount in minor units.
Line = tuple[str | None, str | None, int]


@dataclass(frozen=True)
class Instalment:
    """A part of a payout, in minor units.

    It is paid in pay period `release` (an index), but with `hold` not while that hold's condition holds.
    """

    component: Component
    amount: int
    release: int
    hold: Hold | None = None


class LineSchedule(Protocol):
    """The source of the pay periods of single lines."""

    def instalments(self, component: Component, period: Interval, key: str, amount: int) -> Iterable[Instalment]:
        """Return the instalments of a line whose source row says when it is paid. They sum to the amount."""
        ...


def instalments(
    calendar: Calendar,
    component: Component,
    *,
    period: Interval,
    amount: int,
    lines: Iterable[Line],
    cash: LineSchedule,
) -> Iterator[Instalment]:
    """Yield the instalments of a payout that falls due in a pay period. They sum to the amount, to the cent.

    Args:
        calendar: the calendar.
        component: the component; its `release` says how the amount is paid.
        period: the pay period.
        amount: the payout in minor units.
        lines: the parts of the amount by source row, if the component pays each line by itself.
        cash: gives the instalments of single lines.
    """
    match component.release:
        case None:
            yield Instalment(component, amount, period.index)
        case Release(parts=parts, each=grain):
            for number, part in enumerate(divide_by_parts(amount, parts)):
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
    """Return the pay period (index) in which a held part is paid: at the end of an interval, or on a day.

    A part that is held by a condition has the period of the payout itself.
    """
    if hold.grain is not None:
        return calendar.pay_period(calendar.interval(period.end, hold.grain).end).index
    if hold.day is not None:
        return max(period.index, calendar.pay_period(hold.day).index)
    return period.index


def by_row(source: str, lines: Iterable[Line]) -> tuple[list[tuple[str, int]], int]:
    """Divide a payout into the lines that wait for their own row, and the amount that is paid at once.

    An amount that no row earned is spread over the waiting lines above zero, in proportion to them. So is the sum of
    the lines of other sources, if it is below zero. If no waiting line is above zero, both are paid at once.

    Args:
        source: the source whose rows say when they are paid.
        lines: the lines of the payout.

    Returns:
        The waiting lines (key, amount), and the amount paid at once.
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
    spread = divide_by_weights(of_no_row + min(of_others, 0), above)
    return [(key, amount + more) for (key, amount), more in zip(own, spread, strict=True)], max(of_others, 0)


def split_amounts(amount: int, hold: Hold) -> list[int]:
    """Return the part of an amount that is paid at once, and the part that is held.

    A hold of 35% cuts an amount as a `release` of 65%, 35% does.
    """
    return divide_by_parts(amount, (1 - hold.part, hold.part))


def divide_by_parts(amount: int, parts: tuple[Fraction, ...]) -> list[int]:
    """Divide an amount into parts, in the order in which they are paid, by largest remainder.

    Ties go to the earlier part.
    """
    whole = lcm(*(part.denominator for part in parts))
    return divide_by_weights(amount, [int(part * whole) for part in parts])


def divide_by_weights(amount: int, weights: Sequence[int]) -> list[int]:
    """Divide an amount by weights, by largest remainder.

    A negative amount is divided as its opposite is, so that a return undoes the payments of the sale.
    """
    found = apportion(abs(amount), weights)
    return found if amount >= 0 else [-share for share in found]


def _end_after(calendar: Calendar, period: Interval, grain: Grain, number: int) -> int:
    """Return the pay period in which the number-th next interval of the grain ends; for 0, the period itself."""
    interval = calendar.interval(period.end, grain)
    for _ in range(number):
        interval = calendar.next(interval)
    return calendar.pay_period(interval.end).index if number else period.index
