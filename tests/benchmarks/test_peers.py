"""Test the hand-written SQL against a computation in plain fractions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet
import pytest

from tests.benchmarks.generate import generate
from tests.benchmarks.sides import PEERS

pytestmark = pytest.mark.plans

Payouts = dict[tuple[str, str, str], int]  # cents by (payee, period, component)

ROWS, SEED = 20_000, 1
BUSY, SPARSE = 60, 500  # payees; in the second company many have months below zero or without an order
MONTHS = range(1, 13)
TIERS = (
    (Fraction(0), Fraction(1, 2), Fraction("0.0125")),
    (Fraction(1, 2), Fraction(1), Fraction("0.025")),
    (Fraction(1), None, Fraction("0.05")),
)
YEAR_CAP, PERIOD_CAP = Fraction("0.65"), Fraction("0.25")  # of the incentive
BONUS, PUSH = 100_000, 500  # cents


@pytest.fixture(scope="module", params=[BUSY, SPARSE])
def payees(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, payees: int) -> Path:
    found = tmp_path_factory.mktemp("benchmark")
    generate(found, ROWS, payees=payees, seed=SEED)
    return found


@pytest.fixture(scope="module")
def peer(folder: Path) -> Payouts:
    sql = next(peer for peer in PEERS if peer.name == "sql")
    rows = sql.payouts("attainment", folder).to_pylist()
    return {(row["payee"], row["period"], row["component"]): row["cents"] for row in rows}


@pytest.fixture(scope="module")
def naive(folder: Path) -> dict[str, Naive]:
    return {each.payee: each for each in _read(folder)}


class Naive:
    """One payee's year, computed month by month as decision 2 defines it."""

    def __init__(self, payee: str, targets: dict[int, Fraction], incentives: dict[date, Fraction]) -> None:
        self.payee = payee
        self.targets = targets  # by quarter, from 0
        self.incentives = incentives  # by the day from which they hold
        self.sold = dict.fromkeys(MONTHS, Fraction(0))
        self.push_units = 0
        self.year_cap_cuts = self.period_cap_cuts = False

    @cache  # noqa: B019
    def base_to_date(self, month: int) -> int:
        """Return the entitlement from January 1 to the month's end, in cents."""
        measure = sum((self.sold[m] for m in range(1, month + 1)), Fraction(0))
        quota = sum(self.targets.values(), Fraction(0))
        if measure < 0:
            return half_up(TIERS[0][2] * measure * 100)
        entitled = Fraction(0)
        for low, high, value in TIERS:
            top = measure if high is None else min(measure, high * quota)
            entitled += value * max(top - low * quota, Fraction(0))
        return half_up(entitled * 100)

    @cache  # noqa: B019
    def payouts(self) -> Payouts:
        found: Payouts = {}
        running = before = 0
        for month in MONTHS:
            running += self.base_to_date(month) - (self.base_to_date(month - 1) if month > 1 else 0)
            limit = self.limit(YEAR_CAP, month)
            self.year_cap_cuts |= running > limit
            rows = {"base": min(running, limit) - min(before, limit)}
            before = running
            if month == 6:
                rows["push"] = PUSH * self.push_units
            if month % 3 == 0:
                quarter = sum((self.sold[m] for m in range(month - 2, month + 1)), Fraction(0))
                rows["quarter_made"] = BONUS if quarter >= self.targets[month // 3 - 1] else 0
            for component, cents in self.capped(rows, self.limit(PERIOD_CAP, month)).items():
                found[self.payee, f"2025-{month:02d}", component] = cents
        return found

    def limit(self, share: Fraction, month: int) -> int:
        """Return a share of the incentive that holds on the month's last day, in cents."""
        next_month = date(2025 + month // 12, month % 12 + 1, 1)
        return half_up(share * self.incentives[max(day for day in self.incentives if day < next_month)] * 100)

    def capped(self, rows: dict[str, int], cap: int) -> dict[str, int]:
        """Share the plan's cap of a month over the rows in proportion.

        The rows with the largest remainders get the cents that are left.
        """
        total = sum(rows.values())
        if total <= cap:
            return rows
        self.period_cap_cuts = True
        exact = {component: Fraction(cap * cents, total) for component, cents in rows.items()}
        shares = {component: part.numerator // part.denominator for component, part in exact.items()}
        by_remainder = sorted(exact, key=lambda component: (shares[component] - exact[component], component))
        for component in by_remainder[: cap - sum(shares.values())]:
            shares[component] += 1
        return shares


def half_up(amount: Fraction) -> int:
    """Round to a whole number. A half is rounded away from zero."""
    whole = int(abs(amount) + Fraction(1, 2))
    return whole if amount >= 0 else -whole


def _read(folder: Path) -> Iterator[Naive]:
    """Yield each seller with targets, incentives and sales."""
    targets: dict[str, dict[int, Fraction]] = defaultdict(dict)
    for row in _texts(folder / "targets.csv"):
        if row["kind"] == "own":
            targets[row["payee"]][(int(row["period"][5:7]) - 1) // 3] = Fraction(row["target"])
    incentives: dict[str, dict[date, Fraction]] = defaultdict(dict)
    for row in _texts(folder / "roster.csv"):
        if row["level"] == "1":
            incentives[row["payee"]][date.fromisoformat(row["from_date"])] = Fraction(row["incentive"])
    found = {payee: Naive(payee, targets[payee], rows) for payee, rows in incentives.items()}
    for row in pa_parquet.read_table(folder / "orders_001.parquet").to_pylist():
        one, day = found.get(row["payee"]), row["day"]
        if one is not None:
            one.sold[day.month] += Fraction(row["amount"])
            if row["product"] == "P3" and date(2025, 6, 1) <= day <= date(2025, 6, 30):
                one.push_units += row["units"]
    yield from found.values()


def _texts(path: Path) -> list[dict[str, str]]:
    names = pa_csv.open_csv(path).schema.names
    options = pa_csv.ConvertOptions(column_types=dict.fromkeys(names, "string"))
    rows: list[dict[str, str]] = pa_csv.read_csv(path, convert_options=options).to_pylist()
    return rows


def test_the_peer_pays_what_plain_fractions_give(peer: Payouts, naive: dict[str, Naive]) -> None:
    expected = {key: cents for one in naive.values() for key, cents in one.payouts().items()}
    assert len(expected) == len(naive) * (12 + 4 + 1)
    assert peer == expected


def test_the_data_reach_what_the_plan_says(peer: Payouts, naive: dict[str, Naive], payees: int) -> None:
    for one in naive.values():
        one.payouts()
    sums = [sum(one.sold[m] for m in range(1, month + 1)) for one in naive.values() for month in MONTHS]
    attained = {sum(one.sold.values()) / sum(one.targets.values()) for one in naive.values()}
    assert 0 < sum(one.year_cap_cuts for one in naive.values()) < len(naive)
    assert sum(one.period_cap_cuts for one in naive.values())
    if payees == SPARSE:
        assert min(sums) < 0
        assert 0 in sums
        assert min(attained) < TIERS[0][1]
    assert {cents > 0 for (_, _, component), cents in peer.items() if component == "quarter_made"} == {True, False}
    assert all(any(key[2] == name and cents for key, cents in peer.items()) for name in ("base", "push"))
    assert max(attained) > TIERS[2][0]


@pytest.mark.parametrize(("amount", "cents"), [("0.5", 1), ("-0.5", -1), ("0.4999", 0), ("-1.5", -2), ("2", 2)])
def test_half_up(amount: str, cents: int) -> None:
    assert half_up(Fraction(amount)) == cents
