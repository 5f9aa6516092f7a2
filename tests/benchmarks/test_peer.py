"""The peer is right: a computation in plain fractions gives its payouts, and so does the engine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

import duckdb
import pyarrow.csv as pa_csv
import pyarrow.parquet as pa_parquet
import pytest

from tests.benchmarks import handwritten
from tests.benchmarks.generate import generate

ROWS, SEED = 20_000, 1
BUSY, SPARSE = 15, 500  # payees: few who reach the caps; many with months below zero or without an order
MONTHS = range(1, 13)
TIERS = (
    (Fraction(0), Fraction(1, 2), Fraction("0.0125")),
    (Fraction(1, 2), Fraction(1), Fraction("0.025")),
    (Fraction(1), None, Fraction("0.05")),
)
YEAR_CAP, PERIOD_CAP, BONUS, PUSH = 2_000_000, 600_000, 100_000, 500  # cents


@pytest.fixture(scope="module", params=[BUSY, SPARSE])
def payees(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, payees: int) -> Path:
    found = tmp_path_factory.mktemp("benchmark")
    generate(found, ROWS, payees, SEED)
    return found


@pytest.fixture(scope="module")
def peer(folder: Path) -> handwritten.Payouts:
    connection = duckdb.connect()
    handwritten.run(connection, folder)
    return handwritten.payouts(connection)


@pytest.fixture(scope="module")
def naive(folder: Path) -> dict[str, Naive]:
    return {each.payee: each for each in _read(folder)}


class Naive:
    """One payee's year, as decision 2 defines it, one month after the other."""

    def __init__(self, payee: str, targets: dict[int, Fraction]) -> None:
        self.payee = payee
        self.targets = targets  # by quarter, from 0
        self.sold = dict.fromkeys(MONTHS, Fraction(0))
        self.push_units = 0
        self.year_cap_cuts = self.period_cap_cuts = False

    @cache  # noqa: B019
    def base_to_date(self, month: int) -> int:
        """The entitlement from January 1 to the month's end, in cents."""
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
    def payouts(self) -> handwritten.Payouts:
        """Cents by (payee, period, component)."""
        found: handwritten.Payouts = {}
        running = paid = 0
        for month in MONTHS:
            running += self.base_to_date(month) - (self.base_to_date(month - 1) if month > 1 else 0)
            self.year_cap_cuts |= running > YEAR_CAP
            rows = {"base": min(running, YEAR_CAP) - paid}
            paid = min(running, YEAR_CAP)
            if month == 6:
                rows["push"] = PUSH * self.push_units
            if month % 3 == 0:
                quarter = sum((self.sold[m] for m in range(month - 2, month + 1)), Fraction(0))
                rows["quarter_made"] = BONUS if quarter >= self.targets[month // 3 - 1] else 0
            for component, cents in self.capped(rows).items():
                found[self.payee, f"2025-{month:02d}", component] = cents
        return found

    def capped(self, rows: dict[str, int]) -> dict[str, int]:
        """The plan's cap of a month, shared in proportion: the largest remainders get the cents that are left."""
        total = sum(rows.values())
        if total <= PERIOD_CAP:
            return rows
        self.period_cap_cuts = True
        exact = {component: Fraction(PERIOD_CAP * cents, total) for component, cents in rows.items()}
        shares = {component: part.numerator // part.denominator for component, part in exact.items()}
        by_remainder = sorted(exact, key=lambda component: (shares[component] - exact[component], component))
        for component in by_remainder[: PERIOD_CAP - sum(shares.values())]:
            shares[component] += 1
        return shares


def half_up(amount: Fraction) -> int:
    """To a whole number; a half goes away from zero."""
    whole = int(abs(amount) + Fraction(1, 2))
    return whole if amount >= 0 else -whole


def _read(folder: Path) -> Iterator[Naive]:
    targets: dict[str, dict[int, Fraction]] = defaultdict(dict)
    as_text = pa_csv.ConvertOptions(column_types={"payee": "string", "period": "string", "target": "string"})
    for row in pa_csv.read_csv(folder / "data" / "targets.csv", convert_options=as_text).to_pylist():
        targets[row["payee"]][(int(row["period"][5:7]) - 1) // 3] = Fraction(row["target"])
    found = {payee: Naive(payee, quarters) for payee, quarters in targets.items()}
    for row in pa_parquet.read_table(folder / "data" / "orders.parquet").to_pylist():
        one, day = found[row["payee"]], row["day"]
        one.sold[day.month] += Fraction(row["amount"])
        if row["product"] == "P3" and date(2025, 6, 1) <= day <= date(2025, 6, 30):
            one.push_units += row["units"]
    yield from found.values()


def test_the_peer_pays_what_plain_fractions_give(
    peer: handwritten.Payouts, naive: dict[str, Naive], payees: int
) -> None:
    expected = {key: cents for one in naive.values() for key, cents in one.payouts().items()}
    assert len(expected) == payees * (12 + 4 + 1)
    assert peer == expected


def test_the_data_reach_what_the_plan_says(peer: handwritten.Payouts, naive: dict[str, Naive], payees: int) -> None:
    for one in naive.values():
        one.payouts()
    sums = [sum(one.sold[m] for m in range(1, month + 1)) for one in naive.values() for month in MONTHS]
    if payees == BUSY:
        assert 0 < sum(one.year_cap_cuts for one in naive.values()) < payees
        assert 0 < sum(one.period_cap_cuts for one in naive.values()) < payees
    else:
        assert min(sums) < 0
        assert 0 in sums
    assert {cents > 0 for (_, _, component), cents in peer.items() if component == "quarter_made"} == {True, False}
    assert all(any(key[2] == name and cents for key, cents in peer.items()) for name in ("base", "push"))
    attained = {sum(one.sold.values()) / sum(one.targets.values()) for one in naive.values()}
    assert min(attained) < TIERS[0][1]
    assert max(attained) > TIERS[2][0]


@pytest.mark.parametrize(("amount", "cents"), [("0.5", 1), ("-0.5", -1), ("0.4999", 0), ("-1.5", -2), ("2", 2)])
def test_half_up(amount: str, cents: int) -> None:
    assert half_up(Fraction(amount)) == cents


def test_the_same_seed_gives_the_same_rows(folder: Path, tmp_path: Path, payees: int) -> None:
    generate(tmp_path, ROWS, payees, SEED)
    one, other = (pa_parquet.read_table(each / "data" / "orders.parquet") for each in (folder, tmp_path))
    assert one.sort_by("id").equals(other.sort_by("id"))


def test_the_engine_pays_what_the_peer_pays(folder: Path, peer: handwritten.Payouts) -> None:
    engine = pytest.importorskip("spmlang.engines.duckdb")
    from spmlang.engines.result import Request
    from spmlang.runs.opening import open_data, open_project

    opened = open_project(folder)
    assert opened.warnings == ()
    tables, warnings = open_data(opened, folder / "data")
    assert warnings == ()
    first, last = (opened.program.calendar.find(label) for label in ("2025-01", "2025-12"))
    assert first is not None
    assert last is not None
    rows = engine.DuckDBEngine().run(opened.program, tables, Request(first, last)).payouts.to_pylist()
    paid = {(row["payee"], row["period"], row["component"]): int(row["amount_minor"]) for row in rows}
    assert len(paid) == len(rows)
    assert paid == peer
