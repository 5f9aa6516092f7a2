"""What is remembered of files (`--reuse`) changes no cent: the result is that of a run which remembers nothing."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow.parquet as pq
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from spmlang.data.file_cache import Store
from spmlang.diagnostics.diagnostic import Problems
from spmlang.engines.duckdb import DuckDBEngine
from spmlang.results import Request, Result
from spmlang.run.open import open_data, open_project
from spmlang.run.run import make_request
from tests.engines.agreement import assert_agree
from tests.engines.random_projects import examples
from tests.projects import small_project
from tests.strategies.projects import ProjectText, projects

pytestmark = pytest.mark.cases

FILES = 12

SOURCES = """
sources:
  roster:
    columns:
      rate: {type: rate, scale: 4}
  orders:
    files: orders_*.parquet
    key: [id]
    columns:
      id: count
      payee: {type: text, references: roster}
      day: date
      amount: {type: money, currency: USD}
"""
ROSTER = ["p0,P,2025-01-01,,0.01", "p1,P,2025-01-01,,0.02", "p2,P,2025-01-01,,0"]

PLAN = """\
use std.calendar_year

measure bookings in USD {
  sum    orders.amount
  on     orders.day
  credit orders.payee
}

plan rep version 1 {
  effective from 2025-01-01
  for       payee.rate >= 0%
  currency  USD

  commission base {
    on   bookings
    pays 5% of bookings
  }
}
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A project with twelve files of ten orders."""
    with TemporaryDirectory() as name:
        folder = written(Path(name), SOURCES)
        for number in range(FILES):
            write_orders(folder, number)
        yield folder


def written(folder: Path, sources: str) -> Path:
    """Write the project with these sources, without its orders."""
    return small_project(PLAN, sources, roster=ROSTER).write(folder)


def write_orders(
    folder: Path, number: int, *, first: int | None = None, more: str = "0", key: str | None = None
) -> None:
    """File `number`: ten orders of its month, `more` added to each amount."""
    start = number * 10 if first is None else first
    identity = key or f"{start} + i"
    month = f"2025-{number + 1:02d}"
    rows = (
        f"select cast({identity} as bigint) as id, 'p' || (i % 3) as payee, cast('{month}-10' as date) as day, "
        f"cast(100 + i + {more} as decimal(18, 2)) as amount from range(10) t(i)"
    )
    duckdb.execute(
        f"copy ({rows}) to '{folder / 'data' / f'orders_{number:02d}.parquet'}' (format parquet, compression uncompressed)"
    )


def computed(folder: Path, reuse: Path | None, *, lines: bool = False) -> Result | Problems:
    """The result of a run over all periods, or why there is none."""
    try:
        opened = open_project(folder)
        tables, _ = open_data(opened, folder / "data", reuse=reuse)
        return DuckDBEngine().run(opened.program, tables, make_request(opened.program, tables, lines=lines))
    except Problems as problems:
        return problems


def compared(folder: Path, made: list[str] | None = None) -> Result:
    """The result of a run that remembers: that of one which does not. In `made` the names of new entries are noted."""
    before = entries(folder)
    found = computed(folder, folder / "reuse", lines=True)
    assert_agree(computed(folder, None, lines=True), found)
    assert isinstance(found, Result)
    if made is not None:
        made += entries(folder) - before
    return found


def entries(folder: Path) -> set[str]:
    """The names of all entries but those of fingerprints."""
    return {path.name for path in (folder / "reuse").glob("*/*") if path.parent.name != "files"}


def test_a_second_run_makes_nothing_new(folder: Path) -> None:
    compared(folder)
    made: list[str] = []
    compared(folder, made)
    assert made == []


def test_a_changed_file_is_the_only_one_that_is_read(folder: Path) -> None:
    before = compared(folder)
    write_orders(folder, 7, more="1000")
    made: list[str] = []
    after = compared(folder, made)
    assert paid(after) - paid(before) == 10 * 1000 * 5  # cents: 5% of 1,000.00 on each of ten orders
    assert len(made) == 7  # its facts; its sums and what does not count: by itself, in its ten, in all


def test_a_new_file_is_the_only_one_that_is_read(folder: Path) -> None:
    before = compared(folder)
    write_orders(folder, 4, first=500)
    late = folder / "data" / "orders_04.parquet"
    late.rename(folder / "data" / "orders_99.parquet")
    write_orders(folder, 4)
    made: list[str] = []
    after = compared(folder, made)
    assert paid(after) - paid(before) == sum(100 + i for i in range(10)) * 5
    assert len(made) == 7


def test_another_rate_in_the_plan_reads_no_file_at_all(folder: Path) -> None:
    before = compared(folder)
    (folder / "plan.spm").write_text(PLAN.replace("pays 5%", "pays 7%"), encoding="utf-8")
    made: list[str] = []
    after = compared(folder, made)
    assert paid(after) * 5 == paid(before) * 7
    assert made == []


def test_another_measure_reads_all_files_again(folder: Path) -> None:
    compared(folder)
    where = PLAN.replace("sum    orders.amount", "sum    orders.amount\n  where  orders.amount > 105.00 USD")
    (folder / "plan.spm").write_text(where, encoding="utf-8")
    made: list[str] = []
    compared(folder, made)
    assert len(made) == 2 * (FILES + 3)  # sums and uncounted rows: twelve files, a ten, a two, all


def test_a_file_of_the_same_size_and_time_is_seen_to_be_another(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spmlang.data.file_cache._TICK", 0)  # so young a file would be read at every run
    path = folder / "data" / "orders_03.parquet"
    before, status = compared(folder), path.stat()
    write_orders(folder, 3, more="1")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size
    assert paid(compared(folder)) - paid(before) == 10 * 5


def test_a_damaged_entry_is_made_anew(folder: Path) -> None:
    compared(folder)
    for path in (folder / "reuse").glob("*/*"):
        if path.parent.name != "files":
            path.write_bytes(path.read_bytes()[:-1] + b"!")
    compared(folder)
    for path in (folder / "reuse").glob("*/*"):
        if path.parent.name != "files":
            assert path.name.endswith(hashlib.sha256(path.read_bytes()).hexdigest())


def test_a_key_in_two_files_is_found(folder: Path) -> None:
    compared(folder)
    write_orders(folder, 5, first=41)
    problems = computed(folder, folder / "reuse")
    assert isinstance(problems, Problems)
    assert {problem.slug for problem in problems.diagnostics} == {"data-key-twice"}
    plain = computed(folder, None)
    assert isinstance(plain, Problems)
    assert plain.diagnostics == problems.diagnostics


def test_keys_in_no_order_are_held_against_those_of_before(folder: Path) -> None:
    for number in range(FILES):
        write_orders(folder, number, key=f"{(number * 5) % FILES} + 12 * ((i * 7) % 10)")
    compared(folder)
    write_orders(folder, 5, key="1000 - i")
    compared(folder)
    for twice in ("case when i = 4 then 12 else 2000 + i end", "3000 + i % 9"):  # in another file; in its own
        write_orders(folder, 5, key=twice)
        outcomes = [computed(folder, reuse) for reuse in (None, folder / "reuse")]
        plain, found = [problems.diagnostics for problems in outcomes if isinstance(problems, Problems)]
        assert plain == found
        assert {problem.slug for problem in found} == {"data-key-twice"}


def test_rows_that_are_set_aside_are_not_paid(folder: Path) -> None:
    written(folder, SOURCES.replace("    key: [id]", "    key: [id]\n    bad_rows: reject"))
    before = compared(folder)
    write_orders(folder, 5, first=41)  # nine of its keys stand in the file before
    assert paid(compared(folder)) < paid(before)


def test_a_column_may_be_called_anything(folder: Path) -> None:
    for number in range(FILES):
        path = folder / "data" / f"orders_{number:02d}.parquet"
        twice = f"select {number * 10} + i % 9 as id, 'p0' as payee, date '2025-01-10' as day, 1.00 as amount, -1 as k"
        typed = "select cast(id as bigint) as id, payee, day, cast(amount as decimal(18, 2)) as amount, cast(k as bigint) as k"
        duckdb.execute(f"copy ({typed} from ({twice} from range(10) t(i))) to '{path}' (format parquet)")
    written(folder, SOURCES.replace("      id: count\n", "      id: count\n      k: count\n"))
    outcomes = [computed(folder, reuse) for reuse in (None, folder / "reuse")]
    assert all(isinstance(problems, Problems) for problems in outcomes)


def test_a_payee_that_leaves_the_roster_is_missed(folder: Path) -> None:
    compared(folder)
    roster = folder / "data" / "roster.csv"
    roster.write_text(roster.read_text(encoding="utf-8").replace("p1,P,2025-01-01,,0.02\n", ""), encoding="utf-8")
    problems = computed(folder, folder / "reuse")
    assert isinstance(problems, Problems)
    assert {problem.slug for problem in problems.diagnostics} >= {"data-reference"}


def test_how_rows_lie_in_files_changes_nothing(folder: Path) -> None:
    split = computed(folder, None)
    data = folder / "data"
    duckdb.execute(f"copy (select * from '{data}/orders_*.parquet') to '{data}/whole.parquet' (format parquet)")
    for path in data.glob("orders_*.parquet"):
        path.unlink()
    (data / "whole.parquet").rename(data / "orders_1.parquet")
    whole = computed(folder, None)
    assert isinstance(split, Result)
    assert isinstance(whole, Result)
    assert split.payouts.equals(whole.payouts)


def test_what_was_not_used_for_long_is_removed(folder: Path) -> None:
    compared(folder)
    store = Store(folder / "reuse")
    old = next(path for path in (folder / "reuse").glob("*/*"))
    os.utime(old, (0, 0))
    foreign = old.with_name("notes.txt")
    foreign.write_text("mine")
    os.utime(foreign, (0, 0))
    store.tidy()
    assert not old.exists()
    assert foreign.exists()


@pytest.mark.parametrize("tag", [None, "", "Signature: 8a477f597d28d172789f06886806bc55"])
def test_nothing_is_remembered_in_a_folder_of_something_else(tmp_path: Path, tag: str | None) -> None:
    mine = tmp_path / "mine" / "deals" / "old.parquet"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    os.utime(mine, (0, 0))
    if tag is not None:
        (tmp_path / "mine" / "CACHEDIR.TAG").write_text(tag)
    with pytest.raises(Problems) as problems:
        Store.opened(tmp_path / "mine")
    assert [item.slug for item in problems.value.diagnostics] == ["reuse-folder-taken"]
    assert mine.read_text() == "mine"


def test_a_folder_that_another_run_is_making_is_taken(tmp_path: Path) -> None:
    (tmp_path / ".CACHEDIR.TAG.4711").write_text("Signature")
    assert Store.opened(tmp_path) == Store(tmp_path)


def test_an_empty_folder_and_a_new_one_are_taken(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "deep" / "new"):
        assert Store.opened(folder) == Store.opened(folder) == Store(folder)


@pytest.mark.properties
@examples(16)
@given(projects(), st.integers(0, 2), st.booleans())
def test_whatever_the_project(project: ProjectText, changed: int, lines: bool) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        in_parquet(project, folder)
        alike(project, folder, lines=lines)
        alike(project, folder, lines=lines)
        late = folder / "data" / f"{project.names.thing('deals')}_{changed}.parquet"
        rows = pq.read_table(late)
        pq.write_table(rows.slice(0, max(rows.num_rows - 1, 0)), late)
        alike(project, folder, lines=lines)
        grades = folder / project.names.path(project.names.thing("grades"))
        grades.write_text(grades.read_text(encoding="utf-8").replace("0.01", "0.0125"), encoding="utf-8")
        alike(project, folder, lines=lines)


def alike(project: ProjectText, folder: Path, *, lines: bool) -> None:
    """The same outcome with and without the memory."""
    outcomes: list[Result | Problems] = []
    for reuse in (None, folder / "reuse"):
        opened = open_project(folder)
        try:
            tables, _ = open_data(opened, folder / "data", reuse=reuse)
            tables.connection.execute("set threads = 1")
            calendar = opened.program.calendar
            request = Request(
                first=calendar.pay_period(project.first), last=calendar.pay_period(project.last), lines=lines
            )
            outcomes.append(replace(DuckDBEngine().run(opened.program, tables, request), costs=()))
        except Problems as problems:
            outcomes.append(problems)
    plain, remembering = outcomes
    if isinstance(plain, Problems):
        assert isinstance(remembering, Problems)
        assert plain.diagnostics == remembering.diagnostics
    else:
        assert_agree(plain, remembering)


def in_parquet(project: ProjectText, folder: Path) -> None:
    """The project with each undated table in three Parquet files."""
    project.write(folder)
    opened = open_project(folder)
    tables, _ = open_data(opened, folder / "data")
    said = yaml.safe_load(project.files["spm.yaml"])
    for contract in opened.project.contracts.values():
        if contract.dated is not None:
            continue
        columns = ", ".join(f'"{column.name}"' for column in contract.columns)
        for number in range(3):
            query = f"select {columns} from {tables.relation(contract.name)} where _row % 3 = {number} order by _row"
            rows = tables.connection.sql(query).to_arrow_table()
            named = rows.rename_columns([column.header for column in contract.columns])
            pq.write_table(named, folder / "data" / f"{contract.name}_{number}.parquet")
        said["sources"][contract.name]["files"] = f"{contract.name}_[0-9].parquet"
    (folder / "spm.yaml").write_text(yaml.safe_dump(said, allow_unicode=True), encoding="utf-8")
    tables.connection.close()


def paid(result: Result) -> int:
    """Cents paid in all."""
    return sum(int(amount) for amount in result.payouts["amount_minor"].to_pylist())
