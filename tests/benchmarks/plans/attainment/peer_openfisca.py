"""The plan `attainment` in OpenFisca, in US dollars as 32-bit floats.

The components of a capped month are reduced each on its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from openfisca_core.taxscales import MarginalRateTaxScale

from tests.benchmarks import peers_openfisca as shared
from tests.benchmarks import peers_pandas

QUARTER_ENDS = [3, 6, 9, 12]
DUE = {"base": list(peers_pandas.MONTHS), "quarter_made": QUARTER_ENDS, "push": [6]}
RATES = ((0.0, 0.0125), (0.5, 0.025), (1.0, 0.05))


def payouts(data: Path) -> pa.Table:
    """Compute the plan's payouts."""
    model = shared.Model()
    for name, kind in (("amount", float), ("month", int), ("push_units", int)):
        model.of_orders(name, kind)
    for name in ("quota", "quarter_quota", "incentive"):
        model.of_payees(name)
    for formula in (bookings, to_date, entitled, base_earned, made_earned, push_earned, kept, base, quarter_made, push):
        model.of_payees(formula.__name__, formula)
    people = shared.roster(data)
    orders = shared.orders(data, ["month", "amount", "product", "units"], people.index)
    simulation = model.simulate(orders, people.index)
    simulation.set_input("amount", shared.month(1), orders["amount"].to_numpy() / 100)
    simulation.set_input("month", shared.month(1), orders["month"].to_numpy())
    pushed = orders["units"].where(orders["product"] == "P3", 0)
    simulation.set_input("push_units", shared.month(1), pushed.to_numpy())
    for name, months in _inputs(data, people.index).items():
        for number in peers_pandas.MONTHS:
            simulation.set_input(name, shared.month(number), months[number].to_numpy() / 100)
    sellers = (people["level"] == 1).to_numpy()
    return shared.collected(simulation, people.index, due=DUE, plan="account_executive", shown=sellers)


def _inputs(data: Path, payees: pd.Index) -> dict[str, pd.DataFrame]:
    """Return quotas and incentives in cents: a row for each payee, a column for each month."""
    roster = peers_pandas.table(data, "roster.csv", cents=("incentive",), days=("from_date",))
    grid = peers_pandas.at_ends(roster, peers_pandas.month_ends()).assign(quarter=lambda rows: (rows["month"] + 2) // 3)
    grid = grid.merge(peers_pandas.quotas(data, "own"), on=["payee", "quarter"])
    names = ("quota", "quarter_quota", "incentive")
    return {name: grid.pivot_table(name, "payee", "month", "first").loc[payees] for name in names}


# ---- formulas: payee and month → dollars --------------------------------------------------------


def bookings(payee: Any, period: Any) -> Any:
    """Return the sum of the payee's orders of the month."""
    of_month = payee.members("month", period) == period.start.month
    return payee.sum(payee.members("amount", period) * of_month)


def to_date(payee: Any, period: Any) -> Any:
    """Return the bookings since January 1."""
    earlier = payee("to_date", period.last_month) if period.start.month > 1 else 0
    return earlier + payee("bookings", period)


def entitled(payee: Any, period: Any) -> Any:
    """Return the tiers' entitlement to date, before caps."""
    scale = MarginalRateTaxScale()
    for threshold, rate in RATES:
        scale.add_bracket(threshold, rate)
    booked, quota = payee("to_date", period), payee("quota", period)
    return np.round(np.where(booked < 0, RATES[0][1] * booked, scale.calc(booked, factor=quota)), 2)


def base_earned(payee: Any, period: Any) -> Any:
    """Return the month's addition to the entitlement, within the cap of the year."""
    earlier = payee("entitled", period.last_month) if period.start.month > 1 else 0
    limit = np.round(0.65 * payee("incentive", period), 2)
    return np.minimum(payee("entitled", period), limit) - np.minimum(earlier, limit)


def made_earned(payee: Any, period: Any) -> Any:
    """Return the bonus of a quarter whose quota is reached."""
    if period.start.month not in QUARTER_ENDS:
        return 0 * payee("bookings", period)
    booked = sum(payee("bookings", shared.month(period.start.month - back)) for back in range(3))
    return 1000 * (booked >= payee("quarter_quota", period))


def push_earned(payee: Any, period: Any) -> Any:
    """Return 5.00 USD per unit in June."""
    of_month = (payee.members("month", period) == period.start.month) * (period.start.month == 6)
    return 5 * payee.sum(payee.members("push_units", period) * of_month)


def kept(payee: Any, period: Any) -> Any:
    """Return the part of the month within the plan's cap."""
    total = payee("base_earned", period) + payee("made_earned", period) + payee("push_earned", period)
    limit = np.round(0.25 * payee("incentive", period), 2)
    return np.where(total > limit, limit / np.where(total > limit, total, 1), 1)


def base(payee: Any, period: Any) -> Any:
    """Return the payout of the tiers."""
    return payee("base_earned", period) * payee("kept", period)


def quarter_made(payee: Any, period: Any) -> Any:
    """Return the payout of the quarter's bonus."""
    return payee("made_earned", period) * payee("kept", period)


def push(payee: Any, period: Any) -> Any:
    """Return the payout of the push."""
    return payee("push_earned", period) * payee("kept", period)
