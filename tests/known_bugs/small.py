"""Write a small project in a few lines of text, and show what an engine makes of it, as exact decimals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from spmlang.outputs.folder import whole_folder
from spmlang.outputs.line_tables import line_sink
from spmlang.outputs.payments import payments
from spmlang.outputs.summary import summarized
from spmlang.outputs.write_folder import write_outputs
from spmlang.run.run import Run
from spmlang.values.calendar import Interval
from tests.projects import BOOKINGS, Project, plan_text, small_project

#: Amounts by period and component (or by whatever a test asks for).
Amounts = dict[tuple[str, str], Decimal]

_SOURCES = """
sources:
  deals:
    columns:
      number: text
      quantity: {type: count, optional: true}
      reason: {type: text, optional: true}
  teams:
    files: teams.csv
    key: [deal, payee]
    columns:
      deal: text
      payee: {type: text, references: roster}
      share: {type: rate, scale: 4}
"""

#: Every plan text begins with these.
_COMMON = (
    BOOKINGS
    + """\
measure sales_made {
  count  deals
  on     deals.day
  credit deals.seller
}

measure units {
  sum    deals.quantity or else 0
  on     deals.day
  credit deals.seller
}

"""
)


def plan(said: str) -> str:
    """Return a plan of one version for everybody, with these components and terms."""
    return plan_text(said, through="2025-12-31")


def small(
    text: str,
    deals: Iterable[str],
    *,
    targets: Iterable[str] = (),
    teams: Iterable[str] = (),
    payees: Iterable[str] = ("ann",),
) -> Project:
    """Return a project with this text below the calendar and the measures, and rows whose fields have blanks between them.

    A deal is `name day seller amount [quantity [reason]]`, a target `payee first-day amount`, a share `deal payee share`.
    """
    return small_project(
        _COMMON + text,
        _SOURCES,
        roster=[f"{who},{who},2025-01-01" for who in payees],
        deals=_rows(deals),
        targets=_rows(targets),
        teams=_rows(teams),
    )


def _rows(rows: Iterable[str]) -> list[str]:
    return [",".join(row.split()) for row in rows]


@dataclass
class Bench:
    """Runs small projects with one engine, each in a folder of its own."""

    folder: Path
    engine: str
    made: int = 0

    def run(self, project: Project, first: str | None = None, last: str | None = None) -> Run:
        """The run of a project from one named period through another; without names, of all periods with data."""
        self.made += 1
        return project.run(self.folder / f"{self.made}", self.engine, first, last or first, lines=True)

    def amounts(self, project: Project, first: str | None = None, last: str | None = None) -> Amounts:
        """What each component pays in each period, all payees and versions together."""
        return amounts(self.run(project, first, last))

    def outputs(self, project: Project, first: str | None = None, last: str | None = None) -> dict[str, bytes]:
        """The bytes of every file that the run writes."""
        run = self.run(project, first, last)
        with whole_folder(self.folder / f"{self.made}_out") as folder:
            sink = line_sink(run.program, folder)
            for name, table in (("credits", run.result.credits), ("lines", run.result.lines)):
                sink(name, [table])
            write_outputs(run, summarized(run), folder)
            return {file.name: file.read_bytes() for file in folder.iterdir()}


def amounts(run: Run) -> Amounts:
    """What each component pays in each period, all payees and versions together."""
    found: Amounts = {}
    for row in run.result.payouts.to_pylist():
        at = (row["period"], row["component"])
        found[at] = found.get(at, Decimal(0)) + cents(row["amount_minor"])
    return found


def paid(run: Run) -> dict[str, Decimal]:
    """What payroll sends in each period, all payees together."""
    found: dict[str, Decimal] = {}
    for item in payments(run).balances.to_pylist():
        found[item["period"]] = found.get(item["period"], Decimal(0)) + cents(item["paid"])
    return found


def of_rows(run: Run) -> list[tuple[str, str, Decimal]]:
    """Which row of deals earned how much in which component."""
    assert run.result.lines is not None
    rows = run.result.lines.to_pylist()
    return [(row["component"], row["key"], cents(row["amount_minor"])) for row in rows]


def by_component(found: Amounts) -> dict[str, Decimal]:
    """Amounts of all periods together."""
    sums: dict[str, Decimal] = {}
    for (_, component), amount in found.items():
        sums[component] = sums.get(component, Decimal(0)) + amount
    return sums


def of(found: Amounts, component: str) -> dict[str, Decimal]:
    """A component's amounts by period."""
    return {period: amount for (period, name), amount in found.items() if name == component}


def cents(amount: Decimal | int) -> Decimal:
    """Minor units as an amount."""
    return Decimal(int(amount)).scaleb(-2)


def periods(run: Run) -> Iterator[Interval]:
    """The pay periods of a run, one by one."""
    calendar = run.program.calendar
    yield from calendar.intervals(calendar.pay, run.request.first.start, run.request.last.end)
