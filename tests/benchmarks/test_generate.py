"""Test that the generated company is the same for the same seed, and has the rows that the plans need."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from tests.benchmarks.generate import generate
from tests.benchmarks.people import FEWEST, LEVELS, levels

ROWS, PAYEES, SEED = 3_000, 120, 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("company")
    generate(found, ROWS, payees=PAYEES, seed=SEED)
    return found


def ask(folder: Path, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect() as connection:
        connection.execute("set file_search_path = ?", [folder.as_posix()])
        return connection.sql(query).fetchall()


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    generate(tmp_path, ROWS, payees=PAYEES, seed=SEED)
    names = sorted(path.name for path in folder.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir())
    for name in names:
        assert (folder / name).read_bytes() == (tmp_path / name).read_bytes()


def test_several_files_hold_the_rows_of_one(folder: Path, tmp_path: Path) -> None:
    generate(tmp_path, ROWS, payees=PAYEES, seed=SEED, files=3)
    names = [f"orders_{number:03d}.parquet" for number in (1, 2, 3)]
    assert sorted(path.name for path in tmp_path.glob("*.parquet")) == names
    rows = "from 'orders_*.parquet' order by id"
    assert ask(tmp_path, rows) == ask(folder, rows)
    assert (tmp_path / "targets.csv").read_bytes() == (folder / "targets.csv").read_bytes()


def test_another_seed_gives_other_rows(folder: Path, tmp_path: Path) -> None:
    generate(tmp_path, ROWS, payees=PAYEES, seed=SEED + 1)
    total = "select sum(amount) from 'orders_*.parquet'"
    assert ask(tmp_path, total) != ask(folder, total)


def test_a_tenth_of_the_rows_take_back_a_sale_often_of_another_month(folder: Path) -> None:
    ((returns, elsewhere, orphans),) = ask(
        folder,
        "select count(*), count(*) filter (month(r.day) <> month(s.day)), count(*) filter (s.id is null) "
        "from 'orders_*.parquet' r left join 'orders_*.parquet' s on s.id // 10 = r.id // 10 and s.payee = r.payee "
        "and s.amount = -r.amount and s.local = -r.local and s.day <= r.day and s.product = r.product where r.amount < 0",
    )
    assert returns == ROWS // 10
    assert isinstance(elsewhere, int)
    assert isinstance(orphans, int)
    assert elsewhere > ROWS // 40
    assert 0 < orphans < ROWS // 50  # of sales of the year before


def test_the_first_payees_are_the_busiest(folder: Path) -> None:
    counts = ask(folder, "select count(*) from 'orders_*.parquet' group by payee order by count(*) desc")
    busiest = [int(str(count)) for (count,) in counts[: PAYEES // 10]]
    assert sum(busiest) > ROWS // 4


def test_every_line_has_six_levels_and_some_change(folder: Path) -> None:
    depths = ask(
        folder,
        "with recursive line as (select payee, 1 as depth from 'roster.csv' where level = 1 union "
        "select r.manager, depth + 1 from line join 'reporting.csv' r using (payee)) select max(depth) from line",
    )
    assert depths == [(LEVELS,)]
    ((moved,),) = ask(folder, "select count(*) from 'reporting.csv' where from_date > date '2025-01-01'")
    ((promoted,),) = ask(folder, "select count(*) from 'roster.csv' where from_date > date '2025-01-01'")
    assert moved
    assert promoted


@pytest.mark.parametrize("payees", [FEWEST, 120, 5_000, 100_000])
def test_levels_grow_smaller_and_hold_everybody(payees: int) -> None:
    found = levels(payees)
    assert [each.level for each in found] == list(range(1, LEVELS + 1))
    assert sum(each.size for each in found) == payees
    assert [each.first for each in found] == [sum(e.size for e in found[:number]) for number in range(LEVELS)]
    leaders = [each.size for each in found[1:]]
    assert leaders == sorted(leaders, reverse=True)
    assert leaders[-1] == 1


def test_too_few_payees_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 50"):
        levels(FEWEST - 1)
