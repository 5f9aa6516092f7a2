"""Every share of every row is in exactly one class, and the classes add up to what the files hold."""

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date

import yaml
from hypothesis import given
from hypothesis import strategies as st

from spmlang.engines.reference.engine import used_measures
from spmlang.model.measured import Measure, Members
from spmlang.model.plain import is_plain
from spmlang.runs.reconciliation import IN_FILES, Line, reconciliation, unpaid
from spmlang.runs.running import Run, run_program
from spmlang.source.diagnostics import Problems
from tests.engines.random_projects import few
from tests.engines.test_computed_by_hand import engines
from tests.strategies.projects import ProjectText, projects


@contextmanager
def reconciled(project: ProjectText, engine: str) -> Iterator[Run | None]:
    """A run that adds up; None where the data cannot answer."""
    with project.opened() as (program, tables, request):
        try:
            run = run_program(program, tables, request, engine)
        except Problems:
            yield None
            return
        assert_adds_up(run)
        yield run


def assert_adds_up(run: Run) -> None:
    """Counts and sums by class are those of the files, and nothing that is credited is missing or told twice."""
    lines = reconciliation(run)
    keys = [(line.measure, line.via, line.name, line.reason) for line in lines]
    assert len(keys) == len(set(keys))
    used = used_measures(run.program, run.program.plans)
    for name, measure in run.program.measures.items():
        own = [line for line in lines if line.measure == name]
        if measure.source is not None:
            assert_source_adds_up(run, measure, own, used=name in used)
        if name in used and run.result.credits is not None:
            assert_credits_add_up(run, measure, own)
    for item in unpaid(run):
        assert item.first <= item.last
        assert item.line.rows > 0


def assert_source_adds_up(run: Run, measure: Measure, lines: list[Line], *, used: bool) -> None:
    """Rows that do not count, and those of which there are shares, are all that the files hold; and so are their amounts."""
    (whole,) = [line for line in lines if line.name == IN_FILES]
    read = sum(file.rows for file in run.tables.files if file.source == measure.source)
    assert whole.rows == read
    rest = [line for line in lines if line.name != IN_FILES]
    uncounted = sum(line.rows for line in rest if not line.via)
    if not used:
        assert uncounted == whole.rows
        return
    shares = measure.credits
    if not any(isinstance(share, Members) for share in shares):
        counted, left = divmod(sum(line.rows for line in rest if line.via), len(shares))
        assert left == 0
        assert counted + uncounted == whole.rows
    each = any(isinstance(share, Members) and share.by is None and not share.overlay for share in shares)
    if whole.units is not None and not each and not any(line.name == "set-aside" for line in rest):
        known = measure.value is None or is_plain(run.program, measure.value)
        assert known
        assert sum(line.units or 0 for line in rest if line.via in ("", "direct")) == whole.units


def assert_credits_add_up(run: Run, measure: Measure, lines: list[Line]) -> None:
    """What was credited, and what has nobody to go to, is told once."""
    assert run.result.credits is not None
    credited = [row for row in run.result.credits.to_pylist() if row["measure"] == measure.name]
    nobody = [
        row for row in run.result.uncredited.to_pylist() if row["measure"] == measure.name and row["payee"] is None
    ]
    told = [line for line in lines if line.via and line.name != "counted-already"]
    assert sum(line.rows for line in told) == len(credited) + len(nobody)
    assert sum(line.units or 0 for line in told) == sum(int(row["units"]) for row in [*credited, *nobody])
    gone = [
        row for row in run.result.uncredited.to_pylist() if row["measure"] == measure.name and row["payee"] is not None
    ]
    away = [line for line in lines if line.name == "not-on-roster" and line.via != "rollup"]
    assert sum(line.rows for line in away) == len(gone)
    assert sum(line.units or 0 for line in away) == sum(int(row["units"]) for row in gone)


@few
@given(projects(), engines)
def test_the_classes_add_up(project: ProjectText, engine: str) -> None:
    with reconciled(project, engine):
        pass


@few
@given(projects(), st.integers(0, 3), engines)
def test_rows_that_are_set_aside_are_told(project: ProjectText, bad: int, engine: str) -> None:
    files = dict(project.files)
    deals = project.names.thing("deals")
    said = yaml.safe_load(files["spm.yaml"])
    said["sources"][deals]["bad_rows"] = "reject"
    files["spm.yaml"] = yaml.safe_dump(said, sort_keys=False, allow_unicode=True)
    path = project.names.path(deals)
    head, *rows = files[path].splitlines()
    wrong = [",".join(["?"] * len(next(csv.reader([head])))) for _ in range(bad)]
    files[path] = "\n".join([head, *wrong, *rows]) + "\n"
    with reconciled(replace(project, files=files), engine) as run:
        if run is not None:
            assert {line.rows for line in reconciliation(run) if line.name == "set-aside"} <= {bad}


YAML = """name: gone
roster: roster
managers: reporting
data: data
sources:
  roster:
    files: roster.csv
    key: [payee]
    dated: {from: first, through: last}
    columns:
      payee: text
      name: text
      role: text
      first: date
      last: {type: date, optional: true}
  reporting:
    files: reporting.csv
    key: [payee]
    dated: {from: first}
    columns:
      payee: {type: text, references: roster}
      manager: {type: text, references: roster}
      first: date
  orders:
    files: orders.csv
    key: [order]
    columns:
      order: text
      day: date
      seller: {type: text, references: roster, optional: true}
      helper: {type: text, references: roster, optional: true}
      state: text
      amount: {type: money, currency: USD}
"""
PLAN = """calendar plain {
  year starts January
  pay monthly
}

measure bookings in USD {
  sum    orders.amount
  where  orders.state == "won"
  on     orders.day
  credit orders.seller, overlay orders.helper 50%
}

measure team in USD {
  rollup bookings to manager of payee
}

measure sellers_days {
  count distinct orders.day each month
  where  orders.state == "won" and orders.seller is present
  on     orders.day
  counts from 2025-01-01 through 2025-02-28
  credit orders.seller
}

plan rep version 1 {
  effective from 2025-01-01
  for       payee.role == "rep"
  currency  USD

  commission base {
    pays 10% of bookings
  }

  bonus busy {
    pays 1.00 USD * sellers_days
  }
}

plan boss version 1 {
  effective from 2025-01-01
  for       payee.role == "boss"
  currency  USD

  commission override {
    pays 1% of team
  }
}
"""
ROSTER = """payee,name,role,first,last
ann,Ann,rep,2025-01-01,2025-02-15
bob,Bob,rep,2025-02-01,
cyd,Cyd,Rep,2025-01-01,
mia,Mia,boss,2025-01-01,2025-01-31
"""
MANAGERS = """payee,manager,first
ann,mia,2025-01-01
bob,mia,2025-01-01
"""
ORDERS = """order,day,seller,helper,state,amount
1,2025-01-10,ann,,won,100.00
2,2025-01-10,ann,bob,won,10.00
3,2025-02-10,ann,,won,1000.00
4,2025-02-16,ann,,won,5000.00
5,2025-02-20,bob,,lost,7.00
6,2025-02-20,cyd,,won,20.00
7,2025-03-20,bob,,won,30.00
8,2025-03-21,,,won,40.00
9,2025-03-22,ann,,won,0.00
"""

#: measure, via, class, reason: rows, and thousandths of a dollar (half a cent has three places), or a count.
WENT = {
    ("bookings", "", IN_FILES, ""): (9, 6207000),
    ("bookings", "direct", "read", ""): (4, 1140000),
    ("bookings", "direct", "no-plan", "on-no-plan"): (1, 20000),
    ("bookings", "direct", "not-on-roster", "after-leaving"): (2, 5000000),
    ("bookings", "direct", "uncredited", "no-payee"): (1, 40000),
    ("bookings", "", "left-out", "where"): (1, 7000),
    ("bookings", "overlay", "not-on-roster", "before-joining"): (1, 5000),
    ("bookings", "overlay", "uncredited", "no-payee"): (7, 3095000),
    ("team", "rollup", "read", ""): (2, 110000),
    ("team", "rollup", "not-on-roster", "after-leaving"): (4, 6030000),
    ("sellers_days", "", IN_FILES, ""): (9, 9),
    ("sellers_days", "direct", "read", ""): (2, 2),
    ("sellers_days", "direct", "counted-already", ""): (1, 1),
    ("sellers_days", "direct", "no-plan", "on-no-plan"): (1, 1),
    ("sellers_days", "direct", "not-on-roster", "after-leaving"): (1, 1),
    ("sellers_days", "", "left-out", "where"): (1, 1),
    ("sellers_days", "", "outside", "counts"): (3, 3),
}

UNPAID = [
    ("ann", "bookings", "direct", "after-leaving", "2025-02", "2025-03", 2),
    ("ann", "sellers_days", "direct", "after-leaving", "2025-02", "2025-02", 1),
    ("bob", "bookings", "overlay", "before-joining", "2025-01", "2025-01", 1),
    ("cyd", "bookings", "direct", "on-no-plan", "2025-02", "2025-02", 1),
    ("cyd", "sellers_days", "direct", "on-no-plan", "2025-02", "2025-02", 1),
    ("mia", "team", "rollup", "after-leaving", "2025-02", "2025-03", 4),
]


@given(engines)
@few
def test_who_is_gone_who_is_on_no_plan_and_what_does_not_count(engine: str) -> None:
    data = {"roster": ROSTER, "reporting": MANAGERS, "orders": ORDERS}
    files = {"spm.yaml": YAML, "plan.spm": PLAN, **{f"data/{name}.csv": text for name, text in data.items()}}
    project = ProjectText(files, date(2025, 1, 1), date(2025, 3, 31))
    with reconciled(project, engine) as run:
        assert run is not None
        lines, told = reconciliation(run), unpaid(run)
        gone = Counter((row["key"], row["payee"]) for row in run.result.uncredited.to_pylist() if row["payee"])
    assert {(line.measure, line.via, line.name, line.reason): (line.rows, line.units) for line in lines} == WENT
    assert [
        (item.payee, item.line.measure, item.line.via, item.line.reason, item.first, item.last, item.line.rows)
        for item in told
    ] == UNPAID
    assert gone == {("2", "bob"): 1, ("4", "ann"): 2, ("9", "ann"): 1}
