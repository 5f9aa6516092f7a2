"""What is told of a transaction is what a run credits: row by row, for everybody and for each payee."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given

from spmlang.data.tables import Row, Tables
from spmlang.diagnostics.diagnostic import Problems
from spmlang.explain.payouts import Reason
from spmlang.explain.transactions import Transaction, explain_transaction
from spmlang.program.program import Program
from spmlang.program.reads import used_measures
from spmlang.reference.credits.credit_rows import Credit, Uncredited, shown_key
from spmlang.reference.reconciliation import not_on_roster
from spmlang.reference.sources.lazy_rows import LazySourceRows
from spmlang.reference.trace import reading_components, trace
from spmlang.results import Request, Result
from spmlang.run.open import open_data, open_project
from spmlang.run.run import engine_named, make_request
from tests.docs.console import build
from tests.docs.pages import DOCS
from tests.engines.random_projects import examples
from tests.strategies.drawing import LAST
from tests.strategies.projects import ProjectText, projects

TRAILHEAD = Path(__file__).parents[2] / "plans" / "trailhead_outdoor"

Rows = Counter[tuple[object, ...]]
Records = list[dict[str, Any]]


class _Asked:
    """A project's rows, and what a run makes of them."""

    def __init__(self, program: Program, tables: Tables, request: Request) -> None:
        self.program = program
        self.tables = tables
        self.request = request
        self.sources = LazySourceRows(program, tables)
        self.used = used_measures(program)
        self.result: Result = engine_named("duckdb").run(program, tables, request)
        assert self.result.credits is not None
        assert self.result.lines is not None
        self.credited, self.uncredited = (
            _by_row(table.to_pylist()) for table in (self.result.credits, self.result.uncredited)
        )
        self.lines = _by_row(self.result.lines.to_pylist())
        self.paid = {
            tuple(row[name] for name in ("period", "payee", "plan", "version", "component"))
            for row in self.result.payouts.to_pylist()
        }

    def rows(self) -> Iterator[tuple[str, Row]]:
        for source in sorted({item.source for item in self.program.measures.values() if item.source is not None}):
            yield from ((source, row) for row in self.tables.rows(source))

    def told(self, items: Iterable[Credit | Uncredited]) -> list[Credit | Uncredited]:
        """Of what is told, that which this run looks at."""
        return [item for item in items if item.measure in self.used and item.day <= self.request.last.end]

    def assert_told(self, source: str, row: Row, credits: Iterable[Credit], uncredited: Iterable[Uncredited]) -> None:
        """The same credits as in the run; what nobody got; and the components that the run pays by each credit."""
        at = (source, shown_key(row))
        own = self.told(credits)
        since = self.sources.first_day
        for told, run in ((own, self.credited[at]), (self.told(uncredited), self.uncredited[at])):
            assert self.flat(told) == Counter(_flat(item) for item in run if item["day"] >= since), at
        read = set()
        for credit in own:
            assert isinstance(credit, Credit)
            for item in reading_components(self.sources, credit.measure, credit.payee, credit.day):
                name = (item.version.name, item.version.version, item.component.name)
                read.add((item.period.label, credit.payee, *name, credit.measure))
                if item.period.index <= self.request.last.index:
                    assert (item.period.label, credit.payee, *name) in self.paid, at
        named = ("period", "payee", "plan", "version", "component", "measure")
        paid = {tuple(line[name] for name in named) for line in self.lines[at] if line["day"] >= since}
        assert paid <= read, at

    def flat(self, items: Iterable[Credit | Uncredited]) -> Rows:
        found: Rows = Counter()
        for item in items:
            units = item.amount * 10 ** self.program.measures[item.measure].type.scale
            found[_flat({**vars(item), "units": int(units)})] += 1
            assert units.denominator == 1
        return found


def _by_row(rows: Records) -> dict[tuple[object, object], Records]:
    found: dict[tuple[object, object], Records] = defaultdict(list)
    for row in rows:
        found[row["source"], row["key"]].append(row)
    return found


def _flat(row: dict[str, Any]) -> tuple[object, ...]:
    """A credit or an uncredited amount, without its place among others."""
    names = ("measure", "payee", "reason", "day", "source", "key", "rule", "via", "territory", "file", "row", "units")
    return tuple(row.get(name) for name in names)


def _below(reasons: Iterable[Reason]) -> Iterator[Reason]:
    for reason in reasons:
        yield reason
        yield from _below(reason.because)


def _assert_shown(told: Transaction) -> None:
    """Every credit stands in the tree, with its payee and an amount; and whoever is told to get something has a credit."""
    shown = [reason.text.split(",")[0] for reason in _below(told.reasons) if reason.amount is not None]
    for payee, count in Counter(item.payee for item in told.credits).items():
        assert shown.count(payee) == count
    assert all(reason.source for reason in _below(told.reasons))


@pytest.mark.plans
def test_every_row_of_the_sample_company_is_told_as_it_is_credited() -> None:
    opened = open_project(TRAILHEAD)
    tables, _ = open_data(opened, None)
    tables.connection.execute("set threads = 1")  # faster on tables so small
    asked = _Asked(opened.program, tables, make_request(opened.program, tables, lines=True))
    seen = 0
    for source, row in asked.rows():
        found = trace(asked.sources, source, row).values()
        credits = [item for traced in found for item in traced.credits]
        nobody = [
            item for traced in found for item in (*traced.uncredited, *not_on_roster(asked.sources, traced.credits))
        ]
        asked.assert_told(source, row, credits, nobody)
        seen += len(credits)
        if int(str(row["_row"])) % 97 == 0:
            told = explain_transaction(opened.program, tables, source=source, key=shown_key(row), payee=None)
            assert list(told.credits) == credits
            _assert_shown(told)
    assert seen > 10_000


@pytest.mark.properties
@examples(8)
@given(projects())
def test_whatever_the_project_its_rows_are_told_as_they_are_credited(project: ProjectText) -> None:
    with project.opened() as (program, tables, request):
        later = replace(request, last=program.calendar.pay_period(LAST))
        try:
            asked = _Asked(program, tables, later)
        except Problems:
            return
        payees = sorted({str(row["payee"]) for row in tables.rows(program.roster)})
        for number, (source, row) in enumerate(asked.rows()):
            name = shown_key(row) if number % 2 else f"{row['_file']}, row {row['_row']}"
            told = explain_transaction(program, tables, source=source, key=name, payee=None)
            assert told.key == shown_key(row)
            asked.assert_told(source, row, told.credits, told.uncredited)
            _assert_shown(told)
            payee = payees[number % len(payees)]
            alone = explain_transaction(program, tables, source=source, key=shown_key(row), payee=payee)
            assert alone.credits == tuple(item for item in told.credits if item.payee == payee)
            assert alone.uncredited == told.uncredited
            _assert_shown(alone)


def _lines(folder: Path, source: str, key: str, payee: str | None = None) -> list[str]:
    """What is told, a line for each reason."""
    opened = open_project(folder)
    tables, _ = open_data(opened, None)
    told = explain_transaction(opened.program, tables, source=source, key=key, payee=payee)
    return [f"{item.text} [{item.source}]" for item in _below(told.reasons)]


def test_members_and_managers_are_told_as_of_the_day(tmp_path: Path) -> None:
    build(DOCS / "mechanics" / "teams.md", tmp_path)
    everybody = _lines(tmp_path, "orders", "1")
    assert "ann, member of east in teams from 2025-01-01 through 2025-01-31 with 60% [teams.csv, row 1]" in everybody
    assert "mia, manager of ann from 2025-01-01 [reporting.csv, row 1]" in everybody
    assert "what gus got is an overlay, which is not passed on [plans.spm:6]" in everybody
    cat = _lines(tmp_path, "orders", "1", "cat")
    assert "cat is a member of east in teams from 2025-02-01, not on 2025-01-10 [teams.csv, row 5]" in cat
    assert "ann was credited with bookings, and is managed on 2025-01-10 by mia [reporting.csv, row 1]" in cat
    assert "mia is a member of no group in teams on 2025-01-10 [plans.spm:16]" in _lines(tmp_path, "orders", "1", "mia")


def test_owners_and_managers_of_other_days_are_told() -> None:
    calder = _lines(TRAILHEAD, "orders", "10234", "icalder")
    assert "icalder owns territory pacific from 2025-09-15, not on 2024-09-13 [territories.spm:8]" in calder
    assert "icalder is the manager of awhitehorse from 2025-09-15, not on 2024-09-13 [managers.csv, row 2]" in calder
    delacroix = _lines(TRAILHEAD, "orders", "10234", "mdelacroix")
    only = (
        "mdelacroix is 2 levels above awhitehorse on 2024-09-13; only the direct manager gets it [managers.csv, row 10]"
    )
    assert only in delacroix
    assert 'orders.customer.segment is "Independent" [customers.csv, row 3]' in delacroix
    lindqvist = _lines(TRAILHEAD, "orders", "10234", "hlindqvist")
    assert "hlindqvist, owner of territory pacific from 2024-07-01 through 2025-09-14 [territories.spm:7]" in lindqvist
    assert "order_lines with this order: 10234|1, 10234|2, 10234|3, 10234|4 [order_lines.csv, row 508]" in lindqvist


def test_whoever_is_first_with_a_value_is_told(tmp_path: Path) -> None:
    build(DOCS / "mechanics" / "crediting.md", tmp_path)
    orders = tmp_path / "data" / "orders.csv"
    orders.write_text(orders.read_text(encoding="utf-8") + "5,2025-01-31,ann,OR,chair,1,9.00,1.00\n", encoding="utf-8")
    with (tmp_path / "plans.spm").open("a", encoding="utf-8") as plans:
        plans.write(
            "\nmeasure kinds {\n  count  distinct orders.product each month\n  on     orders.day\n"
            "  credit orders.seller\n  counts from 2025-01-20\n}\n"
        )
    told = _lines(tmp_path, "orders", "5")
    assert "ann, named by orders.seller, gets nothing for it [orders.csv, row 5]" not in told
    early = _lines(tmp_path, "orders", "1")
    assert any(line.startswith("only rows dated from 2025-01-20 count [plans.spm:") for line in early)
    orders.write_text(orders.read_text(encoding="utf-8").replace("1,2025-01-10", "1,2025-01-30"), encoding="utf-8")
    told = _lines(tmp_path, "orders", "5")
    assert "ann, named by orders.seller, gets nothing for it [orders.csv, row 5]" in told
    assert 'orders 1 of 2025-01-30 came first in 2025-01: orders.product is "chair" [orders.csv, row 1]' in told
