"""Pots of pools that were not shared in full.

Either no payee has a weight, or caps and budgets cut the shares.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict, dataclass
from fractions import Fraction

from spmlang.program.pools_and_contests import Pool
from spmlang.run.labels import component_keys
from spmlang.run.run import Run
from spmlang.run.unit_columns import integers
from spmlang.values.money import minor_places, rounded_text

#: The reasons for a pot that is not shared in full.
NO_WEIGHT, CUT = "no-weight", "cut"


@dataclass(frozen=True, order=True, kw_only=True)
class UnsharedPot:
    """The part of a pot that no payee was paid in a pay period.

    `amount` is that part and `pot` the whole pot, in the plan's currency. `reason` is NO_WEIGHT or CUT.
    """

    plan: str
    version: int
    component: str
    period: str
    reason: str
    pot: Fraction
    amount: Fraction
    currency: str


def unshared_pots(run: Run) -> list[UnsharedPot]:
    """Return the pots of the run that were not paid in full, sorted by plan, version, component and period."""
    shared = _sums(run, "pots", "shared_minor")
    paid = _sums(run, "payouts", "amount_minor")
    found = []
    for (key, period), part in shared.items():
        version, component = run.names.components[key]
        assert isinstance(component.shared, Pool)
        if (key, period) not in paid or component.name in version.pot_components():
            continue  # of an earlier period, or paid into another pot
        places = 10 ** minor_places(version.currency)
        pot = Fraction(part, places) if part else component.shared.amount or Fraction(0)
        left = pot - Fraction(paid[key, period], places)
        if left > 0:
            found.append(
                UnsharedPot(
                    plan=version.name,
                    version=version.version,
                    component=component.name,
                    period=period,
                    reason=CUT if part else NO_WEIGHT,
                    pot=pot,
                    amount=left,
                    currency=version.currency,
                )
            )
    return sorted(found)


def _sums(run: Run, name: str, column: str) -> dict[tuple[str, str], int]:
    """Sum a column of the result table `name`, by component key and pay period."""
    table = getattr(run.result, name)
    sums: dict[tuple[str, str], int] = defaultdict(int)
    keys = component_keys(table).to_pylist()
    for key, period, amount in zip(keys, table["period"].to_pylist(), integers(table[column]), strict=True):
        sums[key, period] += amount or 0
    return sums


def pot_row(pot: UnsharedPot) -> dict[str, object]:
    """Return a pot that was not shared in full, for the manifest and JSON. Its amounts are texts."""
    places = minor_places(pot.currency)
    return {**asdict(pot), "pot": rounded_text(pot.pot, places), "amount": rounded_text(pot.amount, places)}
