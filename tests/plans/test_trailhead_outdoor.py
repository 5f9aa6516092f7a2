"""The sample company: both engines agree, lines sum to payouts, and the costly components are flagged."""

from collections import Counter
from pathlib import Path

import pytest

from spmlang.outputs.components import component_reports
from spmlang.program.program import Figure
from spmlang.reference.credits.rows_of_payees import RowsOfPayees
from spmlang.reference.recompute import recompute, rows_needed
from spmlang.run.examples import run_examples
from spmlang.run.open import open_data, open_project
from spmlang.run.run import Run, make_request, run_program
from tests.engines.every import QUICK

pytestmark = pytest.mark.plans

PLANS = Path(__file__).parents[2] / "plans"


@pytest.fixture(scope="module")
def runs() -> dict[str, Run]:
    opened = open_project(PLANS / "trailhead_outdoor")
    tables, warnings = open_data(opened, None)
    assert not warnings
    request = make_request(opened.program, tables, lines=True)
    return {engine: run_program(opened.program, tables, request, engine) for engine in QUICK}


def test_the_engines_agree_on_every_table(runs: dict[str, Run]) -> None:
    reference, duckdb = (runs[engine].result for engine in ("reference", "duckdb"))
    assert reference.payouts.equals(duckdb.payouts)
    assert reference.uncredited.equals(duckdb.uncredited)
    assert reference.credits is not None
    assert reference.credits.equals(duckdb.credits)
    assert reference.lines is not None
    assert reference.lines.equals(duckdb.lines)


@pytest.mark.parametrize("engine", QUICK)
def test_lines_sum_to_payouts(runs: dict[str, Run], engine: str) -> None:
    key = ("period", "payee", "plan", "version", "component")
    result = runs[engine].result
    sums: Counter[tuple[object, ...]] = Counter()
    assert result.lines is not None
    for row in result.lines.to_pylist():
        sums[tuple(row[name] for name in key)] += int(row["amount_minor"])
    paid = {tuple(row[name] for name in key): int(row["amount_minor"]) for row in result.payouts.to_pylist()}
    assert {at: amount for at, amount in paid.items() if amount} == {
        at: amount for at, amount in sums.items() if amount
    }


@pytest.mark.parametrize("payee", ["awhitehorse", "bholloway", "hlindqvist", "crousseau"])
def test_one_payee_alone_gets_what_everybody_together_gets(runs: dict[str, Run], payee: str) -> None:
    run = runs["reference"]
    facts = RowsOfPayees(run.program, run.tables)
    found = {
        (item.period.label, item.version.name, item.version.version, item.component.name): item.amount
        for period in run.program.calendar.intervals(
            run.program.calendar.pay, run.request.first.start, run.request.last.end
        )
        for plan, names in run.program.component_names().items()
        for item in recompute(facts, rows_needed(facts, payee, period=period, plan=plan, names=names))
    }
    together = {
        (row["period"], row["plan"], row["version"], row["component"]): int(row["amount_minor"])
        for row in run.result.payouts.to_pylist()
        if row["payee"] == payee
    }
    assert found == together


def test_the_push_that_costs_more_than_it_brings_is_flagged(runs: dict[str, Run]) -> None:
    flagged = {
        (item.component.name, flag.figure): flag for item in component_reports(runs["duckdb"]) for flag in item.flags
    }
    glowworm = flagged["glowworm", Figure.COST_OF_SALES]
    assert glowworm.value is not None
    assert glowworm.value > 1
    assert ("volume", Figure.PREMIUM) in flagged


@pytest.mark.parametrize("project", sorted(path.name for path in PLANS.iterdir()))
def test_every_example_of_every_project_holds(project: str) -> None:
    outcomes = list(run_examples(open_project(PLANS / project).program))
    assert outcomes
    assert [problem for outcome in outcomes for problem in outcome.problems] == []
