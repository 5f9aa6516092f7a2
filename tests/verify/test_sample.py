"""A run is checked: what agrees is told, and a wrong engine is caught before anything is written."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given

from spmlang.cli.main import main
from spmlang.data.tables import Tables
from spmlang.diagnostics.diagnostic import Problems
from spmlang.engines.duckdb import DuckDBEngine
from spmlang.program.program import Program
from spmlang.reference.credits.rows_of_payees import RowsOfPayees
from spmlang.reference.recompute import recompute, rows_needed
from spmlang.results import WHOLE, Request, Result
from spmlang.run.open import open_data, open_project
from spmlang.run.run import Run, make_request, run_program
from spmlang.run.verification import SAMPLE_ROWS
from spmlang.verify.sample import verify
from tests.engines.random_projects import examples
from tests.strategies.projects import ProjectText, projects

TRAILHEAD = Path(__file__).parents[2] / "plans" / "trailhead_outdoor"

#: Four sales, two people who share the second one, and a bonus for a whole quarter.
SMALL = {
    "spm.yaml": """
name: small
roster: people
sources:
  people:
    files: people.csv
    key: [payee]
    dated: {from: since}
    columns: {payee: text, name: text, since: date}
  deals:
    files: deals.csv
    key: [id]
    columns:
      id: text
      sold_on: date
      seller: {type: text, references: people}
      helper: {type: text, references: people, optional: true}
      amount: {type: money, currency: USD}
""",
    "plan.spm": """
use std.calendar_year

measure bookings in USD {
  sum    deals.amount
  on     deals.sold_on
  credit deals.seller 70%, deals.helper 30%
}

# Everybody is on it.
plan seller version 1 {
  effective from 2025-01-01
  for       payee.name is present
  currency  USD

  commission base {
    pays 5% of bookings
    cap  5_000.00 USD each year
  }

  bonus good_start {
    each quarter
    when bookings >= 1_000.00 USD
    pays 100.00 USD
  }
}
""",
    "data/people.csv": "payee,name,since\nada,Ada L,2025-01-01\nbert,Bert M,2025-01-01\n",
    "data/deals.csv": "id,sold_on,seller,helper,amount\nA-1,2025-01-10,ada,,1000.00\nA-2,2025-01-12,ada,bert,555.55\n"
    "A-3,2025-02-03,bert,,2000.10\nA-4,2025-03-05,bert,ada,10.00\n",
}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    for name, text in SMALL.items():
        path = tmp_path / "small" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"), encoding="utf-8")
    return tmp_path / "small"


def _run(folder: Path) -> Run:
    opened = open_project(folder)
    tables, _ = open_data(opened, None)
    return run_program(opened.program, tables, make_request(opened.program, tables))


# ---- what agrees ------------------------------------------------------------------------------


def test_a_small_run_is_recomputed_as_a_whole(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = small / "out"
    assert main(["run", str(small), "--out", str(out)]) == 0
    assert "sampled: 6 of 6 payee-periods agree, and 4 source rows" in capsys.readouterr().out
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["verification"] == {
        "result": "sampled: 6 of 6 payee-periods agree",
        "payouts": 8,
        "rows": manifest["verification"]["rows"],
        "source_rows": 4,
        "left_out": [],
        "before_limits": [],
    }


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("all", "all: 6 of 6 payee-periods agree"),
        ("off", "off: nothing was recomputed"),
    ],
)
def test_everything_or_nothing(small: Path, asked: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(small), "--out", str(small / "out"), "--verify", asked, "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["verification"] == {"result": said}


def test_the_reference_says_that_it_is_the_reference(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(small), "--out", str(small / "out"), "--engine", "reference"]) == 0
    assert "reference: the interpreter that others are compared with" in capsys.readouterr().out


@pytest.mark.parametrize("asked", ["0", "-1", "some", "1.5", "", "9" * 5_000])
def test_a_sample_that_is_none(small: Path, asked: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(small), "--out", str(small / "out"), f"--verify={asked}"]) == 2
    assert "SPM655" in capsys.readouterr().err
    assert not (small / "out").exists()


@pytest.mark.plans
def test_what_takes_too_many_rows_is_named() -> None:
    found = verify(_run(TRAILHEAD), 60)
    assert found.rows <= 60
    assert "vice_president 1 company" in found.left_out
    assert 0 < found.agree < found.periods


@pytest.mark.plans
def test_the_same_inputs_draw_the_same_sample() -> None:
    first, second = _run(TRAILHEAD), _run(TRAILHEAD)
    second.tables.connection.execute("set threads = 1")
    assert verify(first, 500) == verify(second, 500)


@pytest.mark.properties
@examples(8)
@given(projects())
def test_whatever_the_project_one_payee_alone_gets_what_the_reference_pays(project: ProjectText) -> None:
    """Every payee-period, from no more rows than it needs; and the sample of a run agrees."""
    with project.opened() as (program, tables, request):
        try:
            run = run_program(program, tables, request, "reference")
        except Problems:
            return
        _assert_recomputed(run)
        verify(run_program(program, tables, request), SAMPLE_ROWS)


def _assert_recomputed(run: Run) -> None:
    program, tables = run.program, run.tables
    sources = RowsOfPayees(program, tables)
    shown = run.result.payouts.to_pylist()
    for payee, period in sorted({(row["payee"], row["period"]) for row in shown}):
        own = {
            (row["plan"], row["version"], row["component"]): int(row["amount_minor"])
            for row in shown
            if (row["payee"], row["period"]) == (payee, period)
        }
        found = {
            (item.version.name, item.version.version, item.component.name): item.amount
            for plan, names in program.component_names().items()
            for item in recompute(
                sources, rows_needed(sources, payee, period=run.names.period(period), plan=plan, names=names)
            )
        }
        assert found == own


# ---- what differs -----------------------------------------------------------------------------

Change = Callable[[Result], Result]


def _a_cent_more(result: Result) -> Result:
    """The last payout of January is a cent too high."""
    payouts = result.payouts
    amounts = [int(value) for value in payouts["amount_minor"].to_pylist()]
    at = max(number for number, label in enumerate(payouts["period"].to_pylist()) if label == "2025-01")
    amounts[at] += 1
    place = payouts.schema.get_field_index("amount_minor")
    return replace(result, payouts=payouts.set_column(place, "amount_minor", pa.array(amounts, WHOLE)))


def _a_payout_lost(result: Result) -> Result:
    return replace(result, payouts=result.payouts.filter(pc.not_equal(result.payouts["payee"], "ada")))


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[Change], None]:
    """Makes the engine give other results."""
    right = DuckDBEngine.run

    def breaks(change: Change) -> None:
        def run(self: DuckDBEngine, program: Program, tables: Tables, request: Request) -> Result:
            found = right(self, program, tables, request)
            return found if request.crediting else change(found)

        monkeypatch.setattr(DuckDBEngine, "run", run)

    return breaks


@pytest.mark.parametrize("asked", ["all", "5000"])
def test_a_cent_too_much_stops_the_run(
    small: Path, asked: str, broken: Callable[[Change], None], capsys: pytest.CaptureFixture[str]
) -> None:
    broken(_a_cent_more)
    assert main(["run", str(small), "--out", str(small / "out"), "--verify", asked]) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "SPM653" in told
    assert (
        "bert, 2025-01, base of seller 1: the engine (duckdb) pays 8.34 USD, the reference interpreter 8.33 USD" in told
    )
    assert not (small / "out").exists()


def test_a_payee_who_is_lost_stops_the_run(
    small: Path, broken: Callable[[Change], None], capsys: pytest.CaptureFixture[str]
) -> None:
    broken(_a_payout_lost)
    assert main(["run", str(small), "--out", str(small / "out")]) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "the engine (duckdb) pays nothing (USD), the reference interpreter" in told
    assert re.search(r"ada, 2025-0\d, ", told)


def _wrong(tables: Tables, rows: str) -> Tables:
    tables.connection.execute(f"create or replace view wrong as {rows}")
    return tables.narrow({"deals": '"wrong"'})


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            "from \"source:deals\" where id <> 'A-4'",
            "2025-03, base of seller 1: the engine (duckdb) pays 0.00 USD, .* 0.[13]5 USD",
        ),
        (
            'from "source:deals" union all from "source:deals" where id = \'A-4\'',
            "2025-03, base of seller 1: the engine (duckdb) pays 0.[37]0 USD, .* 0.[13]5 USD",
        ),
        (
            "from \"source:deals\" where id <> 'A-3'",
            "deals A-3: of bookings the engine (duckdb) credits nothing, .* 600.030 to no payee (no-payee)",
        ),
    ],
)
def test_a_row_lost_or_counted_twice_stops_the_run(
    small: Path,
    rows: str,
    *,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    right = DuckDBEngine.run

    def run(self: DuckDBEngine, program: Program, tables: Tables, request: Request) -> Result:
        return right(self, program, tables if request.crediting else _wrong(tables, rows), request)

    monkeypatch.setattr(DuckDBEngine, "run", run)
    assert main(["run", str(small), "--out", str(small / "out")]) == 1
    said = " ".join(capsys.readouterr().err.split())
    assert re.search(told.replace("(", r"\(").replace(")", r"\)"), said), said
    assert not (small / "out").exists()


def test_a_row_credited_to_somebody_else_stops_the_run(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    right = DuckDBEngine.run

    def run(self: DuckDBEngine, program: Program, tables: Tables, request: Request) -> Result:
        found = right(self, program, tables, request)
        if found.credits is None:
            return found
        place = found.credits.schema.get_field_index("payee")
        return replace(
            found, credits=found.credits.set_column(place, "payee", pa.array(["ada"] * found.credits.num_rows))
        )

    monkeypatch.setattr(DuckDBEngine, "run", run)
    assert main(["run", str(small), "--out", str(small / "out")]) == 1
    told = " ".join(capsys.readouterr().err.split())
    assert "SPM654" in told
    assert "deals A-2: of bookings the engine (duckdb) credits 166.665 to ada" in told
    assert "the reference interpreter 166.665 to bert" in told


# ---- the bundle -------------------------------------------------------------------------------


def test_a_bundle_shows_the_difference_and_nothing_of_the_company(
    small: Path, broken: Callable[[Change], None], capsys: pytest.CaptureFixture[str]
) -> None:
    broken(_a_cent_more)
    out = small / "bundle"
    assert main(["bundle", str(small), "--out", str(out)]) == 0
    told = capsys.readouterr().out
    assert "the engine pays 8.34 USD, the reference 8.33 USD" in told
    assert "The project differs in the same way." in told
    written = "\n".join(path.read_text(encoding="utf-8") for path in out.rglob("*") if path.is_file())
    for word in ("ada", "bert", "Bert", "bookings", "seller", "helper", "A-1", "Everybody", "deals", "small"):
        assert not re.search(rf"\b{word}\b", written), word
    assert "555.55" in written
    assert main(["check", str(out)]) == 0


@pytest.mark.plans
@pytest.mark.parametrize(("payee", "period"), [("awhitehorse", "2024-09"), ("hlindqvist", "2024-12")])
def test_a_bundle_pays_what_the_project_pays(
    payee: str, period: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["bundle", str(TRAILHEAD), "--payee", payee, "--period", period, "--out", str(tmp_path / "bundle")]
    assert main(asked) == 0
    assert "The project shows the same: both ways to compute agree." in capsys.readouterr().out


def test_a_bundle_is_never_mixed_with_other_files(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["bundle", str(small), "--payee", "ada", "--period", "2025-01", "--out", str(small)]
    assert main(asked) == 2
    assert "SPM656" in capsys.readouterr().err
