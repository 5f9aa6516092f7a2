"""A small project made from a few lines of text, and what an engine makes of it, as exact decimals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from spmlang.outputs.folder import whole_folder
from spmlang.outputs.line_tables import line_sink
from spmlang.outputs.payments import payments
from spmlang.outputs.summary import summarized
from spmlang.outputs.write_folder import write_outputs
from spmlang.run.open import open_data, open_project
from spmlang.run.run import Run, make_request, run_program
from spmlang.values.calendar import Interval

#: Amounts by period and component (or by whatever a test asks for).
Amounts = dict[tuple[str, str], Decimal]

_SETTINGS = """\
name: known_bugs
roster: roster

sources:
  roster:
    files: roster.csv
    key: [payee]
    dated: {from: from_date, through: through_date}
    columns:
      payee: text
      name: text
      from_date: date
      through_date: {type: date, optional: true}
  deals:
    files: deals.csv
    key: [deal]
    columns:
      deal: text
      day: date
      seller: {type: text, references: roster}
      amount: {type: money, currency: USD}
      quantity: {type: count, optional: true}
      reason: {type: text, optional: true}
  targets:
    files: targets.csv
    key: [payee, period]
    columns:
      payee: {type: text, references: roster}
      period: date
      target: {type: money, currency: USD}
  teams:
    files: teams.csv
    key: [deal, payee]
    columns:
      deal: text
      payee: {type: text, references: roster}
      share: {type: rate, scale: 4}
"""

#: Every plan text begins with these.
_COMMON = """\
calendar plain {
  year starts January
  pay monthly
}

measure bookings in USD {
  sum    deals.amount
  on     deals.day
  credit deals.seller
}

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

_PLAN = """\
plan rep version 1 {{
  effective from 2025-01-01 through 2025-12-31
  for       payee.name != ""
  currency  USD
{said}
}}
"""


def plan(said: str) -> str:
    """A plan of one version for everybody, with these components and terms."""
    return _PLAN.format(said=said)


@dataclass(frozen=True, kw_only=True)
class Small:
    """Plan text below the calendar and the measures of `_COMMON`, and rows whose fields have blanks between them.

    A deal is `name day seller amount [quantity [reason]]`, a target `payee first-day amount`, a share `deal payee share`.
    """

    text: str
    deals: Iterable[str]
    targets: Iterable[str] = ()
    teams: Iterable[str] = ()
    payees: Iterable[str] = field(default=("ann",))

    def write(self, folder: Path) -> None:
        """The project's files in a folder."""
        folder.mkdir(parents=True)
        files = {
            "spm.yaml": _SETTINGS,
            "plan.spm": _COMMON + self.text,
            "roster.csv": _rows(
                "payee name from_date through_date", (f"{who} {who} 2025-01-01" for who in self.payees)
            ),
            "deals.csv": _rows("deal day seller amount quantity reason", self.deals),
            "targets.csv": _rows("payee period target", self.targets),
            "teams.csv": _rows("deal payee share", self.teams),
        }
        for name, content in files.items():
            (folder / name).write_text(content, encoding="utf-8", newline="\n")


def _rows(header: str, rows: Iterable[str]) -> str:
    width = len(header.split())
    lines = (row.split() for row in (header, *rows))
    return "".join(",".join([*line, *[""] * (width - len(line))]) + "\n" for line in lines)


@dataclass
class Bench:
    """Runs small projects with one engine, each in a folder of its own."""

    folder: Path
    engine: str
    made: int = 0

    def run(self, small: Small, first: str | None = None, last: str | None = None) -> Run:
        """The run of a project from one named period through another; without names, of all periods with data."""
        self.made += 1
        folder = self.folder / f"{self.made}"
        small.write(folder)
        opened = open_project(folder)
        tables, warnings = open_data(opened, folder)
        assert not warnings
        request = make_request(opened.program, tables, first, last or first, lines=True)
        return run_program(opened.program, tables, request, self.engine)

    def amounts(self, small: Small, first: str | None = None, last: str | None = None) -> Amounts:
        """What each component pays in each period, all payees and versions together."""
        return amounts(self.run(small, first, last))

    def outputs(self, small: Small, first: str | None = None, last: str | None = None) -> dict[str, bytes]:
        """The bytes of every file that the run writes."""
        run = self.run(small, first, last)
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
