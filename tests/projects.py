"""Build the small projects of tests. What a project leaves out, it takes from `tests/default_project`.

    small_project(BOOKINGS + plan_text("  commission base { pays 5% of bookings }"), deals=["1,2025-01-10,ann,100.00"])

A folder of a case works the same: its `spm.yaml`, if there is one, has only what differs from the default.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from spmlang.data.tables import Tables
from spmlang.program.program import Program
from spmlang.results import Request
from spmlang.run.open import Opened, open_data, open_project
from spmlang.run.run import Run, make_request, run_program

Settings = dict[str, Any]

_DEFAULT = Path(__file__).parent / "default_project"

#: The calendar, and the measure that most plans pay for.
BOOKINGS = """\
calendar plain {
  year starts January
  pay monthly
}

measure bookings in USD {
  sum    deals.amount
  on     deals.day
  credit deals.seller
}

"""


def plan_text(body: str, *, through: str = "", members: str = 'payee.name != ""') -> str:
    """Return a plan of one version, for everybody unless `members` says otherwise, with these components and terms."""
    until = f" through {through}" if through else ""
    return f"""\
plan rep version 1 {{
  effective from 2025-01-01{until}
  for       {members}
  currency  USD
{body}
}}
"""


@dataclass(frozen=True)
class Project:
    """A project as text: its files by path below the folder, and the first and last day that a run asks for.

    Without days, a run covers all periods with data.
    """

    files: Mapping[str, str]
    first: date | None = None
    last: date | None = None

    def write(self, folder: Path) -> Path:
        """Write the files into a folder, and return the folder."""
        for path, text in self.files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", newline="\n")
        return folder

    @contextmanager
    def opened(self, *, lines: bool = True) -> Iterator[tuple[Program, Tables, Request]]:
        """Read, check and load the project as a run does, in a folder that is removed afterwards.

        Raises:
            Problems: The project or its data has a mistake.
        """
        with TemporaryDirectory() as name:
            opened = self.checked(self.write(Path(name)))
            tables, _ = open_data(opened, None)
            tables.connection.execute("set threads = 1")  # several times as fast on such small tables
            try:
                yield opened.program, tables, self._request(opened.program, tables, lines=lines)
            finally:
                tables.connection.close()

    def checked(self, folder: Path) -> Opened:
        """Read and check the project that was written into the folder."""
        return open_project(folder)

    def _request(self, program: Program, tables: Tables, *, lines: bool) -> Request:
        if self.first is None or self.last is None:
            return make_request(program, tables, lines=lines)
        return Request(
            first=program.calendar.pay_period(self.first), last=program.calendar.pay_period(self.last), lines=lines
        )

    def run(
        self,
        folder: Path,
        engine: str = "duckdb",
        first: str | None = None,
        last: str | None = None,
        *,
        lines: bool = False,
    ) -> Run:
        """Write the project into the folder, and run it from one named period through another."""
        opened = open_project(self.write(folder))
        tables, warnings = open_data(opened, None)
        assert not warnings
        return run_program(
            opened.program, tables, make_request(opened.program, tables, first, last, lines=lines), engine
        )


def small_project(
    plan: str, settings: str = "", *, days: tuple[date, date] | None = None, **tables: str | Iterable[str]
) -> Project:
    """Return a project of one plan file.

    Args:
        plan: The text of plan.spm.
        settings: What spm.yaml has beyond the default: a source of the default gets more columns, or other ones.
        days: The first and last day that a run asks for.
        tables: Each source as CSV with its header, or as rows in the order of its columns; fields at the end of a row may be
            left out.
    """
    own = yaml.safe_load(settings) or {}
    sources = _sources(own)
    files = {"plan.spm": plan}
    for name, rows in tables.items():
        files[_table(sources[name])] = rows if isinstance(rows, str) else _csv(sources[name]["columns"], rows)
    first, last = days or (None, None)
    return Project(_completed(own, files, "small"), first, last)


def case_project(folder: Path) -> Project:
    """Return the project of a case: the files of its folder, and what it takes from the default."""
    files = {
        f"data/{path.name}" if path.suffix == ".csv" else path.name: path.read_text("utf-8")
        for path in sorted(folder.iterdir())
        if path.name != "expected.csv"
    }
    return Project(_completed(yaml.safe_load(files.pop("spm.yaml", "")) or {}, files, folder.name))


def _completed(own: Settings, files: Mapping[str, str], name: str) -> dict[str, str]:
    """Return the files with spm.yaml, and with the roster of the default if the project has none of its own."""
    if "roster" not in own:
        files = {"data/roster.csv": (_DEFAULT / "roster.csv").read_text("utf-8"), **files}
    there = {
        source: contract
        for source, contract in _sources(own).items()
        if source in own.get("sources", {}) or _table(contract) in files
    }
    settings = {"name": name, **_default(), **own, "sources": there}
    return {"spm.yaml": yaml.safe_dump(settings, sort_keys=False, allow_unicode=True), **files}


def _sources(own: Settings) -> Settings:
    """Return the sources of the default, then the project's own; where both have one, the columns of both."""
    sources = dict(_default()["sources"])
    for name, contract in own.get("sources", {}).items():
        default = sources.get(name, {"columns": {}})
        sources[name] = {**default, **contract, "columns": {**default["columns"], **contract.get("columns", {})}}
    return sources


def _table(contract: Settings) -> str:
    return f"data/{contract['files']}"


@cache
def _default() -> Settings:
    settings: Settings = yaml.safe_load((_DEFAULT / "spm.yaml").read_text("utf-8"))
    return settings


def _csv(columns: Collection[str], rows: Iterable[str]) -> str:
    lines = [",".join(columns), *rows]
    return "".join(line + "," * (len(columns) - 1 - line.count(",")) + "\n" for line in lines)
