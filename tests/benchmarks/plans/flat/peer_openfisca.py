"""The plan `flat` in OpenFisca, in US dollars as 32-bit floats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tests.benchmarks import peers_openfisca as shared
from tests.benchmarks import peers_pandas


def bookings(payee: Any, period: Any) -> Any:
    """Return the sum of the payee's orders of the month."""
    of_month = payee.members("month", period) == period.start.month
    return payee.sum(payee.members("amount", period) * of_month)


def base(payee: Any, period: Any) -> Any:
    """Return the commission of the month."""
    return np.round(payee("bookings", period) * 0.035, 2)


def payouts(data: Path) -> pa.Table:
    """Compute the plan's payouts."""
    model = shared.Model()
    model.of_orders("amount", float)
    model.of_orders("month", int)
    model.of_payees("bookings", bookings)
    model.of_payees("base", base)
    people = shared.roster(data)
    orders = shared.orders(data, ["month", "amount"], people.index)
    simulation = model.simulate(orders, people.index)
    simulation.set_input("amount", shared.month(1), orders["amount"].to_numpy() / 100)
    simulation.set_input("month", shared.month(1), orders["month"].to_numpy())
    sellers = (people["level"] == 1).to_numpy()
    return shared.collected(
        simulation, people.index, due={"base": list(peers_pandas.MONTHS)}, plan="seller", shown=sellers
    )
