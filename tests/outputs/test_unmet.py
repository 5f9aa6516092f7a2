"""What nobody met is told: a plan without a payee, a territory without a row, a component that paid nobody, a tier."""

from __future__ import annotations

from pathlib import Path

import pytest

from spmlang.diagnostics.diagnostic import Problems
from spmlang.outputs.without_effect import unused_plan_items
from spmlang.run.open import open_data, open_project
from spmlang.run.run import make_request, run_program

SETTINGS = """\
name: small
roster: roster

sources:
  roster:
    files: roster.csv
    key: [payee]
    dated: {from: from_date}
    columns:
      payee: text
      name: text
      role: {type: text, values: [Rep, Manager]}
      from_date: date
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

DATA = {
    "roster.csv": "payee,name,role,from_date\nada,Ada,Rep,2025-01-01\n",
    "customers.csv": "customer,state\n1,WA\n2,\n",
    "orders.csv": "order,day,customer,amount\n1,2025-01-10,1,1500.00\n2,2025-01-11,2,5.00\n",
}


def told(folder: Path, **changed: str) -> list[str]:
    files = {
        "spm.yaml": SETTINGS,
        "plans.spm": PLANS,
        **DATA,
        **{f"{name}.csv": text for name, text in changed.items()},
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    opened = open_project(folder)
    tables, _ = open_data(opened, folder)
    run = run_program(opened.program, tables, make_request(opened.program, tables))
    return [f"{'! ' if item.loud else ''}{item.text} ({item.source})" for item in unused_plan_items(run)]


def test_what_nobody_met_is_told(tmp_path: Path) -> None:
    assert told(tmp_path) == [
        "! nobody was on plan leader, version 1 (plans.spm:40)",
        "! no row of customers lies in territory south (plans.spm:8)",
        "nobody reached the tier 2_000.00 USD and above : 3% of base of plan rep, version 1 (plans.spm:29)",
        "jackpot of plan rep, version 1 paid nobody (plans.spm:33)",
    ]


def test_a_plan_that_has_nothing_due_yet_has_a_payee(tmp_path: Path) -> None:
    roster = DATA["roster.csv"] + "eve,Eve,Manager,2025-01-01\n"
    assert not any("leader" in text for text in told(tmp_path, roster=roster))


@pytest.mark.parametrize("joined", ["2025-02-01", "2026-01-01"])
def test_who_comes_after_the_run_was_not_there(tmp_path: Path, joined: str) -> None:
    roster = DATA["roster.csv"] + f"eve,Eve,Manager,{joined}\n"
    assert any("nobody was on plan leader" in text for text in told(tmp_path, roster=roster))


def test_nothing_is_told_where_all_is_met(tmp_path: Path) -> None:
    customers = "customer,state\n1,WA\n2,TX\n"
    roster = DATA["roster.csv"] + "eve,Eve,Manager,2025-01-01\n"
    orders = DATA["orders.csv"].replace("1500.00", "2000000.00")
    assert told(tmp_path, customers=customers, roster=roster, orders=orders) == []


def test_without_rows_it_is_said_that_there_are_none(tmp_path: Path) -> None:
    with pytest.raises(Problems) as stopped:
        told(tmp_path, orders="order,day,customer,amount\n")
    assert [problem.code for problem in stopped.value.diagnostics] == ["SPM647"]
