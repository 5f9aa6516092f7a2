"""`spm explain`: what it tells, and what it says where there is nothing to tell."""

import json
from pathlib import Path

import pytest

from .spm import TRAILHEAD, spm

pytestmark = pytest.mark.commands


def test_explain_states_that_it_equals_the_run(project: Path) -> None:
    done = spm("explain", project, "--payee", "E100", "--period", "2025-03", "--component", "base")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[0] == "E100, 2025-03: 1,035.00 USD"
    assert "9% of 6,499.99 USD in the tier 100% and above : 9%" in done.stdout
    assert "orders 1004" in done.stdout
    assert "The run (duckdb) pays the same: 1,035.00 USD." in done.stdout


def test_explain_as_json_is_a_tree(project: Path) -> None:
    done = spm("explain", project, "--payee", "E100", "--period", "2025-03", "--format", "json")
    found = json.loads(done.stdout)
    assert [item["component"] for item in found] == ["base", "quarter_made"]
    assert all(item["equal"] for item in found)
    assert found[0]["reason"]["source"] == "account_executive.spm:10"
    assert found[0]["reason"]["because"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--payee", "E999", "--period", "2025-03"], "SPM616"),
        (["--payee", "E100", "--period", "2025-13"], "SPM612"),
        (["--payee", "M200", "--period", "2025-03"], "SPM617"),
        (["--payee", "E100", "--period", "2025-Q1"], "SPM624"),
    ],
)
def test_what_cannot_be_explained_is_said(project: Path, arguments: list[str], code: str) -> None:
    done = spm("explain", project, *arguments)
    assert done.returncode == 1
    assert code in done.stderr


def test_explain_tells_of_a_transaction_in_json() -> None:
    done = spm("explain", TRAILHEAD, "--transaction", "orders", "10234", "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert (found["key"], found["file"], found["row"], found["answered"]) == ("10234", "orders.csv", 234, True)
    assert found["credits"][0]["payee"] == "awhitehorse"
    assert (found["credits"][0]["day"], found["credits"][0]["amount"]) == ("2024-09-13", "4078.58")
    assert found["reasons"][0]["because"][0]["source"] == "measures.spm:10"


@pytest.mark.parametrize(
    ("source", "key", "code", "hint"),
    [
        ("ordrs", "10234", "SPM627", "`orders`"),
        ("targets", "x", "SPM628", "orders, order_lines"),
        ("orders", "102345", "SPM629", "`10234`"),
        ("order_lines", "10001", "SPM629", "`10001|1`"),
        ("order_lines", "10234", "SPM630", "`10234|1`, `10234|2`"),
    ],
)
def test_a_transaction_that_is_not_there_is_said(source: str, key: str, code: str, hint: str) -> None:
    done = spm("explain", TRAILHEAD, "--transaction", source, key)
    assert done.returncode == 1
    assert code in done.stderr
    assert hint in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--payee and --period are required"),
        (["--payee", "E100"], "--payee and --period are required"),
        (["--transaction", "orders"], "expected 2 arguments"),
        (["--transaction", "orders", "1004", "--period", "2025-03"], "--period does not go with --transaction"),
        (["--transaction", "orders", "1004", "--component", "base"], "--component does not go with --transaction"),
        (["--transaction", "orders", "1004", "--engine", "reference"], "--engine does not go with --transaction"),
    ],
)
def test_explain_says_what_does_not_go_together(arguments: list[str], said: str) -> None:
    done = spm("explain", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
