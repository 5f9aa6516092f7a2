"""Projects of one rule each with random rows, of which the test computes the payouts itself, without an engine."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmlang.values.rounding import Mode, div_round
from tests.engines.one_rule import project, usd
from tests.engines.random_projects import engines, few, result

pytestmark = pytest.mark.cases

FIRST, DAY = date(2025, 1, 1), timedelta(days=1)
QUARTER = 90  # days from January through March

days = st.integers(0, QUARTER - 1)
cents = st.one_of(st.sampled_from([0, 10_000, -10_000, 1]), st.integers(-30_000, 60_000))


def half_up(amount: Fraction) -> int:
    return div_round(amount.numerator, amount.denominator, Mode.HALF_UP)


# ---- budgets ----------------------------------------------------------------------------------


@few
@given(
    st.dictionaries(days, st.tuples(st.sampled_from(["ann", "bea", "cid"]), cents), max_size=12),
    st.one_of(st.sampled_from([0, 10_000]), st.integers(0, 80_000)),
    engines,
)
def test_first_come_first_served(sold: dict[int, tuple[str, int]], purse: int, engine: str) -> None:
    """Each line takes what the lines before it have left; what comes back first undoes what found nothing left."""
    body = f"""  spif push {{
    window from 2025-01-01 through 2025-03-31
    pays 100% of bookings
    budget {usd(purse)} USD, first come
  }}"""
    deals = [(FIRST + day * DAY, *sold[day]) for day in sorted(sold)]
    roster = [f"{payee},{payee},2025-01-01,,rep,0" for payee in ("ann", "bea", "cid")]
    found = result(project(body, roster, deals), engine)
    assert found is not None
    assert found.lines is not None
    lines, paid, asked = {}, Counter[str](), 0
    for day, payee, amount in deals:
        gets = min(asked + amount, purse) - min(asked, purse)
        asked += amount
        paid[payee] += gets
        lines[day] = gets
    assert {row["payee"]: int(row["amount_minor"]) for row in found.payouts.to_pylist()} == {
        payee: paid[payee] for payee in ("ann", "bea", "cid")
    }
    assert {row["day"]: int(row["amount_minor"]) for row in found.lines.to_pylist()} == {
        day: gets for day, gets in lines.items() if gets
    }
    assert paid.total() == min(asked, purse)


# ---- days -------------------------------------------------------------------------------------


def working(first: int, beyond: int) -> int:
    return sum((FIRST + day * DAY).weekday() < 5 for day in range(first, beyond))


@few
@given(
    st.lists(st.integers(0, QUARTER), min_size=2, max_size=4, unique=True).map(sorted),
    st.lists(
        st.tuples(st.sampled_from(["rep", "rep", "lead"]), st.sampled_from([90_000, 33_333, 100_000])),
        min_size=3,
        max_size=3,
    ),
    st.lists(st.tuples(days, cents), max_size=4),
    st.booleans(),
    engines,
)
def test_days_of_each_roster_row_are_paid_by_that_row(
    cuts: list[int], rows: list[tuple[str, int]], sold: list[tuple[int, int]], by_week: bool, engine: str
) -> None:
    """The part of the quarter's days, of what the whole quarter pays by the row; of one row for all days it is all of it."""
    body = f"""  quota bookings {{
    target 100.00 USD each quarter
  }}
  bonus incentive {{
    each quarter
    prorate by {"working" if by_week else "calendar"} days
    pays attainment of bookings * payee.incentive
  }}
  commission tiered {{
    each quarter
    prorate by {"working" if by_week else "calendar"} days
    on bookings
    tiers by amount, marginal {{
      0 USD to 100 USD : 2%
      100 USD and above : 10%
    }}
  }}"""
    spans = list(zip(cuts, cuts[1:], rows, strict=False))
    roster = [
        f"ann,Ann,{FIRST + first * DAY},{FIRST + (beyond - 1) * DAY},{role},{usd(incentive)}"
        for first, beyond, (role, incentive) in spans
    ]
    last = max((beyond for _, beyond, (role, _) in spans if role == "rep"), default=0)
    reached = Fraction(sum(amount for day, amount in sold if day < last), 10_000)
    found = result(project(body, roster, [(FIRST + day * DAY, "ann", amount) for day, amount in sold]), engine)
    assert found is not None
    payouts = {row["component"]: row for row in found.payouts.to_pylist()}
    count, all_days = (working, working(0, QUARTER)) if by_week else (lambda first, beyond: beyond - first, QUARTER)
    parts = [
        (Fraction(count(first, beyond), all_days), incentive)
        for first, beyond, (role, incentive) in spans
        if role == "rep"
    ]
    assert set(payouts) == ({"incentive", "tiered"} if parts else set())
    if parts:
        assert int(payouts["incentive"]["amount_minor"]) == sum(half_up(part * reached * pay) for part, pay in parts)
        lowest = sum(part for part, _ in parts) * reached * 200  # 2% of what was sold, in cents
        assert int(payouts["tiered"]["lowest_minor"]) == half_up(Fraction(lowest))


# ---- targets of earlier results ---------------------------------------------------------------


@few
@given(
    st.lists(st.tuples(st.integers(0, 454), st.integers(0, 60_000)), max_size=10),
    st.sampled_from(["year", "month", "quarter"]),
    engines,
)
def test_a_target_is_what_was_sold_before(sold: list[tuple[int, int]], back: str, engine: str) -> None:
    body = f"""  quota before of bookings {{
    target 110% of bookings a {back} before each month
    when zero attainment is 100%
  }}
  bonus growth {{
    pays 100% of quota of before
  }}"""
    start = date(2024, 1, 1)
    deals = [(start + day * DAY, "ann", amount) for day, amount in sold]
    first = {"year": date(2024, 1, 1), "quarter": date(2024, 10, 1), "month": date(2024, 12, 1)}[back]
    counted = [deal for deal in deals if deal[0] >= first]
    found = result(project(body, ["ann,Ann,2024-01-01,,rep,0"], counted), engine)
    assert found is not None
    months = {"year": 12, "quarter": 3, "month": 1}[back]
    owed = {}
    for month in (1, 2, 3):
        year, number = divmod(2025 * 12 + month - 1 - months, 12)
        brought = sum(amount for day, _, amount in counted if (day.year, day.month) == (year, number + 1))
        owed[f"2025-{month:02d}"] = half_up(Fraction(brought * 11, 10))
    assert {row["period"]: int(row["amount_minor"]) for row in found.payouts.to_pylist()} == owed
