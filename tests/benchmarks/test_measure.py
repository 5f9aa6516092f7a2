"""Test the figures of the benchmark."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from tests.benchmarks import command, sides
from tests.benchmarks.measure import Figure
from tests.benchmarks.payouts import SCHEMA, Difference, difference
from tests.benchmarks.scale import growths

pytestmark = pytest.mark.plans

ROWS = [("ann", "2025-01", "seller", 1, "base", 100), ("bob", "2025-01", "seller", 1, "base", -5)]


def table(rows: list[tuple[str, str, str, int, str, int]]) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(SCHEMA.names, row, strict=True)) for row in rows], SCHEMA)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (ROWS[::-1], Difference(0, 0, 0)),
        ([ROWS[0], (*ROWS[1][:-1], -8)], Difference(0, 1, 3)),
        (ROWS[:1], Difference(1, 0, 0)),
        ([*ROWS, ROWS[0]], Difference(1, 0, 0)),
        ([ROWS[0], ("cyd", *ROWS[1][1:])], Difference(2, 0, 0)),
    ],
    ids=["other order", "another amount", "one missing", "one twice", "another payee"],
)
def test_differences_are_found(other: list[tuple[str, str, str, int, str, int]], expected: Difference) -> None:
    assert difference(table(ROWS), table(other)) == expected
    assert expected.within(0) is (expected == Difference(0, 0, 0))


def test_the_exponent_of_quadratic_cost_is_two() -> None:
    figures = [
        Figure(
            plan="flat",
            side="sql",
            rows=rows,
            payees=100,
            seconds=(rows / 1000) ** 2,
            cpu_seconds=0.0,
            peak_mib=None,
            payouts=1,
        )
        for rows in (1_000, 10_000, 100_000)
    ]
    (found,) = growths(figures, "rows")
    assert (found.exponent, found.sizes) == (2.0, [1_000, 10_000, 100_000])


def run(monkeypatch: pytest.MonkeyPatch, *options: str) -> int:
    monkeypatch.setattr(sys, "argv", ["benchmarks", "--repeat", "1", "--plans", "flat", "--no-memory", *options])
    return command.main()


def test_the_command_writes_every_figure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written = tmp_path / "figures.json"
    small = ("--rows", "1000", "--payees", "60", "--peers", "sql,pandas", "--folder", str(tmp_path), "--lines")
    assert run(monkeypatch, *small, "--json", str(written)) == 0
    figures = json.loads(written.read_text(encoding="utf-8"))
    (compared,) = figures["compared"]
    assert [figure["side"] for figure in compared["figures"]] == ["engine", "sql", "pandas"]
    assert compared["lines"]["add_up"]
    assert compared["lines"]["by_hand_seconds"] > 0
    assert figures["agree"]
    assert figures["packages"]["duckdb"]


def test_growth_is_measured_in_rows_and_payees(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    written = tmp_path / "figures.json"
    sizes = ("--scale", "500,1_000", "--payee-scale", "60,70", "--rows", "500", "--payees", "60", "--peers", "sql")
    assert run(monkeypatch, *sizes, "--json", str(written)) == 0
    found = json.loads(written.read_text(encoding="utf-8"))["growths"]
    assert [(each["side"], each["of"]) for each in found] == [
        ("engine", "rows"),
        ("sql", "rows"),
        ("engine", "payees"),
        ("sql", "payees"),
    ]


def test_payouts_that_differ_are_exit_code_1(monkeypatch: pytest.MonkeyPatch) -> None:
    class Wrong(sides.Peer):
        def payouts(self, plan: str, data: Path) -> pa.Table:
            found = super().payouts(plan, data)
            return found.slice(1)

    sql = next(peer for peer in sides.PEERS if peer.name == "sql")
    monkeypatch.setattr(sides, "PEERS", (Wrong(sql.name, sql.package),))
    assert run(monkeypatch, "--rows", "500", "--payees", "60") == 1
