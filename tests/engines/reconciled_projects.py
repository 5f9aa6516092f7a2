"""Runs that are asserted to add up, and a hand-made project with a row in every class of the reconciliation."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from spmlang.diagnostics.diagnostic import Problems
from spmlang.outputs.reconciliation import Line, reconciliation, unpaid
from spmlang.program.measures import GroupCredit, Measure
from spmlang.program.reads import used_measures
from spmlang.program.reconciliation_classes import COUNTED, IN_FILES
from spmlang.run.run import Run, run_program
from tests.projects import Project, small_project


@contextmanager
def reconciled(project: Project, engine: str) -> Iterator[Run | None]:
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
    used = used_measures(run.program)
    for name, measure in run.program.measures.items():
        own = [line for line in lines if line.measure == name]
        if measure.source is not None:
            assert_source_adds_up(run, measure, own, used=name in used)
        if name in used and run.result.credits is not None:
            assert_credits_add_up(run, measure, own)
    for item in unpaid(run):
        assert item.first <= item.last
        assert item.line.count > 0


def assert_source_adds_up(run: Run, measure: Measure, lines: list[Line], *, used: bool) -> None:
    """Rows by whether they count are all that the files hold; shares are those of the rows that count. So are their amounts."""
    (whole,) = [line for line in lines if line.name == IN_FILES]
    assert whole.count == sum(file.rows for file in run.tables.files if file.source == measure.source)
    rows = [line for line in lines if not line.via and line.name != IN_FILES]
    assert sum(line.count for line in rows) == whole.count
    assert sum(line.untold for line in rows) == whole.untold
    assert sum(line.units or 0 for line in rows) == (whole.units or 0)
    assert all(line.units is None or line.untold < line.count or not line.count for line in (whole, *rows))
    if not used:
        assert {line.name for line in lines} <= {IN_FILES, "set-aside", "unread"}
        return
    (counted,) = [line for line in rows if line.name == COUNTED] or [
        Line(measure=measure.name, via="", name=COUNTED, reason="", count=0, units=0)
    ]
    for via, overlay in (("direct", False), ("overlay", True)):
        own = [line for line in lines if line.via == via]
        shares = [share for share in measure.credits if share.overlay is overlay]
        if not any(isinstance(share, GroupCredit) for share in shares):
            assert sum(line.count for line in own) == counted.count * len(shares)
        each = any(isinstance(share, GroupCredit) and share.by is None for share in shares)
        if not each and not overlay and counted.units is not None:
            assert sum(line.units or 0 for line in own) == counted.units


def assert_credits_add_up(run: Run, measure: Measure, lines: list[Line]) -> None:
    """Assert that each credit, and each share without a payee, is in exactly one line."""
    assert run.result.credits is not None
    credited = [row for row in run.result.credits.to_pylist() if row["measure"] == measure.name]
    nobody = [
        row for row in run.result.uncredited.to_pylist() if row["measure"] == measure.name and row["payee"] is None
    ]
    told = [line for line in lines if line.via and line.name != "counted-already"]
    if measure.distinct is None:
        assert sum(line.count for line in told) == len(credited) + len(nobody)
        assert sum(line.units or 0 for line in told) == sum(int(row["units"]) for row in [*credited, *nobody])
    gone = [row for row in run.uncredited.to_pylist() if row["measure"] == measure.name and row["payee"] is not None]
    away = [line for line in lines if line.name == "not-on-roster" and line.via != "rollup"]
    assert sum(line.count for line in away) == len(gone)
    assert sum(line.units or 0 for line in away) == sum(int(row["units"]) for row in gone)


SOURCES = """
managers: reporting

sources:
  roster:
    columns:
      role: text
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
ROSTER = """payee,name,role,from_date,through_date
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
    ("bookings", "", COUNTED, ""): (8, 6200000),
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
    ("sellers_days", "", COUNTED, ""): (5, 5),
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


DATA = {"roster": ROSTER, "reporting": MANAGERS, "orders": ORDERS}


def gone(plan: str = PLAN, *, days: tuple[date, date] | None = None, **tables: str) -> Project:
    """Return the project above, with other texts in the place of some."""
    return small_project(plan, SOURCES, days=days, **{**DATA, **tables})


def went(run: Run, *measures: str) -> dict[tuple[str, str, str, str], tuple[int, int | None]]:
    """Return the number of rows or shares, and their units, by measure, via, class and reason."""
    lines = [line for line in reconciliation(run) if not measures or line.measure in measures]
    return {(line.measure, line.via, line.name, line.reason): (line.count, line.units) for line in lines}
