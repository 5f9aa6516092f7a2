"""The plan on the orders of Northwind: credit equals the well-known totals, and pay equals what the lines give by hand."""

from collections import defaultdict
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from spmlang.run.run import Run
from tests.engines.every import QUICK
from tests.plans.comparing import (
    PLANS,
    assert_the_same,
    by_payee,
    cents,
    credited,
    marginal,
    paid,
    rows_of,
    run_both,
)
from tests.real_data import real_data

pytestmark = pytest.mark.plans

MONTHS = [f"{year}-{month:02}" for year in (1996, 1997, 1998) for month in range(1, 13)][6:29]
REPRESENTATIVES = ("1", "3", "4", "6", "7", "9")
YEAR_QUOTA, QUARTER_QUOTA = Decimal(80_000), Decimal(20_000)
AMERICAS = {"USA", "Canada", "Mexico", "Brazil", "Argentina", "Venezuela"}
NORTH = {"UK", "Ireland", "Sweden", "Norway", "Denmark", "Finland"}

Months = dict[tuple[str, str], Decimal]


class Line(NamedTuple):
    employee: str
    customer_country: str
    day: str
    seafood: bool
    quantity: int
    gross: Decimal
    discount: Decimal

    @property
    def net(self) -> Decimal:
        return self.gross * (1 - self.discount)


@pytest.fixture(scope="module")
def folder() -> Path:
    return real_data("northwind")


@pytest.fixture(scope="module")
def runs(folder: Path) -> dict[str, Run]:
    # 21 orders are not shipped: twenty warnings, and one that says how many more there are.
    return run_both("northwind", folder, warned=21)


@pytest.fixture(scope="module")
def lines(folder: Path) -> list[Line]:
    orders = {row["order_id"]: row for row in rows_of(folder / "orders.csv")}
    country = {row["customer_id"]: row["country"] for row in rows_of(folder / "customers.csv")}
    category = {row["product_id"]: row["category_id"] for row in rows_of(folder / "products.csv")}
    found = []
    for row in rows_of(folder / "order_details.csv"):
        order, quantity = orders[row["order_id"]], int(row["quantity"])
        found.append(
            Line(
                order["employee_id"],
                country[order["customer_id"]],
                order["order_date"],
                category[row["product_id"]] == "8",
                quantity,
                quantity * Decimal(row["unit_price"]),
                Decimal(row["discount"]),
            )
        )
    return found


@pytest.fixture(scope="module")
def net(lines: list[Line]) -> Months:
    total: Months = defaultdict(Decimal)
    for line in lines:
        total[line.employee, line.day[:7]] += line.net
    return total


@pytest.fixture(scope="module")
def boss(folder: Path) -> dict[str, str]:
    employees = rows_of(folder / "employees.csv")
    return {row["employee_id"]: row["reports_to"] for row in employees if row["reports_to"]}


def fiscal_year(month: str) -> int:
    return int(month[:4]) + (month[5:] > "06")


def quarter_of(month: str) -> str:
    """The last month of the quarter."""
    return f"{month[:4]}-{(int(month[5:]) + 2) // 3 * 3:02}"


def half_of(month: str) -> str:
    return f"{month[:4]}-{'06' if month[5:] <= '06' else '12'}"


def over(of: Months, interval_of: Callable[[str], str]) -> Months:
    """The sums over longer intervals, by their last month; those that have ended."""
    total: Months = defaultdict(Decimal)
    for (payee, month), amount in of.items():
        if interval_of(month) <= MONTHS[-1]:
            total[payee, interval_of(month)] += amount
    return total


def retroactive(amount: Decimal, month: str) -> Decimal:
    """What the tiers of the version that is in force in the month give for an amount of the year to date."""
    middle, top, best = (60, 120, "0.025") if month >= "1998-01" else (50, 100, "0.02")
    reached = 100 * amount / YEAR_QUOTA
    return cents(Decimal(best if reached >= top else "0.015" if reached >= middle else "0.01") * amount)


def test_the_engines_agree_on_every_table(runs: dict[str, Run]) -> None:
    assert_the_same(runs)


def test_the_reporting_line_is_the_published_one(boss: dict[str, str]) -> None:
    ours = rows_of(PLANS / "northwind" / "reporting_line.csv")
    assert {row["payee"]: row["manager"] for row in ours} == boss


@pytest.mark.parametrize("engine", QUICK)
def test_credit_equals_the_published_total_of_each_employee(runs: dict[str, Run], engine: str) -> None:
    found = credited(runs[engine], "net_sales")
    published = {
        "1": Decimal("192107.60"),
        "2": Decimal("166537.76"),
        "3": Decimal("202812.84"),
        "4": Decimal("232890.85"),
        "5": Decimal("68792.28"),
        "6": Decimal("73913.13"),
        "7": Decimal("124568.23"),
        "8": Decimal("126862.28"),
        "9": Decimal("77308.07"),
    }
    assert found.keys() == published.keys()
    # 124,568.235 lies between two cents, and is published as the lower one.
    assert all(abs(found[payee] - amount) <= Decimal("0.005") for payee, amount in published.items())
    assert sum(found.values()) == Decimal("1265793.0395")


def test_sales_and_discounts_make_up_the_gross(runs: dict[str, Run], net: Months) -> None:
    gross, kept, given = (credited(runs["duckdb"], name) for name in ("gross_sales", "net_sales", "given_away"))
    assert kept == by_payee(net)
    assert sum(gross.values()) == Decimal("1354458.59")
    assert all(gross[payee] == kept[payee] + given.get(payee, 0) for payee in gross)


def test_every_customer_lies_in_a_territory(runs: dict[str, Run], lines: list[Line]) -> None:
    by_hand: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        owner = "2" if line.customer_country in AMERICAS else "5" if line.customer_country in NORTH else "8"
        by_hand[owner] += line.net
    assert credited(runs["duckdb"], "territory_sales") == by_hand
    assert runs["duckdb"].result.uncredited.num_rows == 0


def test_retroactive_commission_to_date_under_two_versions(runs: dict[str, Run], net: Months) -> None:
    by_hand: Months = {}
    for payee in REPRESENTATIVES:
        year, sold = 0, Decimal(0)
        for month in MONTHS:
            if fiscal_year(month) != year:
                year, sold = fiscal_year(month), Decimal(0)
            before = sold
            sold += net.get((payee, month), Decimal(0))
            # Both sides by the rules of the month: what an earlier version has paid stands.
            earned = retroactive(sold, month) - retroactive(before, month)
            if earned:
                by_hand[payee, month] = earned
    assert paid(runs["duckdb"], "base") == by_hand


def test_full_price_commission_climbs_with_the_quarter(runs: dict[str, Run], lines: list[Line]) -> None:
    sold: Months = defaultdict(Decimal)
    for line in lines:
        if line.employee in REPRESENTATIVES and line.discount == 0:
            sold[line.employee, line.day[:7]] += line.gross
    by_hand: Months = {}
    for payee in REPRESENTATIVES:
        to_date: dict[str, Decimal] = defaultdict(Decimal)
        for month in MONTHS:
            tiers = [("0", "0.005"), ("5000", "0.01"), ("15000", "0.015")]
            before = cents(marginal(to_date[quarter_of(month)], tiers))
            to_date[quarter_of(month)] += sold.get((payee, month), Decimal(0))
            earned = cents(marginal(to_date[quarter_of(month)], tiers)) - before
            if earned:
                by_hand[payee, month] = earned
    assert paid(runs["duckdb"], "full_price") == by_hand


def test_price_discipline_needs_sales_and_few_discounts(runs: dict[str, Run], lines: list[Line]) -> None:
    gross: Months = defaultdict(Decimal)
    kept: Months = defaultdict(Decimal)
    for line in lines:
        quarter = quarter_of(line.day[:7])
        if line.employee in REPRESENTATIVES and quarter <= MONTHS[-1]:
            gross[line.employee, quarter] += line.gross
            kept[line.employee, quarter] += line.net
    by_hand = {
        at: Decimal(250)
        for at in gross
        if 100 * (gross[at] - kept[at]) <= 5 * gross[at] and 100 * kept[at] >= 75 * QUARTER_QUOTA
    }
    assert paid(runs["duckdb"], "price_discipline") == by_hand


def test_shipping_counts_on_the_day_of_shipment(folder: Path, runs: dict[str, Run]) -> None:
    total: Months = defaultdict(Decimal)
    aside = set()
    for number, row in enumerate(rows_of(folder / "orders.csv"), start=1):
        if not row["shipped_date"]:
            aside.add(number)
        elif row["employee_id"] in REPRESENTATIVES:
            late = row["shipped_date"] > row["required_date"]
            total[row["employee_id"], row["shipped_date"][:7]] += -10 if late else 2
    by_hand = {at: amount for at, amount in total.items() if amount}
    assert any(amount < 0 for amount in by_hand.values()), "no month ends below zero"
    assert paid(runs["duckdb"], "shipping") == by_hand
    assert {reject.row for reject in runs["duckdb"].tables.rejects} == aside
    assert len(aside) == 21


def test_the_purse_for_seafood_is_spent_to_the_cent(runs: dict[str, Run], lines: list[Line]) -> None:
    packages: dict[str, int] = defaultdict(int)
    for line in lines:
        if line.seafood and line.employee in REPRESENTATIVES and "1998-01-01" <= line.day <= "1998-03-31":
            packages[line.employee] += line.quantity
    whole, parts = 60_000, sum(packages.values())
    assert 75 * parts > whole, "the purse would suffice"
    # Each gets the share of the packages sold, within a cent; the cents that are over make up the whole.
    found = paid(runs["duckdb"], "seafood")
    assert sum(found.values()) == 600
    for payee, count in packages.items():
        assert abs(found[payee, "1998-03"] - Decimal(whole * count) / parts / 100) < Decimal("0.01")


def test_the_manager(runs: dict[str, Run], lines: list[Line], net: Months, boss: dict[str, str]) -> None:
    team: Months = defaultdict(Decimal)
    for (payee, month), amount in net.items():
        if boss.get(payee) == "5":
            team["5", month] += amount
    tiers = [("0", "0.005"), ("100000", "0.0075")]
    years: dict[int, Decimal] = defaultdict(Decimal)
    for (_, month), amount in team.items():
        years[fiscal_year(month)] += amount
    by_year = sum(cents(marginal(amount, tiers)) for amount in years.values())
    assert max(years.values()) > 100_000
    assert by_payee(paid(runs["duckdb"], "team")) == {"5": by_year}
    assert paid(runs["duckdb"], "own") == {
        at: cents(amount / 100) for at, amount in net.items() if at[0] == "5" and amount
    }


def test_the_vice_president_gets_a_share_of_everyone_below(runs: dict[str, Run], net: Months) -> None:
    below: Months = defaultdict(Decimal)
    for (payee, month), amount in net.items():
        if payee != "2":
            below["2", month] += amount
    by_hand = {
        at: (Decimal("0.003" if amount >= 200_000 else "0.002") * amount).quantize(Decimal(1), ROUND_HALF_EVEN)
        for at, amount in over(below, half_of).items()
    }
    assert paid(runs["duckdb"], "company") == by_hand


def test_the_coordinator_is_rounded_by_line_and_capped_by_month(runs: dict[str, Run], lines: list[Line]) -> None:
    own: dict[str, Decimal] = defaultdict(Decimal)
    mainland: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.employee == "8":
            own[line.day[:7]] += cents(Decimal("0.008") * line.net)
        if line.customer_country not in AMERICAS | NORTH:
            mainland[line.day[:7]] += line.net
    overlay = {("8", month): min(cents(Decimal("0.002") * amount), Decimal(75)) for month, amount in mainland.items()}
    assert Decimal(75) in overlay.values()
    assert paid(runs["duckdb"], "mainland") == overlay
    assert paid(runs["duckdb"], "own_sales") == {("8", month): amount for month, amount in own.items() if amount}
