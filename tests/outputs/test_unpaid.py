"""Lines on what pays nobody: both sides are told, overlays apart, and pots with the reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from spmlang.cli.unpaid import pot_lines, unpaid_lines, without_payee
from spmlang.outputs.reconciliation import unpaid
from spmlang.outputs.unshared_pots import unshared_pots
from spmlang.run.run import Run
from tests.engines.reconciled_projects import ORDERS, PLAN, ROSTER, gone


def run(folder: Path, plan: str, orders: str, roster: str = ROSTER) -> Run:
    return gone(plan, roster=roster, orders=orders).run(folder)


ROWS = """order,day,seller,helper,state,amount
1,2025-01-10,cyd,,won,100.00
2,2025-01-11,dan,,won,-100.00
3,2025-01-12,eve,,won,70.00
4,2025-01-13,ann,cyd,won,30.00
5,2025-01-14,,,won,5.00
"""
MORE = ROSTER + "dan,Dan,Rep,2025-01-01,\neve,Eve,Rep,2025-01-01,\n"


def test_what_some_got_is_not_set_off_against_what_others_gave_back(tmp_path: Path) -> None:
    done = run(tmp_path, PLAN, ROWS, roster=MORE)
    lines = [line for line in unpaid_lines(done, unpaid(done)) if "bookings" in line]
    assert lines == [
        "170.00 USD of bookings (2 shares) were credited to 2 payees on no plan: see unpaid.csv",
        "-100.00 USD of bookings (1 share) were credited to 1 payee on no plan: see unpaid.csv",
        "15.00 USD of bookings (1 overlay share) were credited to 1 payee on no plan: see unpaid.csv",
    ]


def test_sales_and_returns_of_the_same_amount_are_told(tmp_path: Path) -> None:
    orders = ROWS.splitlines(keepends=True)
    done = run(tmp_path, PLAN, "".join([orders[0], orders[1], orders[2].replace("dan", "cyd")]))
    assert "0.00 USD of bookings (2 shares) were credited to 1 payee on no plan: see unpaid.csv" in list(
        unpaid_lines(done, unpaid(done))
    )


def test_shares_of_rows_are_no_rows(tmp_path: Path) -> None:
    """Nobody sold the last order; none of the orders but one has a helper."""
    assert list(without_payee(run(tmp_path, PLAN, ROWS, roster=MORE))) == [
        "5 shares of rows credited no payee: see uncredited.csv"
    ]


NOBODY, CUT = "no payee has a weight above zero", "caps or a budget cut the shares"


@pytest.mark.parametrize(
    ("pays", "limit", "left"),
    [
        ("pays 0% of bookings", "", ("10.00", NOBODY)),
        ("pays 1% of bookings", "cap 0.00 USD each month", ("10.00", CUT)),
        (
            "pays 0.001% of bookings",
            "cap 0.00 USD each month",
            ("10.00", CUT),
        ),  # a weight of less than a cent is one, too
        ("pays 1% of bookings", "cap 4.00 USD each month", ("6.00", CUT)),
        ("pays 1% of bookings", "", None),
    ],
)
def test_a_pot_that_goes_to_nobody_says_why(
    tmp_path: Path, pays: str, limit: str, left: tuple[str, str] | None
) -> None:
    pot = f"  bonus pot {{\n    {pays}\n    pool 10.00 USD\n    {limit}\n  }}\n\n  bonus busy"
    plan = PLAN.replace("  bonus busy", pot, 1)
    lines = list(pot_lines(unshared_pots(run(tmp_path, plan, ORDERS.split("3,2025")[0]))))
    told = (
        []
        if left is None
        else [f"{left[0]} USD of the pot of 10.00 USD of pot (rep 1) was paid to no payee in 2025-01: {left[1]}"]
    )
    assert lines == told
