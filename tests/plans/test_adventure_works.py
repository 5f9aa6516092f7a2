"""The plan for Adventure Works on the published tables: credit equals the published figures, and both engines agree."""

import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from spmlang.run.open import open_data, open_project
from spmlang.run.run import Run, make_request, run_program
from tests.engines.every import QUICK
from tests.real_data import real_data

pytestmark = pytest.mark.plans

PROJECT = Path(__file__).parents[2] / "plans" / "adventure_works"


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    opened = open_project(PROJECT)
    tables, warnings = open_data(opened, real_data("adventureworks"))
    assert not warnings
    # The last published day, 2014-05-30, is the first of the period after the plans' last one.
    request = make_request(opened.program, tables, None, "2014-05", lines=True)
    return {engine: run_program(opened.program, tables, request, engine) for engine in QUICK}


def published(file: str, key: str) -> dict[str, Decimal]:
    with (real_data("adventureworks") / file).open(encoding="utf-8") as stream:
        return {row[key]: cents(Decimal(row["sales_ytd"])) for row in csv.DictReader(stream)}


def cents(amount: Decimal) -> Decimal:
    return round(amount, 2)


def credited(run: Run, measure: str, by: str) -> dict[str, Decimal]:
    """Credit of the published year, 2013-05-30 through 2014-05-30, to the cent."""
    scale = run.program.measures[measure].type.scale
    total: dict[str, Decimal] = defaultdict(Decimal)
    assert run.result.credits is not None
    for row in run.result.credits.to_pylist():
        if row["measure"] == measure and date(2013, 5, 30) <= row["day"] <= date(2014, 5, 30):
            total[row[by]] += Decimal(row["units"]).scaleb(-scale)
    return {name: cents(amount) for name, amount in total.items()}


@pytest.mark.parametrize("engine", QUICK)
def test_credited_sales_of_17_people_equal_the_published_year(runs: dict[str, Run], engine: str) -> None:
    people = published("sales_person.csv", "business_entity_id")
    assert len(people) == 17
    assert credited(runs[engine], "reseller_sales", "payee") == people


@pytest.mark.parametrize("engine", QUICK)
def test_credited_sales_of_10_territories_equal_the_published_year(runs: dict[str, Run], engine: str) -> None:
    numbers = {
        territory.name: str(territory.covers.right.value)  # type: ignore[union-attr]  # `territory_id == "1"`
        for territory in runs[engine].program.territories
    }
    territories = published("sales_territory.csv", "territory_id")
    assert len(territories) == 10
    by_name = credited(runs[engine], "territory_sales", "territory")
    assert {numbers[name]: amount for name, amount in by_name.items()} == territories


def test_the_engines_agree_on_every_table(runs: dict[str, Run]) -> None:
    reference, duckdb = (runs[engine].result for engine in ("reference", "duckdb"))
    assert reference.payouts.equals(duckdb.payouts)
    assert reference.uncredited.equals(duckdb.uncredited)
    assert reference.credits is not None
    assert reference.credits.equals(duckdb.credits)
    assert reference.lines is not None
    assert reference.lines.equals(duckdb.lines)
