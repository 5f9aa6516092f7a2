"""The plan on a published sales pipeline: credit and pay equal what the won deals give by hand."""

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

PROJECT = PLANS / "crm_sales_opportunities"
QUARTERS = {f"2017-{month:02}": f"2017-{(month + 2) // 3 * 3:02}" for month in range(1, 13)}
OPEN_ROWS = 2089


@pytest.fixture(scope="module")
def folder() -> Path:
    return real_data("crm_sales_opportunities")


@pytest.fixture(scope="module")
def runs(folder: Path) -> dict[str, Run]:
    # Open rows lack two fields; of each kind of message twenty are shown, and one says how many more there are.
    return run_both("crm_sales_opportunities", folder, warned=42)


@pytest.fixture(scope="module")
def deals(folder: Path) -> list[dict[str, str]]:
    """What is won, with the list price of the product."""
    lists = {row["product"]: row["sales_price"] for row in rows_of(folder / "products.csv")}
    lists["GTXPro"] = lists["GTX Pro"]
    pipeline = rows_of(folder / "sales_pipeline.csv")
    return [row | {"list": lists[row["product"]]} for row in pipeline if row["deal_stage"] == "Won"]


def summed(deals: list[dict[str, str]]) -> dict[tuple[str, str], Decimal]:
    """The values of the deals by agent and month."""
    total: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in deals:
        total[row["sales_agent"], row["close_date"][:7]] += Decimal(row["close_value"])
    return total


def quarterly(months: dict[tuple[str, str], Decimal]) -> dict[tuple[str, str], Decimal]:
    total: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for (agent, month), amount in months.items():
        total[agent, QUARTERS[month]] += amount
    return total


def to_date(months: dict[tuple[str, str], Decimal], tiers: list[tuple[str, str]]) -> dict[tuple[str, str], Decimal]:
    """What marginal tiers over the quarter to date pay in each month."""
    found: dict[tuple[str, str], Decimal] = {}
    for agent in {agent for agent, _ in months}:
        reached = before = Decimal(0)
        for month, end in QUARTERS.items():
            reached += months.get((agent, month), Decimal(0))
            entitled = cents(marginal(reached, tiers))
            if entitled != before:
                found[agent, month] = entitled - before
            before = entitled
            if month == end:
                reached = before = Decimal(0)
    return found


def at_list(deals: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row for row in deals if Decimal(row["close_value"]) >= Decimal(row["list"])]


def below_list(deals: list[dict[str, str]]) -> list[dict[str, str]]:
    return [row for row in deals if Decimal(row["close_value"]) < Decimal(row["list"])]


def test_the_engines_agree_on_every_table(runs: dict[str, Run]) -> None:
    assert_the_same(runs)


def test_only_open_opportunities_are_set_aside(folder: Path, runs: dict[str, Run]) -> None:
    stages = dict(enumerate((row["deal_stage"] for row in rows_of(folder / "sales_pipeline.csv")), start=1))
    aside = {reject.row for reject in runs["duckdb"].tables.rejects}
    assert len(aside) == OPEN_ROWS
    assert aside == {row for row, stage in stages.items() if stage in ("Engaging", "Prospecting")}


def test_the_files_of_the_project_repeat_the_published_ones(folder: Path) -> None:
    teams = {row["sales_agent"]: row["manager"] for row in rows_of(folder / "sales_teams.csv")}
    assert {row["payee"]: row["manager"] for row in rows_of(PROJECT / "reporting_line.csv")} == teams
    assert {row["payee"] for row in rows_of(PROJECT / "roster.csv")} == {*teams, *teams.values()}
    lists = {row["product"]: row["sales_price"] for row in rows_of(folder / "products.csv")}
    ours = {row["product"]: row["sales_price"] for row in rows_of(PROJECT / "price_list.csv")}
    assert ours == lists | {"GTXPro": lists["GTX Pro"]}


@pytest.mark.parametrize("engine", QUICK)
def test_all_that_is_won_is_credited_to_its_agent(
    runs: dict[str, Run], deals: list[dict[str, str]], engine: str
) -> None:
    assert credited(runs[engine], "won") == by_payee(summed(deals))
    assert sum(credited(runs[engine], "won").values()) == 10_005_534
    assert credited(runs[engine], "won_at_list") == by_payee(summed(at_list(deals)))
    assert credited(runs[engine], "won_below_list") == by_payee(summed(below_list(deals)))
    assert runs[engine].result.uncredited.num_rows == 0


def test_commission_at_list_price_climbs_with_the_quarter(runs: dict[str, Run], deals: list[dict[str, str]]) -> None:
    tiers = [("0", "0.02"), ("25000", "0.035"), ("75000", "0.05")]
    assert paid(runs["duckdb"], "at_list") == to_date(summed(at_list(deals)), tiers)


def test_commission_below_list_price_does_not(runs: dict[str, Run], deals: list[dict[str, str]]) -> None:
    by_hand = {at: cents(Decimal("0.015") * amount) for at, amount in summed(below_list(deals)).items()}
    assert paid(runs["duckdb"], "below_list") == by_hand


def test_large_deals_are_weighted_one_by_one(runs: dict[str, Run], deals: list[dict[str, str]]) -> None:
    weighted = []
    for row in deals:
        value = Decimal(row["close_value"])
        share = Decimal(1) if value >= 4000 else Decimal("0.5") if value >= 1000 else Decimal(0)
        weighted.append(row | {"close_value": str(share * value)})
    by_hand = {}
    for at, amount in quarterly(summed(weighted)).items():
        rate = Decimal("0.01") if amount >= 100_000 else Decimal("0.005") if amount >= 50_000 else Decimal(0)
        if rate:
            by_hand[at] = min(cents(rate * amount), Decimal(2500))
    assert Decimal(2500) in by_hand.values()
    assert paid(runs["duckdb"], "large_deals") == by_hand


def test_the_win_rate_counts_lost_deals(folder: Path, runs: dict[str, Run]) -> None:
    won: dict[tuple[str, str], int] = defaultdict(int)
    closed: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows_of(folder / "sales_pipeline.csv"):
        if row["close_date"]:
            at = row["sales_agent"], QUARTERS[row["close_date"][:7]]
            closed[at] += 1
            won[at] += row["deal_stage"] == "Won"
    by_hand = {at: Decimal(400) for at in closed if won[at] >= 20 and 100 * won[at] >= 66 * closed[at]}
    assert paid(runs["duckdb"], "win_rate") == by_hand


def test_the_purse_of_the_spif_is_shared_to_the_cent(runs: dict[str, Run], deals: list[dict[str, str]]) -> None:
    sold: dict[str, int] = defaultdict(int)
    for row in deals:
        if row["product"] == "GTX Plus Pro" and "2017-07-01" <= row["close_date"] <= "2017-09-30":
            sold[row["sales_agent"]] += 1
    whole, parts = 800_000, sum(sold.values())
    assert 7500 * parts > whole, "the purse would suffice"
    shares = {agent: whole * count // parts for agent, count in sold.items()}
    order = sorted(sold, key=lambda agent: (-(whole * sold[agent] % parts), agent))
    for agent in order[: whole - sum(shares.values())]:
        shares[agent] += 1
    by_hand = {(agent, "2017-09"): Decimal(share).scaleb(-2) for agent, share in shares.items()}
    assert paid(runs["duckdb"], "plus_pro") == by_hand


def test_managers_get_an_override_on_what_their_team_has_won(
    folder: Path, runs: dict[str, Run], deals: list[dict[str, str]]
) -> None:
    boss = {row["sales_agent"]: row["manager"] for row in rows_of(folder / "sales_teams.csv")}
    team: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for (agent, month), amount in summed(deals).items():
        team[boss[agent], month] += amount
    tiers = [("0", "0.003"), ("320000", "0.006"), ("400000", "0.01")]
    assert paid(runs["duckdb"], "override") == to_date(team, tiers)
