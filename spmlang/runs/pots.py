"""Pots of an amount that nobody has a part in."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

from spmlang.model.contests import Pool

from .columns import integers
from .names import component_keys
from .running import Run


@dataclass(frozen=True, order=True)
class UnsharedPot:
    """A pot that no payee of the pay period has a weight above zero for; `amount` in the plan's currency."""

    plan: str
    version: int
    component: str
    period: str
    amount: Fraction
    currency: str


def unshared_pots(run: Run) -> list[UnsharedPot]:
    """Find the pots of an amount that went to nobody."""
    table = run.result.payouts
    weights: dict[tuple[str, str], int] = defaultdict(int)
    keys = component_keys(table).to_pylist()
    amounts = (integers(table[name]) for name in ("earned_minor", "amount_minor"))
    for key, period, *own in zip(keys, table["period"].to_pylist(), *amounts, strict=True):
        _, component = run.names.components[key]
        if isinstance(component.shared, Pool) and component.shared.amount is not None:
            # Weights are exact: one below half a cent earns nothing, and still gets a part of the pot.
            weights[key, period] += sum(max(0, amount or 0) for amount in own)
    found = []
    for (key, period), weight in weights.items():
        version, component = run.names.components[key]
        assert isinstance(component.shared, Pool)
        assert component.shared.amount is not None
        if not weight and component.shared.amount:
            pot = component.shared.amount
            found.append(UnsharedPot(version.name, version.version, component.name, period, pot, version.currency))
    return sorted(found)
