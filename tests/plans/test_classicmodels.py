"""The plan on the cash and the orders of Classic Models: credit and pay equal what the published tables give by hand."""

from collections import defaultdict
from decimal import Decimal
from pathlib import Path

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

BOOKED = ("Shipped", "Resolved", "In Process", "On Hold")
CASH_TIERS = {
    "2003": [("0", "0.02"), ("200000", "0.03"), ("350000", "0.04")],
    "2004": [("0", "0.02"), ("200000", "0.03"), ("350000", "0.04")],
    "2005": [("0", "0.02"), ("150000", "0.035"), ("250000", "0.05")],
}


@pytest.fixture(scope="module")
def folder() -> Path:
    return real_data("classicmodels")


@pytest.fixture(scope="module")
def runs(folder: Path) -> dict[str, Run]:
    return run_both("classicmodels", folder)


@pytest.fixture(scope="module")
def rep_of(folder: Path) -> dict[str, str]:
    return {row["customer_number"]: row["sales_rep_employee_number"] for row in rows_of(folder / "customers.csv")}


@pytest.fixture(scope="module")
def cash(folder: Path, rep_of: dict[str, str]) -> dict[tuple[str, str], Decimal]:
    """Cash by sales rep and month."""
    total: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in rows_of(folder / "payments.csv"):
        total[rep_of[row["customer_number"]], row["payment_date"][:7]] += Decimal(row["amount"])
    return total


@pytest.fixture(scope="module")
def ordered(folder: Path, rep_of: dict[str, str]) -> dict[tuple[str, str, str, bool], Decimal]:
    """What was ordered, by sales rep, quarter, status, and whether the list price was held."""
    orders = {row["order_number"]: row for row in rows_of(folder / "orders.csv")}
    lists = {row["product_code"]: Decimal(row["msrp"]) for row in rows_of(folder / "products.csv")}
    total: dict[tuple[str, str, str, bool], Decimal] = defaultdict(Decimal)
    for row in rows_of(folder / "order_details.csv"):
        order = orders[row["order_number"]]
        year, month, _ = order["order_date"].split("-")
        held = Decimal(row["price_each"]) >= lists[row["product_code"]]
        at = rep_of[order["customer_number"]], f"{year}-Q{(int(month) + 2) // 3}", order["status"], held
        total[at] += int(row["quantity_ordered"]) * Decimal(row["price_each"])
    return total


def quarter_end(quarter: str) -> str:
    return f"{quarter[:4]}-{3 * int(quarter[-1]):02}"


def test_the_engines_agree_on_every_table(runs: dict[str, Run]) -> None:
    assert_the_same(runs)


def test_roster_and_reporting_line_are_those_of_the_published_employees(folder: Path) -> None:
    employees = rows_of(folder / "employees.csv")
    roster, line = (rows_of(PLANS / "classicmodels" / name) for name in ("roster.csv", "reporting_line.csv"))
    assert {row["payee"]: row["name"] for row in roster} == {
        row["employee_number"]: f"{row['first_name']} {row['last_name']}" for row in employees
    }
    assert {row["payee"]: row["manager"] for row in line} == {
        row["employee_number"]: row["reports_to"] for row in employees if row["reports_to"]
    }


@pytest.mark.parametrize("engine", QUICK)
def test_all_cash_is_credited_to_the_rep_of_the_customer(
    runs: dict[str, Run], cash: dict[tuple[str, str], Decimal], engine: str
) -> None:
    by_hand = by_payee(cash)
    assert credited(runs[engine], "cash") == by_hand
    assert sum(by_hand.values()) == Decimal("9777417.43")
    assert runs[engine].result.uncredited.num_rows == 0


@pytest.mark.parametrize(
    ("measure", "statuses"),
    [("bookings", BOOKED), ("disputed_bookings", ("Disputed",)), ("cancelled_bookings", ("Cancelled",))],
)
def test_each_order_is_booked_or_disputed_or_cancelled(
    runs: dict[str, Run],
    ordered: dict[tuple[str, str, str, bool], Decimal],
    measure: str,
    statuses: tuple[str, ...],
) -> None:
    by_hand: dict[str, Decimal] = defaultdict(Decimal)
    for (rep, _, status, _), amount in ordered.items():
        if status in statuses:
            by_hand[rep] += amount
    assert credited(runs["duckdb"], measure) == by_hand


def test_nothing_that_was_ordered_is_lost(runs: dict[str, Run]) -> None:
    measures = ("bookings", "disputed_bookings", "cancelled_bookings")
    total = sum(sum(credited(runs["duckdb"], measure).values()) for measure in measures)
    assert total == Decimal("10645949.18")


def test_cash_commission_is_the_tiers_of_each_month_to_date(
    runs: dict[str, Run], cash: dict[tuple[str, str], Decimal]
) -> None:
    by_hand: dict[tuple[str, str], Decimal] = {}
    for rep in {rep for rep, _ in cash}:
        for year, tiers in CASH_TIERS.items():
            received = before = Decimal(0)
            for month in (f"{year}-{number:02}" for number in range(1, 13)):
                received += cash.get((rep, month), Decimal(0))
                entitled = cents(marginal(received, tiers))
                if entitled != before:
                    by_hand[rep, month] = entitled - before
                before = entitled
    assert paid(runs["duckdb"], "cash_commission") == by_hand


def test_booking_bonus_is_paid_on_the_quarter_unless_much_is_disputed(
    runs: dict[str, Run], ordered: dict[tuple[str, str, str, bool], Decimal]
) -> None:
    booked: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    disputed: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for (rep, quarter, status, _), amount in ordered.items():
        booked[rep, quarter] += amount if status in BOOKED else 0
        disputed[rep, quarter] += amount if status == "Disputed" else 0
    by_hand: dict[tuple[str, str], Decimal] = {}
    shut = []
    for (rep, quarter), amount in booked.items():
        rate = Decimal("0.005") if amount >= 112_500 else Decimal("0.0025") if amount >= 75_000 else Decimal(0)
        cap = Decimal(800) if quarter >= "2005" else Decimal(1200)
        if rate and disputed[rep, quarter] >= 10_000:
            shut.append((rep, quarter))
        elif rate:
            by_hand[rep, quarter_end(quarter)] = min(cents(rate * amount), cap)
    assert paid(runs["duckdb"], "quarter_bookings") == by_hand
    assert shut, "the gate of this plan shuts nothing"


def test_list_price_commission_is_net_of_what_was_cancelled(
    runs: dict[str, Run], ordered: dict[tuple[str, str, str, bool], Decimal]
) -> None:
    base: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for (rep, quarter, status, held), amount in ordered.items():
        if status in BOOKED and held:
            base[rep, quarter] += amount
        elif status == "Cancelled":
            base[rep, quarter] -= amount
    by_hand = {
        (rep, quarter_end(quarter)): cents(Decimal("0.005") * amount)
        for (rep, quarter), amount in base.items()
        if amount > 0
    }
    assert paid(runs["duckdb"], "list_price") == by_hand


def test_managers_get_their_share_of_the_cash_of_their_direct_reports(
    folder: Path, runs: dict[str, Run], cash: dict[tuple[str, str], Decimal]
) -> None:
    boss = {row["employee_number"]: row["reports_to"] for row in rows_of(folder / "employees.csv")}
    team: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for (rep, month), amount in cash.items():
        team[boss[rep], month] += amount
    assert paid(runs["duckdb"], "team") == {at: cents(Decimal("0.003") * amount) for at, amount in team.items()}


def test_the_vice_president_gets_a_share_of_all_cash(
    runs: dict[str, Run], cash: dict[tuple[str, str], Decimal]
) -> None:
    halves: dict[tuple[str, bool], Decimal] = defaultdict(Decimal)
    for (_, month), amount in cash.items():
        halves[month[:4], month[5:] > "06"] += amount
    total = sum(cents(marginal(half, [("0", "0.001"), ("1000000", "0.002")])) for half in halves.values())
    assert by_payee(paid(runs["duckdb"], "company")) == {"1056": total}
