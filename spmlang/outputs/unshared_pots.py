"""Pots of which some goes to nobody: no payee has a weight, or caps and budgets cut the shares."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction

from spmlang.program.pools_and_contests import Pool
from spmlang.run.labels import component_keys
from spmlang.run.run import Run
from spmlang.run.unit_columns import integers
from spmlang.values.money import minor_places

#: Why some of a pot goes to nobody.
NO_WEIGHT, CUT = "no-weight", "cut"


@dataclass(frozen=True, order=True)
class UnsharedPot:
    """What went to nobody in a pay period, `amount` of a whole `pot` in the plan's currency, and why: NO_WEIGHT or CUT."""

    plan: str
    version: int
    component: str
    period: str
    reason: str
    pot: Fraction
    amount: Fraction
    currency: str


def unshared_pots(run: Run) -> list[UnsharedPot]:
    """Find them among the pots of the run."""
    shared = _sums(run, "pots", "shared_minor")
    paid = _sums(run, "payouts", "amount_minor")
    found = []
    for (key, period), part in shared.items():
        version, component = run.names.components[key]
        assert isinstance(component.shared, Pool)
        if (key, period) not in paid or component.name in version.pots():
            continue  # of an earlier period, or paid into another pot
        places = 10 ** minor_places(version.currency)
        pot = Fraction(part, places) if part else component.shared.amount or Fraction(0)
        left = pot - Fraction(paid[key, period], places)
        if left > 0:
            named = (version.name, version.version, component.name, period)
            found.append(UnsharedPot(*named, CUT if part else NO_WEIGHT, pot, left, version.currency))
    return sorted(found)


def _sums(run: Run, name: str, column: str) -> dict[tuple[str, str], int]:
    """The sums of a column of a table of the result, by component and pay period."""
    table = getattr(run.result, name)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    keys = component_keys(table).to_pylist()
    for key, period, amount in zip(keys, table["period"].to_pylist(), integers(table[column]), strict=True):
        sums[key, period] += amount or 0
    return sums
