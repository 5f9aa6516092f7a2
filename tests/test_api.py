"""The public Python API: five names, exact tables, and outputs that are written whole or not at all."""

from __future__ import annotations

import csv
import filecmp
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

import spmlang
from spmlang.cli.main import main

ROOT = Path(__file__).parents[1]


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The project that `spm new` makes."""
    assert main(["new", str(tmp_path / "acme")]) == 0
    capsys.readouterr()
    return tmp_path / "acme"


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[spmlang.PayoutRun, Path]:
    """A run of the sample company, and its folder."""
    out = tmp_path_factory.mktemp("sample") / "out"
    return spmlang.open(ROOT / "plans" / "trailhead_outdoor").run(out=out, verify="off"), out


def test_an_import_and_a_name_that_is_not_there_cost_nothing() -> None:
    code = "import sys, spmlang; print(hasattr(spmlang, 'runn'), [m for m in sys.modules if m.startswith('spmlang.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False ['spmlang.version']\n"


def test_every_public_name_is_there() -> None:
    assert {name for name in spmlang.__all__ if hasattr(spmlang, name)} == set(spmlang.__all__)


def test_tables_hold_no_floats(folder: Path) -> None:
    run = spmlang.open(folder).run(lines=True)
    tables = [run.payouts, run.payments, run.balances, run.uncredited, run.credits, run.lines]
    assert all(table is not None and table.num_columns for table in tables)
    assert not [item.name for table in tables if table for item in table.schema if pa.types.is_floating(item.type)]
    assert {str(run.payouts.schema.field("amount").type), str(run.payments.schema.field("amount").type)} == {
        "decimal128(38, 2)"
    }
    assert sum(run.payments["amount"].to_pylist()) == sum(run.payouts["amount"].to_pylist())


@pytest.mark.plans
@pytest.mark.parametrize("name", ["payouts", "payments", "balances", "uncredited"])
def test_tables_are_the_files(name: str, sample: tuple[spmlang.PayoutRun, Path]) -> None:
    run, out = sample
    table: pa.Table = getattr(run, name)
    with (out / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    assert table.column_names == header
    assert rows
    for column, texts in zip(table.columns, zip(*rows, strict=True), strict=True):
        parse = Decimal if pa.types.is_decimal(column.type) else str
        assert [None if value is None else parse(str(value)) for value in column.to_pylist()] == [
            parse(text) if text else None for text in texts
        ]


@pytest.mark.parametrize("partitioned", [False, True])
def test_a_run_is_written_alike_on_the_way_and_at_the_end(folder: Path, tmp_path: Path, partitioned: bool) -> None:
    project = spmlang.open(folder)
    on_the_way = project.run(lines=True, out=tmp_path / "a", partitioned=partitioned)
    assert on_the_way.credits is None
    project.run(lines=True).write(tmp_path / "b", partitioned=partitioned)
    files = {path.relative_to(tmp_path / "a") for path in (tmp_path / "a").rglob("*") if path.is_file()}
    assert files == {path.relative_to(tmp_path / "b") for path in (tmp_path / "b").rglob("*") if path.is_file()}
    assert all(filecmp.cmp(tmp_path / "a" / file, tmp_path / "b" / file, shallow=False) for file in files)


@pytest.mark.parametrize("step", ["computing", "checking a sample", "writing", "done"])
def test_an_exception_in_any_step_leaves_the_outputs_as_they_were(folder: Path, tmp_path: Path, step: str) -> None:
    project = spmlang.open(folder)
    project.run(out=tmp_path / "out", last="2025-01")
    before = (tmp_path / "out" / "manifest.json").read_bytes()

    def stop(begun: str) -> None:
        if begun == step:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        project.run(out=tmp_path / "out", progress=stop)
    assert (tmp_path / "out" / "manifest.json").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["acme", "out"]


def test_wrong_plans_are_listed_by_check_and_raised_by_the_rest(folder: Path) -> None:
    plan = folder / "account_executive.spm"
    plan.write_text(plan.read_text().replace("on bookings", "on bokings"))
    project = spmlang.open(folder)
    codes = [item.code for item in project.check()]
    assert codes
    for ask in (project.test, project.run, lambda: project.explain("E100", "2025-01"), lambda: project.name):
        with pytest.raises(spmlang.Problems) as raised:
            ask()
        assert [item.code for item in raised.value.diagnostics] == codes


def test_an_engine_that_does_not_exist_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match="the engines are duckdb, reference, spark"):
        spmlang.open(folder).run(engine="duckbd")


def test_outputs_are_not_written_over_other_files(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine")
    run = spmlang.open(folder).run()
    with pytest.raises(spmlang.Problems):
        run.write(tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["letter.txt"]
