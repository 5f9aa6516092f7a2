"""Print money and components that fall due outside the days of a run, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from spmlang.cli.shared import counted
from spmlang.outputs.due_outside import AmountOutside, DueOutside, NotDue
from spmlang.values.money import minor_places, money_text, units_text

#: The most periods with a line each, and the most components listed. Further periods are summed, further components
#: counted.
_PERIODS, _NAMES = 4, 4

#: The most pay periods without data for which an option is suggested. More of them mean a wrong date, and a run from
#: the first of them would stop.
_YEAR = 12


def outside_lines(found: DueOutside) -> Iterator[str]:
    """Yield lines for readers, each with the option that pays the amount.

    The first line is empty, if there are any.
    """
    before = [item for item in found.amounts if item.kind == "before"]
    later = [item for item in found.amounts if item.kind != "before"]
    lines = [*_before(before), *_later(later), *map(_not_due, found.not_due)]
    if lines:
        yield ""
        yield from lines


def outside_values(found: DueOutside) -> dict[str, object]:
    """Return the values for JSON, with each period by itself. Amounts are texts."""
    return {
        "amounts": [
            {
                "kind": item.kind,
                "period": item.period,
                "currency": item.currency,
                "amount": units_text(item.amount, minor_places(item.currency)),
                "payees": item.payees,
            }
            for item in found.amounts
        ],
        "not_due": [{"period": item.period, "components": list(item.components)} for item in found.not_due],
    }


def _before(amounts: list[AmountOutside]) -> Iterator[str]:
    """Yield one line for each currency, because a run that begins with the earliest period pays all of it."""
    for currency in dict.fromkeys(item.currency for item in amounts):
        own = [item for item in amounts if item.currency == currency]
        first, last = own[0].period, own[-1].period
        money = _money(sum(item.amount for item in own), currency)
        when = f"in {first}" if first == last else f"in {first} through {last}"
        option = f"--from {first} pays it" if len(own) <= _YEAR else "more than a year: look at the date of that row"
        yield f"not paid: {money} fell due {when}, before the first row of data ({option})"


def _later(amounts: list[AmountOutside]) -> Iterator[str]:
    """Yield a line for each held, guaranteed or drawn amount, and sums for those beyond _PERIODS."""
    for item in amounts[:_PERIODS]:
        payees = counted(item.payees, "payee")
        money = _money(item.amount, item.currency)
        if item.period is None:
            yield f"held: {money} for {payees}, until what releases it has happened (see balances.csv)"
        elif item.kind == "held":
            yield f"held: {money} for {payees}, released in {item.period} (--through {item.period} pays it)"
        else:
            what = {"guarantee": "guarantees", "draw": "draws"}[item.kind]
            yield (
                f"not paid: {what} of {item.period}, at least {money} for {payees} in all "
                f"(--through {item.period} pays them)"
            )
    if amounts[_PERIODS:]:
        rest = amounts[_PERIODS:]
        for currency in dict.fromkeys(item.currency for item in rest):
            money = _money(sum(item.amount for item in rest if item.currency == currency), currency)
            yield f"held: {money} more, released in later periods (--format json lists them)"


def _not_due(item: NotDue) -> str:
    names = ", ".join(item.components[:_NAMES])
    more = len(item.components) - _NAMES
    tail = f" and {more} more" if more > 0 else ""
    return f"not due yet: {names}{tail}, in {item.period} (--through {item.period} pays what is due then)"


def _money(minor: int, currency: str) -> str:
    return money_text(Fraction(minor, 10 ** minor_places(currency)), currency)
