"""What an explanation says, beyond that it equals the run: the cases of the engines, told to a payee."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmlang.diagnostics.diagnostic import Problems
from spmlang.explain.payouts import Reason, explain
from spmlang.run.run import named_pay_period
from tests.engines.random_projects import examples
from tests.projects import case_project
from tests.strategies.projects import ProjectText, projects

CASES = Path(__file__).parents[1] / "engines" / "cases"


def told(case: str, payee: str, period: str) -> list[str]:
    """The sentences of an explanation with their amounts, in the order in which they are read."""
    with case_project(CASES / case).opened() as (program, tables, _):
        found = explain(program, tables, payee=payee, period=named_pay_period(program, period))
    assert all(item.equal for item in found)
    return [line for item in found for line in _sentences(item.reason)]


def _sentences(reason: Reason) -> list[str]:
    own = reason.text if reason.amount is None else f"{reason.text} = {reason.amount}"
    return [own, *(line for part in reason.because for line in _sentences(part))]


def test_a_part_of_the_days_is_told_by_roster_row() -> None:
    assert told("incentive_by_days", "ann", "2025-03")[1:] == [
        "earned from 2025-01-01 through 2025-03-31 = 600.00 USD",
        "60 of 90 calendar days, from 2025-01-01 through 2025-03-01, of 450.00 USD = 300.00 USD",
        "Bookings from 2025-01-01 through 2025-03-31: 500.00 USD, 50% of the quota of 1,000.00 USD",
        "pays attainment of bookings * payee.incentive = 450.00 USD",
        "30 of 90 calendar days, from 2025-03-02 through 2025-03-31, of 900.00 USD = 300.00 USD",
        "Bookings from 2025-01-01 through 2025-03-31: 500.00 USD, 50% of the quota of 1,000.00 USD",
        "pays attainment of bookings * payee.incentive = 900.00 USD",
        "line by line = 600.00 USD",
        "2025-03-31 deals 1: bookings 500 = 600.00 USD",
    ]


def test_a_budget_that_is_first_come_says_which_line_it_cut() -> None:
    cut = told("budget_first_come", "cid", "2025-01")
    assert "the budget, first come, leaves 5.00 USD of 10.00 USD = -5.00 USD" in cut
    assert cut[-1] == "2025-01-05 deals 3: bookings 100; the budget leaves this of 10.00 USD = 5.00 USD"
    gone = told("budget_first_come", "dan", "2025-01")
    assert gone[-1] == "2025-01-06 deals 4: bookings 150; the budget leaves this of 15.00 USD = 0.00 USD"
    kept = told("budget_first_come", "bea", "2025-01")
    assert kept[-2:] == [
        "2025-01-04 deals 2: bookings 100 = 10.00 USD",
        "2025-01-20 deals 5: bookings -50; the budget leaves this of -5.00 USD = 0.00 USD",
    ]


def test_a_line_that_no_budget_cut_is_told_plainly() -> None:
    assert told("budget_first_come", "ann", "2025-01")[-1] == "2025-01-03 deals 1: bookings 100 = 10.00 USD"


def test_the_quota_so_far_is_told() -> None:
    shown = told("met_in_the_year_so_far", "ann", "2025-03")
    assert "Bookings from 2025-01-01 through 2025-03-31: 305.00 USD, 101.67% of the quota of 300.00 USD so far" in shown


@pytest.mark.properties
@examples(4)
@given(projects(), st.data())
def test_an_explanation_equals_the_run(project: ProjectText, data: st.DataObject) -> None:
    with project.opened(lines=False) as (program, tables, request):
        payees = sorted({str(row["payee"]) for row in tables.rows(program.roster)})
        payee = data.draw(st.sampled_from(payees))
        try:
            found = explain(program, tables, payee=payee, period=request.last)
        except Problems:
            return
    assert found
    assert all(item.equal for item in found)
