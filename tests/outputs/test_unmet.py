"""What no payee met is reported: a plan without a payee, a territory without a row, a component that paid no payee, a tier."""

from __future__ import annotations

from pathlib import Path

import pytest

from spmlang.diagnostics.diagnostic import Problems
from spmlang.outputs.without_effect import unused_plan_items
from tests.projects import small_project

SOURCES = """
sources:
  roster:
    columns:
      role: {type: text, values: [Rep, Manager]}
  customers:
    files: customers.csv
    key: [customer]
    columns:
      customer: text
      state: {type: text, optional: true}
  orders:
    files: orders.csv
    key: [order]
    columns:
      order: text
      day: date
      customer: {type: text, references: customers}
      amount: {type: money, currency: USD}
"""

PLANS = """\
use std.calendar_year

territory west of customers {
  covers state or else "" in ("WA", "OR")
  owner  "ada" from 2025-01-01
}

territory south of customers {
  covers state or else "" == "TX"
  owner  "ada" from 2025-01-01
}

measure bookings in USD {
  sum    orders.amount
  on     orders.day
  credit owner of territory of orders.customer
}

plan rep version 1 {
  effective from 2025-01-01
  for       payee.role == "Rep"
  currency  USD

  commission base {
    on    bookings, year to date
    tiers by amount, marginal {
      0.00 USD to 1_000.00 USD     : 1%
      1_000.00 USD to 2_000.00 USD : 2%
      2_000.00 USD and above       : 3%
    }
  }

  bonus jackpot {
    each month
    when bookings >= 1_000_000.00 USD
    pays 5_000.00 USD
  }
}

plan leader version 1 {
  effective from 2025-01-01
  for       payee.role == "Manager"
  currency  USD

  bonus step {
    each year
    pays 100.00 USD
  }
}
"""

ROSTER = ["ada,Ada,2025-01-01,,Rep"]
DATA = {"roster": ROSTER, "customers": ["1,WA", "2,"], "orders": ["1,2025-01-10,1,1500.00", "2,2025-01-11,2,5.00"]}


def told(folder: Path, **changed: list[str]) -> list[str]:
    run = small_project(PLANS, SOURCES, days=None, **{**DATA, **changed}).run(folder)
    return [f"{'! ' if item.loud else ''}{item.text} ({item.source})" for item in unused_plan_items(run)]


def test_what_nobody_met_is_told(tmp_path: Path) -> None:
    assert told(tmp_path) == [
        "! no payee was on plan leader, version 1 (plan.spm:40)",
        "! no row of customers lies in territory south (plan.spm:8)",
        "no payee reached the tier 2_000.00 USD and above : 3% of base of plan rep, version 1 (plan.spm:29)",
        "jackpot of plan rep, version 1 paid no payee (plan.spm:33)",
    ]


def test_a_plan_that_has_nothing_due_yet_has_a_payee(tmp_path: Path) -> None:
    roster = [*ROSTER, "eve,Eve,2025-01-01,,Manager"]
    assert not any("leader" in text for text in told(tmp_path, roster=roster))


@pytest.mark.parametrize("joined", ["2025-02-01", "2026-01-01"])
def test_who_comes_after_the_run_was_not_there(tmp_path: Path, joined: str) -> None:
    roster = [*ROSTER, f"eve,Eve,{joined},,Manager"]
    assert any("no payee was on plan leader" in text for text in told(tmp_path, roster=roster))


def test_nothing_is_told_where_all_is_met(tmp_path: Path) -> None:
    customers = ["1,WA", "2,TX"]
    roster = [*ROSTER, "eve,Eve,2025-01-01,,Manager"]
    orders = ["1,2025-01-10,1,2000000.00", "2,2025-01-11,2,5.00"]
    assert told(tmp_path, customers=customers, roster=roster, orders=orders) == []


def test_without_rows_it_is_said_that_there_are_none(tmp_path: Path) -> None:
    with pytest.raises(Problems) as stopped:
        told(tmp_path, orders=[])
    assert [problem.code for problem in stopped.value.diagnostics] == ["SPM647"]
