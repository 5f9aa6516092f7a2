"""Small projects that a person can check by head: what is earned, and what is paid when. See docs/decisions/0005-payments.md.

`plan.spm` says in comments what must come out and why; `expected.csv` has the lines of each payment and the balances after it.
`--accept` writes it anew. `spm.yaml` says only what differs from `tests/default_project`.
"""

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from spmlang.outputs.payments import balance_texts, payment_texts, payments
from tests.conftest import Accept
from tests.engines.every import EVERY
from tests.projects import case_project

AT = ("period", "payee_id", "plan", "currency")

FOLDER = Path(__file__).parent / "cases"
CASES = sorted(path.name for path in FOLDER.iterdir())


@pytest.mark.parametrize("engine", EVERY)
@pytest.mark.parametrize("case", CASES)
def test_case(case: str, engine: str, accept: Accept, tmp_path: Path) -> None:
    run = case_project(FOLDER / case).run(tmp_path, engine)
    found = payments(run)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["period", "payee", "line", "component", "amount"])
    lines = payment_texts(run, found).to_pylist()
    for balance in balance_texts(run, found).to_pylist():
        at = [balance[name] for name in AT]
        own = [line for line in lines if [line[name] for name in AT] == at]
        for line in own:
            writer.writerow([line["period"], line["payee_id"], line["line"], line["component"], line["amount"]])
        assert sum(Decimal(line["amount"]) for line in own) == Decimal(balance["paid"])
        writer.writerow([balance["period"], balance["payee_id"], "= paid", "", balance["paid"]])
        for word in ("held", "owed", "drawn"):
            if Decimal(balance[word]):
                writer.writerow([balance["period"], balance["payee_id"], f"= {word}", "", balance[word]])
    accept(text.getvalue(), FOLDER / case / "expected.csv")
