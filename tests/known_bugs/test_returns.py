"""Returns and amounts below zero, as systems are known to get them wrong; each docstring says what goes wrong there."""

from __future__ import annotations

from decimal import Decimal

import pytest

from spmlang.outputs.payments import payments
from tests.known_bugs.small import Bench, amounts, by_component, cents, of, of_rows, paid, plan, small

pytestmark = pytest.mark.cases

FORMULA = "pays 10% of bookings"
UNITS = "pays 7.00 USD per units"
MINIMUM = """
    on   bookings, year to date
    pays 10% of bookings at least 50.00 USD
"""
MARGINAL = """
    on    bookings, year to date
    tiers by amount, marginal {
      0 USD to 1_000 USD  : 1%
      1_000 USD and above : 10%
    }
"""
RETROACTIVE = MARGINAL.replace("marginal", "retroactive")
RATED = {"formula": FORMULA, "units": UNITS, "marginal": MARGINAL, "retroactive": RETROACTIVE}


def commission(name: str, rule: str) -> str:
    return f"  commission {name} {{\n    {rule.strip()}\n  }}\n"


@pytest.mark.parametrize("rule", RATED.values(), ids=RATED.keys())
def test_a_refund_takes_back_what_the_sale_paid(bench: Bench, rule: str) -> None:
    """Faulty: the amount of a return is read without its sign, so that who sold something and got it back earns twice."""
    run = bench.run(small(plan(commission("base", rule)), ["s 2025-01-10 ann 2000 2", "r 2025-02-10 ann -2000 -2"]))
    months = of(amounts(run), "base")
    assert months["2025-01"] > 0
    assert months == {"2025-01": months["2025-01"], "2025-02": -months["2025-01"]}
    assert of_rows(run) == [("base", "s", months["2025-01"]), ("base", "r", -months["2025-01"])]


@pytest.mark.parametrize("rule", RATED.values(), ids=RATED.keys())
def test_a_refund_in_the_period_of_its_sale_leaves_nothing(bench: Bench, rule: str) -> None:
    """Faulty: as above, within one pay period, where a wrong sign hides in a sum."""
    run = bench.run(small(plan(commission("base", rule)), ["s 2025-01-10 ann 2000 2", "r 2025-01-11 ann -2000 -2"]))
    assert amounts(run) == {("2025-01", "base"): 0}
    assert sum(amount for _, _, amount in of_rows(run)) == 0
    assert len(of_rows(run)) == 2


def test_a_part_that_is_returned_takes_back_that_part(bench: Bench) -> None:
    """Faulty: a return cancels the whole commission of its sale, or none of it."""
    project = small(plan(commission("base", MARGINAL)), ["s 2025-01-10 ann 1400", "r 2025-02-10 ann -600"])
    # 10.00 + 40.00; 800.00 are left, at 1%.
    assert of(bench.amounts(project), "base") == {"2025-01": Decimal("50.00"), "2025-02": Decimal("-42.00")}


REVERSED = [
    "invoice  2025-01-10 ann  1000",
    "reversal 2025-02-10 ann -1000",
    "another  2025-02-20 ann   300",
    "anew     2025-03-10 ann   400",
    "later    2025-04-10 ann   600",
]


def test_an_invoice_reversed_after_it_was_paid_is_paid_for_once(bench: Bench) -> None:
    """Faulty: the reversal finds the invoice paid and locked, so nothing is taken back and the new invoice is paid too."""
    run = bench.run(small(plan(commission("base", FORMULA)), REVERSED))
    assert of(amounts(run), "base") == {
        "2025-01": Decimal("100.00"),
        "2025-02": Decimal("-70.00"),
        "2025-03": Decimal("40.00"),
        "2025-04": Decimal("60.00"),
    }
    by_row = {row: amount for _, row, amount in of_rows(run)}
    assert by_row["invoice"] + by_row["reversal"] == 0
    assert len(of_rows(run)) == len(REVERSED)
    assert paid(run) == {
        "2025-01": Decimal("100.00"),
        "2025-02": Decimal("0.00"),  # 70.00 are carried forward
        "2025-03": Decimal("0.00"),  # 30.00 are left
        "2025-04": Decimal("30.00"),
    }
    assert sum(paid(run).values()) == Decimal("130.00")  # 10% of what stayed sold


def test_what_is_carried_forward_is_taken_once(bench: Bench) -> None:
    """Faulty: a negative balance is forgotten by the next run, or taken again by each run that looks back at it."""
    project = small(plan(commission("base", FORMULA)), REVERSED)
    whole = paid(bench.run(project))
    for month, amount in whole.items():
        assert paid(bench.run(project, month)) == {month: amount}


SEVERAL_RULES = (
    commission("base", MARGINAL)
    + commission("again", RETROACTIVE)
    + commission("least", MINIMUM)
    + commission("capped", "on bookings, year to date\n    pays 10% of bookings\n    cap 120.00 USD each year")
    + """
  bonus reached {
    on   bookings, year to date
    when bookings >= 1_500.00 USD
    pays 200.00 USD
  }
"""
)


def test_a_full_return_undoes_all_that_several_rules_paid_for_the_sale(bench: Bench) -> None:
    """Faulty: a clawback knows one rule; what a minimum or a second rule paid on the sale is kept."""
    others = ["a 2025-01-05 ann 400", "b 2025-02-05 ann 300", "c 2025-03-20 ann 50"]
    sale, refund = "sale 2025-02-10 ann 2000", "back 2025-03-10 ann -2000"
    without = bench.amounts(small(plan(SEVERAL_RULES), others))
    held = bench.amounts(small(plan(SEVERAL_RULES), [*others, sale]))
    undone = bench.amounts(small(plan(SEVERAL_RULES), [*others, sale, refund]))
    assert all(by_component(held)[name] > amount for name, amount in by_component(without).items())
    assert by_component(undone) == by_component(without)
    assert by_component(undone) == {  # of 750.00
        "base": Decimal("7.50"),
        "again": Decimal("7.50"),
        "least": Decimal("75.00"),
        "capped": Decimal("75.00"),
        "reached": 0,
    }


def test_a_minimum_is_not_paid_twice_around_a_return(bench: Bench) -> None:
    """Faulty: the minimum is topped up anew after the return, on top of what the sale paid."""
    project = small(
        plan(commission("least", MINIMUM)),
        ["s 2025-01-10 ann 2000", "r 2025-02-10 ann -2000", "t 2025-03-10 ann 100"],
    )
    assert of(bench.amounts(project), "least") == {
        "2025-01": Decimal("200.00"),
        "2025-02": Decimal("-150.00"),  # the 50.00 stay
        "2025-03": Decimal("0.00"),  # 10.00 by the rate, less than the 50.00 that were paid
    }


KINDS = """
measure sold in USD {
  sum    deals.amount
  where  (deals.reason or else "") != "return"
  on     deals.day
  credit deals.seller
}

measure returned in USD {
  sum    deals.amount
  where  (deals.reason or else "") == "return"
  on     deals.day
  credit deals.seller
}

"""


def test_components_are_netted_before_anything_is_carried_forward(bench: Bench) -> None:
    """Faulty: the positive components are paid out, and the negative ones of the same period wait for a later one."""
    text = KINDS + plan(commission("selling", "pays 10% of sold") + commission("returning", "pays 10% of returned"))
    run = bench.run(
        small(
            text,
            [
                "a 2025-01-10 ann  1000",
                "b 2025-01-20 ann -1500 0 return",
                "c 2025-02-10 ann  2000",
                "d 2025-02-20 ann  -300 0 return",
                "e 2025-03-20 ann   400",
            ],
        )
    )
    assert of(amounts(run), "selling")["2025-01"] == Decimal("100.00")
    assert of(amounts(run), "returning")["2025-01"] == Decimal("-150.00")
    assert paid(run) == {
        "2025-01": Decimal("0.00"),  # 100 - 150 = -50
        "2025-02": Decimal("120.00"),  # 200 - 30 - 50
        "2025-03": Decimal("40.00"),
    }
    assert [cents(owed) for owed in payments(run).balances["owed"].to_pylist()] == [Decimal("50.00"), 0, 0]


TIERS_BELOW_ZERO = """
    on    {measure}
    tiers {way} {{
{rows}
    }}
"""
BY_AMOUNT = "      0 USD to 1_000 USD  : 1%\n      1_000 USD and above : 10%"
BY_ATTAINMENT = "      0%   to 100%   : 1%\n      100% and above : 10%"
BY_UNITS = "      0 to 10      : 5.00 USD\n      10 and above : 9.00 USD"


@pytest.mark.parametrize("mode", ["marginal", "retroactive"])
@pytest.mark.parametrize(
    ("measure", "by", "rows", "amount"),
    [
        ("bookings", "amount", BY_AMOUNT, "-12.00"),
        ("bookings", "attainment", BY_ATTAINMENT, "-12.00"),
        ("units", "amount", BY_UNITS, "-15.00"),
    ],
    ids=["amount", "attainment", "units"],
)
def test_more_returns_than_sales_are_paid_at_the_first_tier(
    bench: Bench, mode: str, *, measure: str, by: str, rows: str, amount: str
) -> None:
    """Faulty: the first tier begins at zero, so a value below it finds no tier, and the returns cost nothing."""
    rule = TIERS_BELOW_ZERO.format(measure=measure, way=f"by {by}, {mode}", rows=rows)
    quota = "quota bookings {\n  from targets, each month\n}\n\n"
    project = small(
        quota + plan(commission("base", rule)),
        ["s 2025-01-10 ann 300 1", "r 2025-01-20 ann -1500 -4"],
        targets=["ann 2025-01-01 1000"],
    )
    run = bench.run(project)
    assert amounts(run) == {("2025-01", "base"): Decimal(amount)}
    assert sum(earned for _, _, earned in of_rows(run)) == Decimal(amount)
