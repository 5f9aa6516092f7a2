"""Test that the fuzzer finds differences, and that its shortcuts do not change results."""

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from spmlang.engines.pipelines import changes
from spmlang.results import Result
from spmlang.run.open import open_data, open_project
from tests.fuzz import pairs
from tests.fuzz.command import Job, main, work
from tests.fuzz.engines import DuckDBPrepared
from tests.fuzz.pairs import Made, change_dates
from tests.fuzz.plans import draw_plan
from tests.fuzz.tables import InMemoryTables, Store

pytestmark = pytest.mark.properties


class _OneCentMore(DuckDBPrepared):
    """A wrong engine whose first payout is one cent too large."""

    def run(self, tables: InMemoryTables) -> Result:
        result = super().run(tables)
        amounts = result.payouts["amount_minor"].to_pylist()
        if not amounts:
            return result
        column = pa.array([amounts[0] + 1, *amounts[1:]], pa.decimal128(38, 0))
        index = result.payouts.schema.get_field_index("amount_minor")
        return replace(result, payouts=result.payouts.set_column(index, "amount_minor", column))


class _Fallen(DuckDBPrepared):
    """An engine that raises an error."""

    def run(self, tables: InMemoryTables) -> Result:
        raise RuntimeError("no such table")


def _job(plan: int, data: range, folder: Path | None = None) -> Job:
    return Job(seed=7, plan=plan, data=data, engine="duckdb", folder=folder)


@pytest.mark.parametrize("plan", [0, 1, 2])
def test_the_engines_agree(plan: int) -> None:
    counts = work(_job(plan, range(4)))
    assert counts.pairs == 4
    assert not counts.differences


def test_a_wrong_cent_is_found_and_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pairs.ENGINES, "duckdb", (None, _OneCentMore))
    counts = work(_job(0, range(2), tmp_path))
    assert len(counts.differences) == 2 - counts.refused - counts.empty > 0
    difference = counts.differences[0]
    folder = tmp_path / f"7-0-{difference.data}"
    said = (folder / "difference.txt").read_text(encoding="utf-8")
    assert f"--seed 7 --only 0:{difference.data}" in said
    assert "payouts differ; reference:" in said
    opened = open_project(folder)
    open_data(opened, None)[0].connection.close()  # the saved project can be run
    assert [item.data for item in work(_job(0, range(difference.data, difference.data + 1))).differences] == [
        difference.data
    ]


@pytest.mark.parametrize(("made", "pairs_run"), [((None, _Fallen), 2), ((_Fallen, DuckDBPrepared), 1)])
def test_an_engine_that_falls_over_differs(
    made: tuple[Made, Made], pairs_run: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(pairs.ENGINES, "duckdb", made)
    counts = work(_job(0, range(2)))
    assert counts.pairs == len(counts.differences) == pairs_run
    assert counts.differences[0].said == "RuntimeError: no such table"


def test_the_command_says_what_it_found(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["--seed", "7", "--only", "1:2"]) == 0
    assert "seed 7: 1 pairs of 1 plans, reference and duckdb" in capsys.readouterr().out
    monkeypatch.setitem(pairs.ENGINES, "duckdb", (None, _OneCentMore))
    assert main(["--seed", "7", "--only", "0:0"]) == 1
    assert "--- seed 7, pair 0:0\npayouts differ" in capsys.readouterr().out


@pytest.mark.parametrize("plan", [1, 3, 5])
def test_tables_without_files_are_those_that_are_loaded(plan: int, tmp_path: Path) -> None:
    drawn = draw_plan(7, plan)
    data = drawn.data(3)
    drawn.project(data).write(tmp_path)
    loaded, _ = open_data(open_project(tmp_path), tmp_path / "data")
    store = Store(loaded.contracts)
    direct = store.tables(data)
    store.prepare()
    store.fill(direct)
    assert set(loaded.contracts) == set(drawn.opened.project.contracts)
    for source in loaded.contracts:
        ordered = f"select * from {loaded.relation(source)} order by _file, _row"
        expected = loaded.connection.sql(ordered).to_arrow_table()
        assert store.connection.sql(ordered).to_arrow_table().equals(expected), source
        assert direct.arrow(source, expected.column_names).equals(expected), source
        assert list(direct.rows(source)) == list(loaded.rows(source)), source
    assert changes(drawn.opened.program, loaded) == change_dates(drawn, direct)
    store.close()
    loaded.connection.close()


def test_the_numbers_decide_everything() -> None:
    first, again = draw_plan(7, 4), draw_plan(7, 4)
    assert first.text == again.text
    assert first.data(9) == again.data(9)
    assert first.data(9) != first.data(8)
    assert draw_plan(8, 4).text != first.text
