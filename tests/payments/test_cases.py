"""Small projects that a person can check by head: what is earned, and what is paid when. See docs/decisions/0005-payments.md.

`plan.spm` says in comments what must come out and why; `expected.csv` has the lines of each payment and the balances after it.
`--accept` writes it anew.
"""

import csv
import io
from pathlib import Path

import pytest

from spmlang.runs.opening import open_data, open_project
from spmlang.runs.payments import balances, payment_lines, payments
from spmlang.runs.running import make_request, run_program
from tests.conftest import Accept
from tests.engines.every import EVERY

CASES = sorted(path.name for path in (Path(__file__).parent / "cases").iterdir())


@pytest.mark.parametrize("engine", EVERY)
@pytest.mark.parametrize("case", CASES)
def test_case(case: str, engine: str, accept: Accept) -> None:
    folder = Path(__file__).parent / "cases" / case
    opened = open_project(folder)
    tables, problems = open_data(opened, folder)
    assert not problems
    run = run_program(opened.program, tables, make_request(opened.program, tables), engine)
    found = payments(run)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["period", "payee", "line", "component", "amount"])
    lines = list(payment_lines(run, found))
    for balance in balances(run, found):
        at = (balance.period, balance.payee_id, balance.plan, balance.currency)
        own = [line for line in lines if (line.period, line.payee_id, line.plan, line.currency) == at]
        for line in own:
            writer.writerow([line.period, line.payee_id, line.line, line.component or "", line.amount])
        assert sum(line.amount for line in own) == balance.paid
        writer.writerow([balance.period, balance.payee_id, "= paid", "", balance.paid])
        for word in ("held", "owed", "drawn"):
            if getattr(balance, word):
                writer.writerow([balance.period, balance.payee_id, f"= {word}", "", getattr(balance, word)])
    accept(text.getvalue(), folder / "expected.csv")
