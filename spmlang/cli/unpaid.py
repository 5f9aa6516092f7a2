"""Lines of a run's summary on credits and pots that pay no payee."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from spmlang.cli.shared import counted
from spmlang.outputs.reconciliation import Unpaid
from spmlang.outputs.unshared_pots import NO_WEIGHT, UnsharedPot
from spmlang.program.reconciliation_classes import NO_PLAN, NOT_ON_ROSTER
from spmlang.run.run import Run
from spmlang.values.money import money_text, number_text

#: The words for each class and reason.
_WORDS = {
    (NO_PLAN, "on-no-plan"): "{payees} on no plan",
    (NOT_ON_ROSTER, "before-joining"): "{payees} before they joined",
    (NOT_ON_ROSTER, "after-leaving"): "{payees} after they left",
    (NOT_ON_ROSTER, "away"): "{payees} between two stays",
    (NOT_ON_ROSTER, "never"): "{payees} not on the roster at all",
}


def without_payee(done: Run) -> Iterator[str]:
    """Yield a line on shares without a payee, if there are any.

    The line is such as `2 shares of rows credited no payee: see uncredited.csv`.
    """
    found = done.uncredited["payee"].null_count
    if found:
        yield f"{counted(found, 'share')} of rows credited no payee: see uncredited.csv"


def unpaid_lines(done: Run, found: Iterable[Unpaid]) -> Iterator[str]:
    """Yield lines on credits that pay no payee, sorted by class, reason, measure and via.

    A line is such as `6,000.00 USD of bookings (2 shares) were credited to 1 payee after they left: see unpaid.csv`.
    Payees with a total above zero and payees with one below zero have lines of their own, and so have shares and
    overlays.
    """
    groups: dict[tuple[str, str, str, str, bool], list[Unpaid]] = {}
    for item in found:
        line, below_zero = item.line, (item.line.units or 0) < 0
        groups.setdefault((line.name, line.reason, line.measure, line.via, below_zero), []).append(item)
    in_no_plan: list[Unpaid] = []
    for (name, reason, measure, via, _), items in sorted(groups.items()):
        if (name, reason) not in _WORDS:
            in_no_plan += items
            continue
        whom = _WORDS[name, reason].format(payees=_payees(items))
        shares = counted(sum(item.line.count for item in items), "overlay share" if via == "overlay" else "share")
        yield f"{_come_to(done, measure, items)} of {measure} ({shares}) were credited to {whom}: see unpaid.csv"
    if in_no_plan:
        measures = counted(len({item.line.measure for item in in_no_plan}), "measure")
        payees = _payees(in_no_plan)
        was = "was" if payees == "1 payee" else "were"
        yield f"{payees} {was} credited with {measures} their plans do not read: see unpaid.csv"


def pot_lines(pots: Iterable[UnsharedPot]) -> Iterator[str]:
    """Yield a line for each pot that was not shared in full.

    A line is such as `10.00 USD of the pot of 10.00 USD of fixed (rep 1) was paid to no payee in 2025-01: no payee has a weight
    above zero`.
    """
    for pot in pots:
        whole, left = (money_text(amount, pot.currency) for amount in (pot.pot, pot.amount))
        why = "no payee has a weight above zero" if pot.reason == NO_WEIGHT else "caps or a budget cut the shares"
        named = f"{pot.component} ({pot.plan} {pot.version})"
        yield f"{left} of the pot of {whole} of {named} was paid to no payee in {pot.period}: {why}"


def _payees(items: Iterable[Unpaid]) -> str:
    return counted(len({item.payee for item in items}), "payee")


def _come_to(done: Run, measure: str, items: Iterable[Unpaid]) -> str:
    """Return the sum of some unpaid credits in words."""
    kind = done.program.measures[measure].type
    total = Fraction(sum(item.line.units or 0 for item in items), 10**kind.scale)
    return money_text(total, kind.currency) if kind.currency else number_text(total)
