"""Projects that others wrote down with what they expect, where a folder of them is present.

SPM_TEST_CASES names the folder. A project has one of three files:

- `expect.csv`: table, period, payee, component, amount, tolerance, column. A blank is summed over. In the table `error`
  the amount is the code of an error.
- `expect.txt`: a command, how many messages it gives, the line that they name, and a word of the remedy.
- `README.txt`: a command that must end with an exit code of its own and, unless it succeeds, with a message.
"""

from __future__ import annotations

import csv
import os
import re
from decimal import Decimal
from pathlib import Path

import pytest

from spmlang.cli.main import main

pytestmark = pytest.mark.cases

_FOLDER = Path(os.environ.get("SPM_TEST_CASES", Path(__file__).parents[3] / "shared" / "cases"))

#: Projects whose rule is still to be decided.
_UNDECIDED = {"bug-joiner-loses-the-flat-part"}


def _with(file: str) -> list[object]:
    """The projects that have a file; one that skips the test if there are none."""
    found = sorted(path.parent for path in _FOLDER.glob(f"*/{file}") if path.parent.name not in _UNDECIDED)
    none = pytest.param(None, marks=pytest.mark.skip("no such projects are here (SPM_TEST_CASES names their folder)"))
    return [pytest.param(folder, id=folder.name) for folder in found] or [none]


@pytest.mark.parametrize("project", _with("expect.csv"))
def test_the_amounts_are_the_expected_ones(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["run", str(project), "--out", str(tmp_path / "out")])
    told = capsys.readouterr().err
    expected = list(csv.DictReader((project / "expect.csv").open(encoding="utf-8")))
    errors = [row["amount"] for row in expected if row["table"] == "error"]
    assert bool(code) == bool(errors), told
    assert all(f"error[{error}" in told for error in errors), told
    for row in expected:
        if row["table"] != "error":
            difference = _sum(tmp_path / "out", row) - Decimal(row["amount"])
            assert abs(difference) <= Decimal(row["tolerance"] or 0), row


def _sum(outputs: Path, expected: dict[str, str]) -> Decimal:
    """The sum of a column over the rows that a row of `expect.csv` speaks of."""
    keys = {"period": expected["period"], "payee_id": expected["payee"], "component": expected["component"]}
    wanted = {column: value for column, value in keys.items() if value}
    with (outputs / f"{expected['table']}.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if all(row[column] == wanted[column] for column in wanted)]
    return sum((Decimal(row[expected["column"] or "amount"]) for row in rows), Decimal(0))


@pytest.mark.parametrize("project", _with("expect.txt"))
def test_the_advice_is_the_expected_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = (project / "expect.txt").read_text(encoding="utf-8").splitlines()
    expected = dict(line.split(": ", 1) for line in lines if ": " in line)
    main([*expected["command"].split()[1:], str(project)])
    told = capsys.readouterr().err
    assert len(re.findall(r"^(?:error|warning)\[", told, re.MULTILINE)) == int(expected["messages"]), told
    assert any(line in told for line in re.findall(r"\w+\.spm:\d+", expected["line"])), told
    remedy = told.partition("remedy")[2]
    assert any(word in remedy for word in re.findall(r"`([^`]+)`", expected["remedy contains one of"])), told


@pytest.mark.parametrize("project", _with("README.txt"))
def test_the_command_ends_with_a_message(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    named = re.search(r"command: spm (\w+)", (project / "README.txt").read_text(encoding="utf-8"))
    command = named[1] if named else "run"
    code = main([command, str(project), *(["--out", str(tmp_path / "out")] if command == "run" else [])])
    told = capsys.readouterr().err
    assert code in (0, 1, 2, 3)
    assert code == 0 or re.search(r"^error\[SPM\d{3}\]", told, re.MULTILINE), told
