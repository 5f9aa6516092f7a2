"""Whatever the terms: nothing is lost between payouts and payments, and earlier periods decide what later ones carry."""

from collections import defaultdict
from dataclasses import replace

import pyarrow.compute as pc
import pytest
from hypothesis import given

from spmlang.diagnostics.diagnostic import Problems
from spmlang.outputs.payments import as_tables, dues, earned, payments
from spmlang.payments.payee_ledger import pay
from spmlang.payments.records import Payment
from spmlang.program.payment_terms import Negative
from spmlang.run.run import Run, run_program
from spmlang.values.money import minor_places
from tests.engines.random_projects import engines, examples
from tests.strategies.projects import ProjectText, projects

pytestmark = pytest.mark.properties


@examples()
@given(projects(), engines)
def test_what_is_paid_adds_up_to_what_was_earned(project: ProjectText, engine: str) -> None:
    with project.opened(lines=False) as (program, tables, request):
        first = program.calendar.pay_period(min(plan.effective.start for plan in program.plans))
        whole = replace(request, first=min(first, request.last, key=lambda period: period.index))
        try:
            run = run_program(program, tables, whole, engine)
            found = _walked(run)
            # Those that need no walk are summed all together, which is the same.
            assert payments(run) == as_tables(run, found, earned(run).slice(0, 0))
        except Problems:
            return
    amounts = _earned(run)
    paid: dict[tuple[str, str], int] = defaultdict(int)
    for item in found:
        at = (item.payee, item.plan.name)
        added = sum(line.amount for line in item.lines if line.kind in ("guarantee", "forgiven"))
        paid[at] += item.paid - added
        sofar = sum(
            amount
            for (payee, plan, index), amount in amounts.items()
            if (payee, plan) == at and index <= item.period.index
        )
        assert sofar == paid[at] - item.drawn + item.held - item.owed
        assert min(item.owed, item.drawn) >= 0
        assert item.paid >= 0 or item.plan.terms.negative is Negative.CHARGED
    _assert_carried(found)


def _walked(run: Run) -> list[Payment]:
    """Every payment, period by period."""
    return pay(run.program, run.tables, dues(run, earned(run)), run.request.last)


def _assert_carried(found: list[Payment]) -> None:
    """What is below zero is carried or forgiven, and no more is carried, or taken off, than the terms say."""
    owed: dict[tuple[str, str], int] = defaultdict(int)
    for item in found:
        at, terms = (item.payee, item.plan.name), item.plan.terms
        sums = dict.fromkeys(("earning", "brought forward", "carried forward", "forgiven"), 0)
        for line in item.lines:
            if line.kind in sums:
                sums[line.kind] += line.amount
        due, brought = sums["earning"], sums["brought forward"]
        below = max(-(due + brought), 0) if terms.negative is not Negative.CHARGED else 0
        assert sums["carried forward"] + sums["forgiven"] == below
        assert min(sums["carried forward"], sums["forgiven"], -brought) >= 0
        if terms.negative is Negative.FORGIVEN:
            assert sums["carried forward"] == 0
        if terms.negative_most is not None:
            assert sums["carried forward"] <= terms.negative_most * 10 ** minor_places(item.plan.currency)
        elif terms.negative is Negative.CARRIED:
            assert sums["forgiven"] == 0
        if terms.negative_recover_most is not None and due > 0:
            assert -brought <= terms.negative_recover_most * due
        else:
            assert -brought == owed[at]
        assert item.owed == owed[at] + brought + sums["carried forward"]
        owed[at] = item.owed


def _earned(run: Run) -> dict[tuple[str, str, int], int]:
    """Payouts by payee, plan and index of the pay period."""
    found: dict[tuple[str, str, int], int] = defaultdict(int)
    for row in run.history.to_pylist():
        period = run.program.calendar.find(row["period"])
        assert period is not None
        found[row["payee"], row["plan"], period.index] += int(row["amount_minor"])
    return found


@examples()
@given(projects(), engines)
def test_a_run_of_later_periods_pays_the_same(project: ProjectText, engine: str) -> None:
    with project.opened(lines=False) as (program, tables, request):
        first = program.calendar.pay_period(min(plan.effective.start for plan in program.plans))
        if first.index >= request.last.index:
            return
        whole = replace(request, first=first)
        try:
            every = payments(run_program(program, tables, whole, engine))
            later = payments(run_program(program, tables, replace(request, first=request.last), engine))
        except Problems:
            return
    for whole_table, table in ((every.lines, later.lines), (every.balances, later.balances)):
        assert whole_table.filter(pc.equal(whole_table["period"], request.last.label)) == table
