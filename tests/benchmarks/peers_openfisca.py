"""The code that the OpenFisca peers share: orders are its persons, payees their groups, months its periods.

OpenFisca stores amounts as 32-bit floats, so these peers cannot be exact. They are compared within a tolerance (see
`sides.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from openfisca_core.entities import build_entity
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

from tests.benchmarks import peers_pandas

Formula = Callable[[Any, Any], Any]
YEAR = 2025


def month(number: int) -> str:
    """Return the period of a month."""
    return f"{YEAR}-{number:02d}"


class Model:
    """Orders and payees with the variables of a plan, and the simulation of one data set."""

    def __init__(self) -> None:
        self.order = build_entity(key="order", plural="orders", label="An order", is_person=True)
        role: Any = {"key": "sale", "plural": "sales", "label": "Sold by the payee"}
        self.payee = build_entity(key="payee", plural="payees", label="A payee", roles=[role])
        self.system = TaxBenefitSystem([self.order, self.payee])

    def of_orders(self, name: str, kind: type) -> None:
        """Add an input that each order has once."""
        self._add(name, {"value_type": kind, "entity": self.order, "definition_period": DateUnit.ETERNITY})

    def of_payees(self, name: str, formula: Formula | None = None) -> None:
        """Add an amount of each payee and month, which is an input or computed by a formula."""
        words = {"value_type": float, "entity": self.payee, "definition_period": DateUnit.MONTH}
        self._add(name, {**words, **({"formula": formula} if formula else {})})

    def _add(self, name: str, words: dict[str, Any]) -> None:
        self.system.add_variable(type(name, (Variable,), words))

    def simulate(self, orders: pd.DataFrame, payees: pd.Index) -> Any:
        """Return a simulation of these orders. `payees` are the groups, in their order."""
        builder = SimulationBuilder()
        builder.create_entities(self.system)
        builder.declare_person_entity("order", np.arange(len(orders)))
        groups = builder.declare_entity("payee", payees.to_numpy(dtype=str))
        builder.join_with_persons(groups, orders["payee"].to_numpy(dtype=str), roles=["sale"] * len(orders))
        return builder.build(self.system)


def collected(simulation: Any, payees: pd.Index, *, due: dict[str, list[int]], plan: str, shown: Any) -> pa.Table:
    """Return the variables' values as payouts in cents.

    Args:
        simulation: The simulation.
        payees: The names of the groups.
        due: The months in which each variable is paid, by its name.
        plan: The name of the plan.
        shown: Selects the payees.
    """
    parts = [
        pd.DataFrame(
            {
                "payee": payees[shown],
                "month": number,
                "version": 1,
                "component": component,
                "cents": np.rint(simulation.calculate(component, month(number))[shown].astype(np.float64) * 100).astype(
                    np.int64
                ),
            }
        )
        for component, months in due.items()
        for number in months
    ]
    return peers_pandas.payouts(pd.concat(parts, ignore_index=True), plan)


def orders(data: Path, columns: list[str], payees: pd.Index) -> pd.DataFrame:
    """Return the orders, and an empty one for each payee, because OpenFisca's sums need a person in each group."""
    read = peers_pandas.orders(data, ["payee", *columns]).astype({"payee": "str"})
    return pd.concat([read, pd.DataFrame({"payee": payees, **dict.fromkeys(columns, 0)})], ignore_index=True)


def roster(data: Path) -> pd.DataFrame:
    """Return each payee's level, by name."""
    people = peers_pandas.table(data, "roster.csv")
    return people.groupby("payee")["level"].first().to_frame()
