"""The plan on the transactions of Online Retail: nothing is lost, and what a sale pays its return takes back."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import pytest

from plans.online_retail.prepare import prepare
from spmlang.run.run import Run
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
    run_by,
    uncredited,
)
from tests.real_data import real_data

pytestmark = pytest.mark.plans

PROJECT = PLANS / "online_retail"
MONTHS = ("2010-12", "2011-01", "2011-02", "2011-03", "2011-04", "2011-05")
OWNERS = {
    "United Kingdom": "whitlock",
    "Ireland and islands": "doyle",
    "Benelux": "devries",
    "Central": "brandt",
    "France": "moreau",
    "South": "ferrer",
    "Far East": "tanaka",
    "Overseas": "okoye",
}
NO_SALE = {"POST", "DOT", "C2", "S", "AMAZONFEE", "BANK CHARGES", "PADS"} | {
    f"gift_0001_{value}" for value in ("10", "20", "30", "40", "50")
}


class Line(NamedTuple):
    number: int
    day: str
    payee: str | None
    account: bool
    counts: bool
    amount: Decimal
    row: dict[str, str]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(real_data("online_retail"), tmp_path_factory.mktemp("online_retail")).parent


@pytest.fixture(scope="module")
def run(prepared: Path) -> Run:
    return run_by(["duckdb"], "online_retail", data=prepared)["duckdb"]


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    """The published lines, with what each is worth and whose it is."""
    areas = {row["country"]: row["area"] for row in rows_of(PROJECT / "countries.csv")}

    def read() -> Iterator[Line]:
        path = real_data("online_retail") / "transactions.csv.gz"
        with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
            for number, row in enumerate(csv.DictReader(stream), start=1):
                day, area = row["invoice_datetime"][:10], areas[row["country"]]
                payee = ("holm" if day < "2011-03-15" else "aalto") if area == "North" else OWNERS.get(area)
                amount = int(row["quantity"]) * Decimal(row["unit_price"])
                counts = row["stock_code"] not in NO_SALE
                yield Line(
                    number,
                    day,
                    payee,
                    row["customer_id"] != "",
                    counts,
                    amount,
                    row,
                )

    return list(read())


def sold(lines: list[Line], account: bool) -> dict[tuple[str, str], Decimal]:
    """Net sales by payee and month."""
    total: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.counts and line.account == account and line.payee:
            total[line.payee, line.day[:7]] += line.amount
    return total


def nonzero(amounts: dict[str, Decimal]) -> dict[str, Decimal]:
    return {name: amount for name, amount in amounts.items() if amount}


def to_date(amounts: dict[tuple[str, str], Decimal]) -> dict[tuple[str, str], Decimal]:
    """The sums from the start of the year through each month."""
    payees = {payee for payee, _ in amounts}
    return {
        (payee, month): sum((amounts.get((payee, past), Decimal(0)) for past in MONTHS[: at + 1]), Decimal(0))
        for payee in payees
        for at, month in enumerate(MONTHS)
    }


def tiers(target: Decimal) -> list[tuple[str, str]]:
    return [("0", "0.01"), (str(target / 2), "0.02"), (str(target), "0.03")]


def targets() -> dict[str, Decimal]:
    roster = rows_of(PROJECT / "roster.csv")
    return {row["payee"]: Decimal(row["year_target"]) for row in roster if row["year_target"]}


def test_the_prepared_file_is_the_published_one(prepared: Path, lines: list[Line]) -> None:
    assert len(lines) == 209_029
    with gzip.open(prepared / "lines.csv.gz", "rt", encoding="utf-8", newline="") as stream:
        for line, made in zip(lines, csv.DictReader(stream), strict=True):
            assert (int(made.pop("line")), made.pop("invoice_date")) == (line.number, line.day)
            assert made == {name: line.row[name] for name in made}


@pytest.mark.parametrize(("measure", "account"), [("account_sales", True), ("house_sales", False)])
def test_every_line_is_credited_or_listed(run: Run, lines: list[Line], measure: str, account: bool) -> None:
    assert nonzero(credited(run, measure)) == nonzero(by_payee(sold(lines, account)))
    nobody = {line.number for line in lines if line.counts and line.account == account and line.payee is None}
    assert nobody
    assert {row["row"] for row in uncredited(run, measure)} == nobody


def test_credit_and_fees_make_up_the_published_total(run: Run, lines: list[Line]) -> None:
    scale = run.program.measures["account_sales"].type.scale
    found = Decimal(0)
    for measure in ("account_sales", "house_sales"):
        found += sum(credited(run, measure).values(), Decimal(0))
        found += sum((Decimal(str(row["units"])).scaleb(-scale) for row in uncredited(run, measure)), Decimal(0))
    fees = sum((line.amount for line in lines if not line.counts), Decimal(0))
    assert found + fees == Decimal("3706827.641")


def test_returns_are_counted(run: Run, lines: list[Line]) -> None:
    back: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.counts and line.account and line.payee and int(line.row["quantity"]) < 0:
            back[line.payee] -= line.amount
    assert sum(back.values()) > 200_000
    assert credited(run, "goods_back") == back


def test_commission_to_date_is_the_tiers_of_net_sales_to_date(run: Run, lines: list[Line]) -> None:
    net, target = to_date(sold(lines, account=True)), targets()
    by_hand = {(payee, month): cents(marginal(amount, tiers(target[payee]))) for (payee, month), amount in net.items()}
    got = to_date(paid(run, "account_commission"))
    assert got == by_hand


def test_a_month_of_returns_falls_back_through_a_tier(run: Run, lines: list[Line]) -> None:
    net, target = to_date(sold(lines, account=True)), targets()["tanaka"]
    february, march = net["tanaka", "2011-02"], net["tanaka", "2011-03"]
    assert march < target < february
    taken = cents(marginal(march, tiers(target))) - cents(marginal(february, tiers(target)))
    assert taken < 0
    assert paid(run, "account_commission")["tanaka", "2011-03"] == taken


def test_sales_that_came_back_have_paid_nothing_in_the_end(run: Run, lines: list[Line], tmp_path: Path) -> None:
    """Without the sales that were returned whole, and without their returns, the year to date pays the same."""
    pairs = whole_returns(lines)
    assert len(pairs) > 800
    gone = {number for pair in pairs for number in pair}
    made = tmp_path / "lines.csv.gz"
    with (
        gzip.open(prepare(real_data("online_retail"), tmp_path / "all"), "rt", encoding="utf-8") as source,
        gzip.open(made, "wt", encoding="utf-8", compresslevel=1) as stream,
    ):
        stream.write(next(source))
        stream.writelines(line for line in source if int(line.partition(",")[0]) not in gone)
    without = run_by(["duckdb"], "online_retail", data=tmp_path)["duckdb"]
    with_them, without_them = (paid(each, "account_commission") for each in (run, without))
    assert by_payee(with_them) == by_payee(without_them)
    assert with_them != without_them, "no pair lies in two months"


def whole_returns(lines: list[Line]) -> list[tuple[int, int]]:
    """Sales and the later credit notes over the same goods, customer, quantity and price, each line in one pair at most."""
    waiting: dict[tuple[str | None, ...], list[int]] = defaultdict(list)
    pairs = []
    for line in lines:
        row = line.row
        if not line.account or not line.counts or not line.payee:
            continue
        key = line.payee, row["customer_id"], row["stock_code"], row["quantity"].lstrip("-"), row["unit_price"]
        if not row["quantity"].startswith("-"):
            waiting[key].append(line.number)
        elif waiting[key]:
            pairs.append((waiting[key].pop(), line.number))
    return pairs


def test_house_commission_is_a_rate_of_each_month(run: Run, lines: list[Line]) -> None:
    by_hand = {at: cents(Decimal("0.001") * amount) for at, amount in sold(lines, account=False).items()}
    assert paid(run, "house_commission") == {at: amount for at, amount in by_hand.items() if amount}


def test_the_bonus_for_few_returns(run: Run, lines: list[Line]) -> None:
    out: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    back: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.counts and line.account and line.payee:
            at = line.payee, "2011-02" if line.day < "2011-03-01" else "2011-05"
            (back if line.amount < 0 else out)[at] += abs(line.amount)
    by_hand = {at: Decimal(150) for at in out if 50 * back[at] <= out[at]}
    assert 0 < len(by_hand) < len(out)
    assert paid(run, "few_returns") == by_hand


def test_the_director_gets_one_rate_of_all_that_is_sold_to_date(run: Run, lines: list[Line]) -> None:
    months: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for (_, month), amount in sold(lines, account=True).items():
        months["hartley", month] += amount
    rates = {
        at: Decimal("0.002") if amount >= 2_500_000 else Decimal("0.0015") if amount >= 1_500_000 else Decimal("0.001")
        for at, amount in to_date(months).items()
    }
    by_hand = {at: Decimal(int(rates[at] * amount)) for at, amount in to_date(months).items()}
    assert len(set(rates.values())) == 3
    assert to_date(paid(run, "all_accounts")) == by_hand


def test_the_engines_agree_on_the_first_month(prepared: Path) -> None:
    assert_the_same(run_both("online_retail", prepared, first="2010-12", last="2010-12"))


@pytest.mark.slow
def test_the_engines_agree_on_all_months(prepared: Path) -> None:
    assert_the_same(run_both("online_retail", prepared))
