"""Small projects that a person can check by head: each shows one rule of docs/decisions/0002-meaning-of-a-run.md.

`plan.spm` says in comments what must come out and why; `expected.csv` has the payouts, or why there are none. `--accept` writes
it anew. `spm.yaml` says only what differs from `tests/default_project`.
"""

import csv
import io
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from spmlang.data.tables import Tables
from spmlang.diagnostics.diagnostic import Problems
from spmlang.program.program import Program
from spmlang.results import Result
from spmlang.run.open import open_data, open_project
from spmlang.run.run import Run, make_request, run_program
from spmlang.values.money import minor_places
from tests.conftest import Accept
from tests.engines.agreement import assert_agree
from tests.engines.every import EVERY, skip_unable
from tests.projects import case_project

pytestmark = pytest.mark.cases

FOLDER = Path(__file__).parent / "cases"
CASES = sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.parametrize("engine", EVERY)
@pytest.mark.parametrize("case", CASES)
def test_case(case: str, engine: str, accept: Accept, tmp_path: Path) -> None:
    skip_unable(case, engine)
    folder = case_project(FOLDER / case).write(tmp_path)
    opened = open_project(folder)
    tables, problems = open_data(opened, None)
    assert not problems
    expected = FOLDER / case / "expected.csv"
    found = _ran(opened.program, tables, engine, lines=True)
    accept(_told(found), expected)
    if engine != "reference":  # credits, lines and what else is told are those of the reference, in its order
        wanted = _ran(opened.program, tables, "reference", lines=True)
        assert_agree(_whole(wanted), _whole(found))
    if engine == "duckdb":  # it computes less where nobody asks for lines, and pays the same
        assert _told(_ran(opened.program, tables, engine, lines=False)) == expected.read_text("utf-8")


def _ran(program: Program, tables: Tables, engine: str, *, lines: bool) -> Run | Problems:
    try:
        return run_program(program, tables, make_request(program, tables, lines=lines), engine)
    except Problems as refused:
        return refused


def _whole(found: Run | Problems) -> Result | Problems:
    """Return the tables of a run with the payouts of earlier periods, or the problems."""
    return found if isinstance(found, Problems) else replace(found.result, payouts=found.history)


def _told(found: Run | Problems) -> str:
    if isinstance(found, Run):
        return payouts(found)
    return "refused\n" + "".join(f"{slug}\n" for slug in sorted({item.slug for item in found.diagnostics}))


def payouts(run: Run) -> str:
    """The payouts as CSV: amounts in the plan's currency; `uncapped` only where a limit changed it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["period", "payee", "plan", "version", "component", "amount", "uncapped"])
    currencies = {(plan.name, plan.version): plan.currency for plan in run.program.plans}
    for row in run.result.payouts.to_pylist():
        places = minor_places(currencies[row["plan"], row["version"]])
        amount, earned = (Decimal(row[name]).scaleb(-places) for name in ("amount_minor", "earned_minor"))
        named = [row[name] for name in ("period", "payee", "plan", "version", "component")]
        writer.writerow([*named, amount, "" if amount == earned else earned])
    return text.getvalue()
