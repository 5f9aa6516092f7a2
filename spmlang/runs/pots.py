"""Pots of an amount that nobody has a part in."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from spmlang.model.contests import Pool

from .columns import integers
from .names import component_keys
from .running import Run


def unshared_pots(run: Run) -> list[tuple[str, int, str, str, Fraction, str]]:
    """Plan, version, component, period, amount and currency of each pot that nobody has a weight above zero for."""
    table = run.result.payouts
    weights: dict[tuple[str, str], int] = defaultdict(int)
    keys = component_keys(table).to_pylist()
    for key, period, earned in zip(keys, table["period"].to_pylist(), integers(table["earned_minor"]), strict=True):
        _, component = run.names.components[key]
        if isinstance(component.shared, Pool) and component.shared.amount is not None:
            weights[key, period] += max(0, earned or 0)
    found = []
    for (key, period), weight in weights.items():
        version, component = run.names.components[key]
        assert isinstance(component.shared, Pool)
        assert component.shared.amount is not None
        if not weight and component.shared.amount:
            named = (version.name, version.version, component.name, period)
            found.append((*named, component.shared.amount, version.currency))
    return sorted(found)
