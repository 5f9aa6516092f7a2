"""What a run tells of all that is credited and pays nobody."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from spmlang.cli.shared import counted
from spmlang.runs.pots import unshared_pots
from spmlang.runs.reconciliation import Unpaid, unpaid
from spmlang.runs.running import Run
from spmlang.values.money import money_text, number_text

#: By class and reason, how it is said.
_WORDS = {
    ("no-plan", "on-no-plan"): "{payees} on no plan",
    ("not-on-roster", "before-joining"): "{payees} before they joined",
    ("not-on-roster", "after-leaving"): "{payees} after they left",
    ("not-on-roster", "away"): "{payees} between two stays",
    ("not-on-roster", "never"): "{payees} who never stand on the roster",
}


def without_payee(done: Run) -> Iterator[str]:
    """`2 credits had nobody to go to: see uncredited.csv`."""
    found = done.result.uncredited["payee"].null_count
    if found:
        yield f"{counted(found, 'credit')} had nobody to go to: see uncredited.csv"


def unpaid_lines(done: Run) -> Iterator[str]:
    """`6,000.00 USD of bookings were credited to 1 payee after they left: see unpaid.csv`, in a stated order."""
    groups: dict[tuple[str, str, str], list[Unpaid]] = {}
    for item in unpaid(done):
        groups.setdefault((item.line.name, item.line.reason, item.line.measure), []).append(item)
    in_no_plan: list[Unpaid] = []
    for (name, reason, measure), items in sorted(groups.items()):
        if (name, reason) not in _WORDS:
            in_no_plan += items
            continue
        whom = _WORDS[name, reason].format(payees=_payees(items))
        yield f"{_come_to(done, measure, items)} of {measure} were credited to {whom}: see unpaid.csv"
    if in_no_plan:
        measures = counted(len({item.line.measure for item in in_no_plan}), "measure")
        payees = _payees(in_no_plan)
        was = "was" if payees == "1 payee" else "were"
        yield f"{payees} {was} credited with {measures} their plans do not read: see unpaid.csv"


def pot_lines(done: Run) -> Iterator[str]:
    """`the pot of 10.00 USD of fixed (rep 1) went to nobody in 2025-01: nobody has a weight above zero`."""
    for plan, version, component, period, amount, currency in unshared_pots(done):
        pot = money_text(amount, currency)
        yield f"the pot of {pot} of {component} ({plan} {version}) went to nobody in {period}: nobody has a weight above zero"


def _payees(items: Iterable[Unpaid]) -> str:
    return counted(len({item.payee for item in items}), "payee")


def _come_to(done: Run, measure: str, items: Iterable[Unpaid]) -> str:
    kind = done.program.measures[measure].type
    total = Fraction(sum(item.line.units or 0 for item in items), 10**kind.scale)
    return money_text(total, kind.currency) if kind.currency else number_text(total)
