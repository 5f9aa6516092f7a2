"""Nothing that a run pays depends on the order of rows, statements and files, on how they are cut, on threads or on a rerun."""

import random
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pyarrow as pa
import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from spmlang.results import Result
from tests.engines.agreement import TABLES
from tests.strategies.projects import ProjectText, projects

from .random_projects import few, result, run_by

pytestmark = pytest.mark.properties


def same(first: Result | None, second: Result | None, *, places: bool = True) -> bool:
    """Return True if the tables are equal; without `places`, file and row are not compared."""
    if first is None or second is None:
        return first is second
    for name in TABLES:
        tables = []
        for found in (first, second):
            table: pa.Table = getattr(found, name)
            tables.append(table if places or "row" not in table.schema.names else table.drop(["file", "row"]))
        if not tables[0].equals(tables[1]):
            return False
    return True


# ---- nothing depends on order -----------------------------------------------------------------


@few
@given(projects(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(project: ProjectText, chance: random.Random) -> None:
    files = dict(project.files)
    for path, text in files.items():
        if path.endswith(".csv"):
            head, *rows = text.splitlines()
            chance.shuffle(rows)
            files[path] = "\n".join([head, *rows]) + "\n"
    assert same(result(project), result(replace(project, files=files)), places=False)


@few
@given(projects(), st.randoms(use_true_random=False))
def test_the_order_of_statements_and_files_changes_nothing(project: ProjectText, chance: random.Random) -> None:
    texts = [text for path, text in project.files.items() if path.endswith(".spm")]
    items = [item for text in texts for item in _items(text)]
    chance.shuffle(items)
    files = {path: text for path, text in project.files.items() if not path.endswith(".spm")}
    files["all.spm"] = "\n".join(_shuffled(item, chance) for item in items)
    assert same(result(project), result(replace(project, files=files)))


def _items(text: str) -> list[str]:
    """The top-level items of a file, without its `use` lines."""
    return re.findall(r"^\w[^\n]* \{\n(?:  [^\n]*\n)*\}\n", text, flags=re.MULTILINE)


def _shuffled(item: str, chance: random.Random) -> str:
    """An item with its statements in another order."""
    head, *body, end = item.splitlines()
    statements: list[list[str]] = []
    for line in body:
        if line.startswith("  ") and line[2] not in " }":
            statements.append([])
        statements[-1].append(line)
    chance.shuffle(statements)
    return "\n".join([head, *(line for statement in statements for line in statement), end]) + "\n"


@few
@given(projects(), st.randoms(use_true_random=False))
def test_a_roster_row_that_changes_nothing_changes_nothing(project: ProjectText, chance: random.Random) -> None:
    """But for components that pay each row's part of the days, which is rounded by itself."""
    files = dict(project.files)
    path = project.names.path(project.names.thing("roster"))
    head, *rows = files[path].splitlines()
    files[path] = "\n".join([head, *(part for row in rows for part in _in_two(row, chance))]) + "\n"
    with project.opened() as (program, _, _):
        assume(all(component.prorated is None for plan in program.plans for component in plan.components))
    for engine in ("duckdb", "reference"):
        first, second = result(project, engine), result(replace(project, files=files), engine)
        assert same(first, second, places=False)


def _in_two(row: str, chance: random.Random) -> list[str]:
    """A roster row as two, of which the second one has another name."""
    payee, name, *terms, start, end = row.split(",")
    first = date.fromisoformat(start)
    last = date.fromisoformat(end) if end else first + timedelta(days=200)
    if first == last:
        return [row]
    cut = first + timedelta(days=chance.randint(1, (last - first).days))
    before = ",".join([payee, name, *terms, start, str(cut - timedelta(days=1))])
    return [before, ",".join([payee, f"{name} II", *terms, str(cut), end])]


@few
@given(projects(), st.integers(0, 40))
def test_the_number_of_files_changes_nothing(project: ProjectText, cut: int) -> None:
    files = dict(project.files)
    deals = project.names.thing("deals")
    head, *rows = files.pop(project.names.path(deals)).splitlines()
    said = yaml.safe_load(files["spm.yaml"])
    said["sources"][deals]["files"] = "parts/*.csv"
    files["spm.yaml"] = yaml.safe_dump(said, sort_keys=False, allow_unicode=True)
    files["data/parts/1.csv"] = "\n".join([head, *rows[:cut]]) + "\n"
    files["data/parts/2.csv"] = "\n".join([head, *rows[cut:]]) + "\n"
    assert same(result(project), result(replace(project, files=files)), places=False)


@few
@given(projects())
def test_a_rerun_and_other_threads_change_nothing(project: ProjectText) -> None:
    with project.opened() as (program, tables, request):
        first = run_by("duckdb", program, tables, request)
        assert same(first, run_by("duckdb", program, tables, request))
        tables.connection.execute("set threads = 4")
        assert same(first, run_by("duckdb", program, tables, request))


def test_statements_can_be_told_apart() -> None:
    """The helpers above see every item and every statement."""
    text = "use a\n\nmeasure m {\n  sum a.b\n  on a.c\n}\n\nplan p version 1 {\n  bonus b {\n    pays 1 USD\n  }\n}\n"
    items = _items(text)
    assert [item.split()[0] for item in items] == ["measure", "plan"]
    keep: Callable[[list[object]], None] = list.reverse
    backward = random.Random()
    backward.shuffle = keep  # type: ignore[method-assign, assignment]
    assert _shuffled(items[0], backward) == "measure m {\n  on a.c\n  sum a.b\n}\n"
