"""The days of a run: what extends them, what stops the run, and what is told because it falls due outside them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from spmlang.cli.outside import outside_lines
from spmlang.diagnostics.diagnostic import Problems
from spmlang.outputs.due_outside import due_outside
from spmlang.outputs.payments import payments
from spmlang.run.dates import days_to_come
from spmlang.run.open import open_data, open_project
from spmlang.run.run import Run, make_request, run_program
from tests.projects import small_project

pytestmark = pytest.mark.cases

SOURCES = """
sources:
  orders:
    files: orders.csv
    key: [order]
    columns:
      order: text
      day: date
      paid_on: {type: date, optional: true}
      seller: {type: text, references: roster}
      amount: {type: money, currency: USD}
  receipts:
    files: receipts.csv
    key: [receipt]
    columns:
      receipt: text
      order: {type: text, references: orders}
      day: date
      amount: {type: money, currency: USD}
"""

PLAN = """\
use std.calendar_year

measure bookings in USD {{
  sum    orders.amount
  on     orders.day
  credit orders.seller{counts}
}}

plan seller version 1 {{
  effective from 2025-01-01{until}
  for       payee.name != ""
  currency  USD
{said}
}}
"""

BASE = """
  commission base {
    pays 10% of bookings
  }
"""


def project(
    folder: Path, said: str, *, orders: list[str], receipts: tuple[str, ...] = (), counts: str = "", until: str = ""
) -> Path:
    """A project with one seller on the roster from 2025-01-01."""
    plan = PLAN.format(said=said, counts=counts, until=until)
    return small_project(plan, SOURCES, orders=orders, receipts=receipts).write(folder)


def run(folder: Path, first: str | None = None, last: str | None = None) -> Run:
    opened = open_project(folder)
    tables, _ = open_data(opened, None)
    return run_program(opened.program, tables, make_request(opened.program, tables, first, last))


def told(done: Run, *, first_named: bool = False, last_named: bool = False) -> list[str]:
    found = due_outside(done, payments(done), first_named=first_named, last_named=last_named)
    return [line for line in outside_lines(found) if line]


def days(done: Run) -> tuple[str, str]:
    return done.request.first.label, done.request.last.label


def order(day: str, amount: str = "1000.00", paid_on: str = "", number: int = 1) -> str:
    return f"{number},{day},{paid_on},ann,{amount}"


# ---- what extends a run -----------------------------------------------------------------------


def test_a_run_goes_on_to_the_last_cash_that_releases(tmp_path: Path) -> None:
    said = """
  commission base {
    pays    10% of bookings
    release with receipts.amount of receipts.order.amount on receipts.day
  }
"""
    receipts = ("r1,1,2025-05-03,600.00", "r2,1,2025-06-03,300.00")
    done = run(project(tmp_path, said, orders=[order("2025-04-27")], receipts=receipts))
    assert days(done) == ("2025-04", "2025-06")
    paid = payments(done).lines.to_pylist()
    assert [(row["period"], int(row["amount"])) for row in paid] == [("2025-05", 6000), ("2025-06", 3000)]
    assert told(done) == ["held: 10.00 USD for 1 payee, until what releases it has happened (see balances.csv)"]


def test_cash_that_releases_nothing_extends_no_run(tmp_path: Path) -> None:
    done = run(project(tmp_path, BASE, orders=[order("2025-04-27")], receipts=("r1,1,2025-06-03,600.00",)))
    assert days(done) == ("2025-04", "2025-04")


@pytest.mark.parametrize(
    "idle",
    [
        "r2,1,2025-12-03,1.00",  # beyond the whole
        "r2,2,2025-12-03,600.00",  # for an order that lies outside the days that count
        "r2,3,2025-12-03,600.00",  # for an order worth nothing
    ],
)
def test_cash_beyond_what_was_earned_extends_no_run(tmp_path: Path, idle: str) -> None:
    said = BASE.replace(
        "bookings", "bookings\n    release with receipts.amount of receipts.order.amount on receipts.day"
    )
    orders = [order("2025-04-27"), order("2024-04-27", number=2), order("2025-04-28", amount="0.00", number=3)]
    receipts = ("r1,1,2025-05-03,1000.00", idle)
    counts = "\n  counts from 2025-01-01 through 2025-12-31"
    assert days(run(project(tmp_path, said, orders=orders, receipts=receipts, counts=counts))) == ("2025-04", "2025-05")


WITH_CASH = BASE.replace(
    "bookings", "bookings\n    release with receipts.amount of receipts.order.amount on receipts.day"
)


def test_cash_for_an_order_of_somebody_on_no_plan_extends_no_run(tmp_path: Path) -> None:
    orders = [order("2025-04-27"), "2,2025-04-28,,bob,1000.00"]
    folder = project(
        tmp_path, WITH_CASH, orders=orders, receipts=("r1,1,2025-05-03,1000.00", "r2,2,2025-12-03,1000.00")
    )
    with (folder / "data" / "roster.csv").open("a") as roster:
        roster.write("bob,Bob,2025-06-01,\n")
    assert days(run(folder)) == ("2025-04", "2025-05")


@pytest.mark.parametrize(("cash", "last"), [("2025-05-03", "2025-04"), ("2025-06-03", "2025-06")])
def test_cash_before_anything_is_due_extends_no_run(tmp_path: Path, cash: str, last: str) -> None:
    said = WITH_CASH.replace("pays", "each quarter\n    pays")
    done = run(project(tmp_path, said, orders=[order("2025-04-27")], receipts=(f"r1,1,{cash},1000.00",)))
    assert days(done) == ("2025-04", last)


def test_a_row_that_its_measure_does_not_count_extends_no_run(tmp_path: Path) -> None:
    orders = [order("2025-02-01"), order("2025-09-01", number=2)]
    counts = "\n  counts from 2025-01-01 through 2025-06-30"
    assert days(run(project(tmp_path, BASE, orders=orders, counts=counts))) == ("2025-02", "2025-02")


# ---- what is told -----------------------------------------------------------------------------


def test_what_fell_due_before_the_data_is_told_and_paid_by_the_command(tmp_path: Path) -> None:
    said = "  guarantee 1_000.00 USD for first 3 periods\n" + BASE
    folder = project(tmp_path, said, orders=[order("2025-03-10", "100.00")])
    done = run(folder)
    assert days(done) == ("2025-03", "2025-03")
    assert told(done) == [
        "not paid: 2,000.00 USD fell due in 2025-01 through 2025-02, before the first row of data (--from 2025-01 pays it)"
    ]
    named = run(folder, first="2025-01")
    assert [int(row["paid"]) for row in payments(named).balances.to_pylist()] == [100_000] * 3
    assert told(named, first_named=True) == []


def test_terms_of_the_period_after_the_data_are_told(tmp_path: Path) -> None:
    said = "  guarantee 200.00 USD\n  draw start 500.00 USD\n" + BASE
    done = run(project(tmp_path, said, orders=[order("2025-01-10")]))
    assert told(done) == [
        "not paid: guarantees of 2025-02, at least 200.00 USD for 1 payee in all (--through 2025-02 pays them)",
        "not paid: draws of 2025-02, at least 300.00 USD for 1 payee in all (--through 2025-02 pays them)",
    ]
    assert told(done, last_named=True) == []


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        (
            "release 50%, 30%, 20% each quarter",
            [
                "held: 30.00 USD for 1 payee, released in 2025-06 (--through 2025-06 pays it)",
                "held: 20.00 USD for 1 payee, released in 2025-09 (--through 2025-09 pays it)",
            ],
        ),
        (
            "hold 25% until 2025-08-15",
            ["held: 25.00 USD for 1 payee, released in 2025-08 (--through 2025-08 pays it)"],
        ),
        (
            "hold 100% until orders.paid_on",
            ["held: 100.00 USD for 1 payee, released in 2025-04 (--through 2025-04 pays it)"],
        ),
    ],
)
def test_what_is_held_is_told_with_its_period(tmp_path: Path, release: str, expected: list[str]) -> None:
    said = BASE.replace("bookings", f"bookings\n    {release}")
    folder = project(tmp_path, said, orders=[order("2025-02-10", paid_on="2025-04-02")])
    done = run(folder)
    assert days(done) == ("2025-02", "2025-02")
    assert told(done) == told(done, last_named=True) == expected
    later = run(folder, last="2025-12")
    assert sum(int(row["paid"]) for row in payments(later).balances.to_pylist()) == 10_000


def test_an_interval_that_has_not_ended_is_told_where_nothing_is_due(tmp_path: Path) -> None:
    said = """
  bonus year_made {
    each year
    when bookings >= 500.00 USD
    pays 75.00 USD
  }

  spif push {
    window from 2025-03-01 through 2025-05-31
    pays   1% of bookings
  }
"""
    done = run(project(tmp_path, said, orders=[order("2025-03-10")]))
    assert done.result.payouts.num_rows == 0
    assert told(done, last_named=True) == [
        "not due yet: push of seller 1, in 2025-05 (--through 2025-05 pays what is due then)",
        "not due yet: year_made of seller 1, in 2025-12 (--through 2025-12 pays what is due then)",
    ]


def test_what_needs_no_sales_is_told_for_the_period_after_the_data(tmp_path: Path) -> None:
    said = "\n  bonus salary {\n    pays 500.00 USD\n  }\n"
    folder = project(tmp_path, said, orders=[order("2025-01-10")])
    assert told(run(folder)) == [
        "not due yet: salary of seller 1, in 2025-02 (--through 2025-02 pays what is due then)"
    ]
    ended = project(tmp_path, said, orders=[order("2025-01-10")], until=" through 2025-01-31")
    assert told(run(ended)) == []


# ---- dates that are likely wrong --------------------------------------------------------------


def test_a_year_without_data_stops_the_run_at_the_first_row_behind_it(tmp_path: Path) -> None:
    folder = project(tmp_path, BASE, orders=[order("2035-03-15", number=2), order("2025-01-15")])
    with pytest.raises(Problems) as stopped:
        run(folder)
    (problem,) = stopped.value.diagnostics
    assert problem.code == "SPM634"
    assert problem.place == "orders.csv, row 1, column day"
    assert "--through 2025-01" in problem.remedy
    assert days(run(folder, last="2025-01")) == ("2025-01", "2025-01")
    assert days(run(folder, last="2035-03")) == ("2025-01", "2035-03")


def test_the_gap_is_told_at_the_side_with_fewer_rows(tmp_path: Path) -> None:
    orders = [order("2025-03-25"), order("2025-04-25", number=2), order("2023-03-25", number=3)]
    folder = project(tmp_path, BASE, orders=orders)
    (folder / "plan.spm").write_text((folder / "plan.spm").read_text().replace("from 2025", "from 2023"))
    with pytest.raises(Problems) as stopped:
        run(folder)
    (problem,) = stopped.value.diagnostics
    assert problem.place == "orders.csv, row 3, column day"
    assert "--from 2025-03" in problem.remedy
    assert days(run(folder, first="2025-03")) == ("2025-03", "2025-04")


def test_years_before_the_first_row_are_not_advised_and_not_paid(tmp_path: Path) -> None:
    said = "\n  bonus salary {\n    pays 500.00 USD\n  }\n"
    folder = project(tmp_path, said, orders=[order("2035-03-10")])
    (line, *_) = told(run(folder))
    assert line.endswith("before the first row of data (more than a year: look at the date of that row)")
    with pytest.raises(Problems) as stopped:
        run(folder, first="2025-01")
    assert [item.code for item in stopped.value.diagnostics] == ["SPM634"]


@pytest.mark.parametrize(("day", "stops"), [("2026-02-10", False), ("2026-02-11", True)])
def test_a_gap_is_longer_than_twelve_months(tmp_path: Path, day: str, stops: bool) -> None:
    folder = project(tmp_path, BASE, orders=[order("2025-02-10"), order(day, number=2)])
    if stops:
        with pytest.raises(Problems):
            run(folder)
    else:
        assert days(run(folder)) == ("2025-02", "2026-02")


def test_cash_that_is_dated_far_ahead_stops_the_run(tmp_path: Path) -> None:
    said = BASE.replace(
        "bookings", "bookings\n    release with receipts.amount of receipts.order.amount on receipts.day"
    )
    folder = project(tmp_path, said, orders=[order("2025-02-10")], receipts=("r1,1,2205-03-01,1000.00",))
    with pytest.raises(Problems) as stopped:
        run(folder)
    assert [item.place for item in stopped.value.diagnostics] == ["receipts.csv, row 1, column day"]


def test_days_to_come_only_warn(tmp_path: Path) -> None:
    orders = [order("2025-02-10"), order("2025-05-10", number=2), order("2025-04-10", number=3)]
    done = run(project(tmp_path, BASE, orders=orders))
    (warning,) = days_to_come(done.program, done.tables, done.request.last.end, date(2025, 3, 31))
    assert (warning.code, warning.severity, warning.place) == ("SPM635", "warning", "orders.csv, row 3, column day")
    assert warning.message.startswith("2 rows")
    assert days_to_come(done.program, done.tables, done.request.last.end, date(2025, 5, 10)) == []
    assert days_to_come(done.program, done.tables, date(2025, 2, 28), date(2025, 3, 31)) == []
