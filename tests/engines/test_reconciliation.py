"""Every share of every row is in exactly one class, and the classes add up to what the files hold."""

import csv
from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from spmlang.outputs.reconciliation import reconciliation, unpaid
from spmlang.program.reconciliation_classes import COUNTED, IN_FILES
from tests.engines.every import EVERY, QUICK
from tests.engines.random_projects import engines, few
from tests.engines.reconciled_projects import (
    ORDERS,
    PLAN,
    ROSTER,
    UNPAID,
    WENT,
    gone,
    reconciled,
    went,
)
from tests.projects import Project, plan_text, small_project
from tests.strategies.projects import ProjectText, projects

pytestmark = pytest.mark.cases


@pytest.mark.properties
@few
@given(projects(), engines)
def test_the_classes_add_up(project: ProjectText, engine: str) -> None:
    with reconciled(project, engine):
        pass


@pytest.mark.properties
@few
@given(projects(), st.integers(0, 3), engines)
def test_rows_that_are_set_aside_are_told(project: ProjectText, bad: int, engine: str) -> None:
    files = dict(project.files)
    deals = project.names.thing("deals")
    said = yaml.safe_load(files["spm.yaml"])
    said["sources"][deals]["bad_rows"] = "reject"
    files["spm.yaml"] = yaml.safe_dump(said, sort_keys=False, allow_unicode=True)
    path = project.names.path(deals)
    head, *rows = files[path].splitlines()
    wrong = [",".join(["?"] * len(next(csv.reader([head])))) for _ in range(bad)]
    files[path] = "\n".join([head, *wrong, *rows]) + "\n"
    with reconciled(replace(project, files=files), engine) as run:
        if run is not None:
            assert {line.count for line in reconciliation(run) if line.name == "set-aside"} <= {bad}


@given(engines)
@few
def test_who_is_gone_who_is_on_no_plan_and_what_does_not_count(engine: str) -> None:
    with reconciled(gone(days=(date(2025, 1, 1), date(2025, 3, 31))), engine) as run:
        assert run is not None
        told, found = unpaid(run), went(run)
        gone_by = Counter((row["key"], row["payee"]) for row in run.result.uncredited.to_pylist() if row["payee"])
    assert found == WENT
    assert [
        (item.payee, item.line.measure, item.line.via, item.line.reason, item.first, item.last, item.line.count)
        for item in told
    ] == UNPAID
    assert gone_by == {("2", "bob"): 1, ("4", "ann"): 2, ("9", "ann"): 1}


TIERS = "tiers by amount, marginal { 0 USD and above : 10% }"

#: What base pays, and where the orders before March go in a run of March alone: Ann's of 1,110.00, and Cyd's, who is on no plan.
BEFORE = {
    "pays 10% of bookings": {("outside", "before-the-run"): (5, 6130000), ("read", ""): (2, 30000)},
    "each quarter\n    pays 10% of bookings": {("outside", "before-the-run"): (2, 5020000), ("read", ""): (5, 1140000)},
    f"on bookings, year to date\n    {TIERS}": {
        ("outside", "before-the-run"): (2, 5020000),
        ("read", "to-date"): (3, 1110000),
        ("read", ""): (2, 30000),
    },
}


@pytest.mark.parametrize("engine", EVERY)
@pytest.mark.parametrize("base", BEFORE)
def test_rows_before_a_named_first_day_are_read_by_what_falls_due_later(engine: str, base: str) -> None:
    data = {
        "roster": ROSTER.replace("2025-02-15", ""),
        "orders": ORDERS.replace("4,2025-02-16,ann", "4,2025-02-16,cyd"),
    }
    plan = PLAN.replace("pays 10% of bookings", base)
    with reconciled(gone(plan, days=(date(2025, 3, 1), date(2025, 3, 31)), **data), engine) as run:
        assert run is not None
        found = {at[2:]: told for at, told in went(run, "bookings").items() if at[1] == "direct"}
        told, listed = unpaid(run), run.uncredited.to_pylist()
    assert {at: found.get(at) for at in BEFORE[base]} == BEFORE[base]
    assert sum(rows for rows, _ in found.values()) == 8
    assert [item for item in told if item.first < "2025-03"] == []
    assert {row["day"] for row in listed} == {date(2025, 3, 21), date(2025, 3, 20), date(2025, 3, 22)}


VALUES_SOURCES = """
sources:
  units:
    files: units.csv
    key: [unit]
    dated: {from: first, through: last}
    columns: {unit: text, worth: {type: number, scale: 1}, first: date, last: date}
  orders:
    files: orders.csv
    key: [order]
    columns:
      order: text
      day: date
      seller: {type: text, references: roster}
      state: text
      amount: {type: money, currency: USD, digits: 38}
      fee: {type: money, currency: USD, optional: true}
      unit: {type: text, references: units}
"""
VALUES_PLAN = """calendar plain {
  year starts January
  pay monthly
}

measure sold in USD {
  sum    VALUE
  where  orders.state == "won" and orders.fee is present
  on     orders.day
  credit orders.seller
}

measure spare in USD {
  sum    VALUE
  where  orders.fee is present
  on     orders.day
  credit orders.seller
}

""" + plan_text("""
  commission base {
    pays 10% of sold
  }
""")
VALUES_DATA = {
    "units": "unit,worth,first,last\nbox,2.0,2025-01-01,2025-01-31\n",
    "orders": """order,day,seller,state,amount,fee,unit
1,2025-01-10,ann,won,100.00,5.00,box
2,2025-01-11,ann,lost,10.00,1.00,box
3,2025-01-12,ann,won,7.00,,box
4,2025-02-10,ann,won,1.50,-1.00,box
""",
}

#: What a measure sums: what the files hold, of how many rows it cannot be told, and what counts in January.
WORTH = {
    "orders.amount": ("118.50", 0, "100.00"),
    "orders.amount at most 50.00 USD": ("68.50", 0, "50.00"),
    "orders.amount * 2 - 1.00 USD": ("233.00", 0, "199.00"),
    "orders.amount rounded to 1.00 USD": ("119.00", 0, "100.00"),
    "orders.fee or else 0.25 USD": ("5.25", 0, "5.00"),
    "orders.amount + (orders.fee or else 0.00 USD)": ("123.50", 0, "105.00"),
    "orders.amount * orders.unit.worth": ("200.00", 3, "200.00"),
}


def values_project(value: str, **tables: str) -> Project:
    text = VALUES_PLAN.replace("VALUE", value)
    return small_project(text, VALUES_SOURCES, days=(date(2025, 1, 1), date(2025, 1, 31)), **{**VALUES_DATA, **tables})


@pytest.mark.parametrize("engine", QUICK)
@pytest.mark.parametrize("value", WORTH)
def test_what_the_files_hold_has_an_amount_whatever_is_summed(engine: str, value: str) -> None:
    with reconciled(values_project(value), engine) as run:
        assert run is not None
        lines = {(line.measure, line.name): line for line in reconciliation(run)}
        scale = 10 ** run.program.measures["sold"].type.scale
    whole, untold, counted = WORTH[value]
    dated = "unit" in value
    assert lines["sold", IN_FILES].untold == untold
    assert lines["sold", IN_FILES].units == Fraction(whole) * scale
    assert lines["sold", COUNTED].units == Fraction(counted) * scale
    assert lines["spare", IN_FILES].units == lines["spare", "unread"].units
    assert lines["spare", IN_FILES].units == (None if dated else Fraction(whole) * scale)


@pytest.mark.parametrize("engine", EVERY)
@pytest.mark.parametrize("state", ["lost", "won"])
@pytest.mark.parametrize("value", ["orders.amount", "orders.amount * 1_000_000 * 1_000_000"])
def test_rows_that_pay_nobody_may_be_as_large_as_they_like(engine: str, state: str, value: str) -> None:
    """Ten rows of 36 digits before the point have no room in 38 with the cents: left out by `where`, or behind the run."""
    day = "2025-01-20" if state == "lost" else "2025-02-20"
    large = [f"L{number},{day},ann,{state},{'9' * 36}.99,1.00,box" for number in range(10)]
    orders = VALUES_DATA["orders"] + "\n".join(large) + "\n"
    with reconciled(values_project(value, orders=orders), engine) as run:
        assert run is not None
        found = went(run, "sold")
        scale = 10 ** run.program.measures["sold"].type.scale
    times = 10**12 if "1_000" in value else 1
    at = ("sold", "", "left-out", "where") if state == "lost" else ("sold", "", "outside", "after-the-run")
    rest = Fraction("17.00") if state == "lost" else Fraction("1.50")
    assert found[at][1] == (10 * Fraction("9" * 36 + ".99") + rest) * times * scale
