"""The command line: what it checks, runs and writes."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from .spm import ROOT, TRAILHEAD, edit, spm

pytestmark = pytest.mark.commands


def test_a_new_project_checks_tests_runs_and_is_formatted(project: Path, tmp_path: Path) -> None:
    for command in (["check"], ["test"], ["run", "--out", tmp_path / "out"]):
        done = spm(command[0], project, *command[1:])
        assert (done.returncode, done.stderr) == (0, "")
    assert spm("fmt", "--check", project).returncode == 0


def test_new_never_writes_over_anything(project: Path) -> None:
    edit(project / "measures.spm", "Bookings", "Mine")
    done = spm("new", project)
    assert done.returncode == 1
    assert "SPM703" in done.stderr
    assert "Mine" in (project / "measures.spm").read_text(encoding="utf-8")


def test_the_same_inputs_give_the_same_bytes(project: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere" / "acme"
    shutil.copytree(project, elsewhere)
    assert spm("run", project, "--lines", "--out", tmp_path / "one").returncode == 0
    assert spm("run", ".", "--lines", "--out", "two", cwd=elsewhere).returncode == 0
    one, two = (
        {file.name: file.read_bytes() for file in path.iterdir()} for path in (tmp_path / "one", elsewhere / "two")
    )
    assert one == two
    assert sorted(one) == [
        "balances.csv",
        "components.csv",
        "credits.parquet",
        "lines.parquet",
        "manifest.json",
        "payments.csv",
        "payouts.csv",
        "payouts.parquet",
        "reconciliation.csv",
        "rejects.csv",
        "uncredited.csv",
        "unpaid.csv",
    ]


def test_both_engines_write_the_same_payouts(tmp_path: Path) -> None:
    for engine in ("duckdb", "reference"):
        assert spm("run", TRAILHEAD, "--engine", engine, "--out", tmp_path / engine).returncode == 0
    for name in (
        "payouts.csv",
        "payouts.parquet",
        "components.csv",
        "uncredited.csv",
        "reconciliation.csv",
        "unpaid.csv",
    ):
        assert (tmp_path / "duckdb" / name).read_bytes() == (tmp_path / "reference" / name).read_bytes()


@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.xdist_group("spark")
def test_spark_writes_the_same_bytes(project: Path, tmp_path: Path) -> None:
    for engine in ("duckdb", "spark"):
        done = spm("run", project, "--lines", "--engine", engine, "--out", tmp_path / engine)
        assert done.returncode == 0, done.stderr
    names = {path.name for path in (tmp_path / "duckdb").iterdir()}
    assert names == {path.name for path in (tmp_path / "spark").iterdir()}
    for name in names - {"manifest.json"}:  # it names the engine
        assert (tmp_path / "duckdb" / name).read_bytes() == (tmp_path / "spark" / name).read_bytes()


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
def test_where_there_is_no_spark_it_says_so(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPARK_MASTER", "nowhere://here")
    done = spm("run", project, "--engine", "spark")
    assert done.returncode == 1
    assert "SPM641" in done.stderr
    assert "nowhere://here" in done.stderr


def test_a_run_replaces_its_own_outputs_and_nothing_else(project: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert spm("run", project, "--out", out).returncode == 0
    (out / "payouts.csv").write_text("damaged", encoding="utf-8")
    assert spm("run", project, "--out", out).returncode == 0
    assert (out / "payouts.csv").read_text(encoding="utf-8").startswith("period,payee_id")
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "letter.txt").write_text("keep me", encoding="utf-8")
    done = spm("run", project, "--out", mine)
    assert done.returncode == 1
    assert "SPM615" in done.stderr
    assert [file.name for file in mine.iterdir()] == ["letter.txt"]


def test_bad_data_stops_the_run_and_leaves_nothing(project: Path, tmp_path: Path) -> None:
    edit(project / "data" / "orders.csv", "8200.00", "NaN")
    done = spm("run", project, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert "orders.csv, row 2, column amount" in done.stderr
    assert list(tmp_path.iterdir()) == [project]


@pytest.mark.parametrize(("day", "code"), [("1925-01-14", "SPM622"), ("2225-01-14", "SPM634")])
def test_a_date_that_no_plan_knows_is_told(project: Path, tmp_path: Path, day: str, code: str) -> None:
    edit(project / "data" / "orders.csv", "2025-01-14", day)
    done = spm("run", project, "--out", tmp_path / "out")
    assert done.returncode == 1
    assert code in done.stderr
    assert spm("run", project, "--from", "2025-02", "--through", "2025-06", "--out", tmp_path / "out").returncode == 0


def test_a_mistake_in_a_plan_stops_the_run(project: Path, tmp_path: Path) -> None:
    edit(project / "account_executive.spm", "0%   to 80%    : 4%", "0%   to 80%    : 4")
    for command in (["check", project], ["run", project, "--out", tmp_path / "out"], ["test", project]):
        done = spm(*command)
        assert done.returncode == 1
        assert "account_executive.spm:13" in done.stderr
        assert "Write `4%`." in done.stderr


def test_a_false_example_fails_with_both_amounts(project: Path) -> None:
    edit(project / "account_executive.spm", "expect base = 2_660.00 USD", "expect base = 2_661.00 USD")
    done = spm("test", project)
    assert done.returncode == 1
    assert "`base` pays 2,660.00 USD, not 2,661.00 USD" in done.stderr


def test_rejected_rows_are_listed_and_the_rest_is_paid(project: Path, tmp_path: Path) -> None:
    edit(project / "spm.yaml", "    files: orders*.csv\n", "    files: orders*.csv\n    bad_rows: reject\n")
    edit(project / "data" / "orders.csv", "8200.00", "NaN")
    done = spm("run", project, "--out", tmp_path / "out")
    assert done.returncode == 0
    assert "1 row was set aside" in done.stdout
    rejects = (tmp_path / "out" / "rejects.csv").read_text(encoding="utf-8").splitlines()
    assert rejects[0] == "source,file,row,column,value,code,cause"
    assert rejects[1].startswith("orders,orders.csv,2,amount,NaN,SPM513,")


@pytest.mark.parametrize("how", ["json", "sarif"])
def test_check_tells_programs_in_json(project: Path, how: str) -> None:
    edit(project / "measures.spm", "orders.payee", "orders.paye")
    done = spm("check", project, "--format", how)
    assert done.returncode == 1
    assert "paye" in json.dumps(json.loads(done.stdout))


def test_check_tells_github_with_annotations(project: Path) -> None:
    edit(project / "measures.spm", "orders.payee", "orders.paye")
    done = spm("check", project, "--format", "github")
    assert done.returncode == 1
    assert done.stdout.startswith("::error ")


def test_parquet_has_exact_decimals(project: Path, tmp_path: Path) -> None:
    assert spm("run", project, "--out", tmp_path / "out").returncode == 0
    table = pq.read_table(tmp_path / "out" / "payouts.parquet")
    assert str(table.schema.field("amount").type) == "decimal128(38, 2)"
    lines = (tmp_path / "out" / "payouts.csv").read_text(encoding="utf-8").splitlines()
    assert table.num_rows == len(lines) - 1


def test_periods_can_be_chosen(project: Path, tmp_path: Path) -> None:
    done = spm(
        "run", project, "--from", "2025-04", "--through", "2025-Q2", "--format", "json", "--out", tmp_path / "out"
    )
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert (found["from"], found["through"]) == ("2025-04", "2025-06")
    assert found["total"] == {"USD": "6200.00"}


def test_wrong_usage_is_code_2() -> None:
    assert spm("run", "--nonsense").returncode == 2
    assert spm().returncode == 2


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["--payee", "-x", "--period", "2025-01"], "SPM616"), (["--transaction", "orders", "-7b"], "SPM629")],
)
def test_an_id_may_begin_with_a_hyphen(project: Path, arguments: list[str], code: str) -> None:
    assert code in spm("explain", project, *arguments).stderr


def test_what_looks_like_an_option_and_is_none_is_told() -> None:
    done = spm("run", "-v")
    assert done.returncode == 2
    assert "there is no option -v" in done.stderr


def test_a_folder_that_is_taken_is_told_before_the_data_is_read(project: Path) -> None:
    (project / "data" / "orders.csv").write_text("no orders", encoding="utf-8")
    done = spm("run", project, "--out", "/")
    assert done.returncode == 1
    assert "SPM615" in done.stderr


def test_a_profile_tells_stages_and_plan_lines(project: Path, tmp_path: Path) -> None:
    done = spm("run", project, "--profile", "--format", "json", "--out", tmp_path / "out")
    stages = {stage["stage"]: stage for stage in json.loads(done.stdout)["stages"]}
    rows = len((tmp_path / "out" / "payouts.csv").read_text(encoding="utf-8").splitlines()) - 1
    assert stages["earned"]["rows"] >= rows
    assert any(".spm:" in stage["place"] for stage in stages.values())
    assert "all stages" in spm("run", project, "--profile", "--out", tmp_path / "out").stdout


def test_little_memory_changes_nothing(project: Path, tmp_path: Path) -> None:
    assert spm("run", project, "--lines", "--out", tmp_path / "one").returncode == 0
    assert spm("run", project, "--lines", "--memory", "64MB", "--out", tmp_path / "two").returncode == 0
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def _files(folder: Path) -> dict[str, bytes]:
    """The files of a folder and of those in it, by their paths."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_partitioned_tables_hold_the_same_rows(project: Path, tmp_path: Path) -> None:
    """Over an earlier folder, of which nothing is left."""
    whole, parted = tmp_path / "whole", tmp_path / "parted"
    for folder, more in ((whole, []), (parted, []), (parted, ["--partitioned"])):
        assert spm("run", project, "--lines", *more, "--out", folder).returncode == 0
    one, other = _files(whole), _files(parted)
    assert [name for name in other if name.endswith(".parquet") and "/" not in name] == []
    assert {name: data for name, data in other.items() if name.endswith(".csv")} == {
        name: data for name, data in one.items() if name.endswith(".csv")
    }
    assert set(json.loads(other["manifest.json"])["outputs"]) == set(other) - {"manifest.json"}
    for name in ("payouts", "lines", "credits"):
        found = ds.dataset(parted / name, partitioning=ds.partitioning(flavor="hive")).to_table()
        wanted = pq.read_table(whole / f"{name}.parquet")
        assert set(found.column_names) - set(wanted.column_names) == ({"month"} if name == "credits" else set())
        found = found.select(wanted.column_names)
        assert found.schema.types == wanted.schema.types
        assert sorted(map(str, found.to_pylist())) == sorted(map(str, wanted.to_pylist()))
        assert wanted.num_rows > 0
    assert "payouts/period=2025-01/part-0.parquet" in other
    assert spm("run", project, "--lines", "--partitioned", "--out", tmp_path / "again").returncode == 0
    assert _files(tmp_path / "again") == other


def test_an_amount_of_memory_that_is_none_is_told(project: Path, tmp_path: Path) -> None:
    done = spm("run", project, "--memory", "much", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "SPM651" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_reader_who_goes_away_is_no_mistake(project: Path, tmp_path: Path) -> None:
    """As in `spm run | head`."""
    command = [sys.executable, "-m", "spmlang", "run", project, "--profile", "--out", tmp_path / "out"]
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        run.stdout.close()
        said = run.stderr.read()
    assert (run.returncode, said) == (0, b"")
    assert (tmp_path / "out" / "payouts.csv").exists()


def test_costly_statements_are_named_on_request(project: Path) -> None:
    assert spm("check", project, "--cost").stderr == ""
    edit(project / "account_executive.spm", "pays 1_000.00 USD", "pays 1_000.00 USD\n    round per line")
    done = spm("check", project, "--cost")
    assert (done.returncode, done.stderr.count("warning[SPM811]")) == (0, 1)
    assert "round per line" in done.stderr
    assert spm("check", project).stderr == ""


def test_what_programs_read_is_utf_8_whatever_the_terminal_is(project: Path) -> None:
    for path in (project / "data").glob("*.csv"):
        path.write_text(path.read_text(encoding="utf-8").replace("E100", "Zoë"), encoding="utf-8")
    asked = ("explain", project, "--payee", "Zoë", "--period", "2025-01", "--format", "json")
    command = [sys.executable, "-m", "spmlang.cli.main", *map(str, asked)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, capture_output=True, check=True, env=environment)
    assert json.loads(done.stdout.decode("utf-8"))[0]["payee"] == "Zoë"


def test_a_check_that_finds_no_cost_says_so(project: Path) -> None:
    assert "nothing needs single rows" in spm("check", project, "--cost").stdout
    assert "single rows" not in spm("check", project).stdout


def test_what_a_terminal_cannot_show_is_no_accident(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = spm("explain", TRAILHEAD, "--payee", "awhitehorse", "--period", "2024-09")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.isascii()
    assert "\\u2514" in done.stdout  # the corner of a tree
