"""Draw random plan projects as text: spm.yaml, plan files and CSV tables that check without an error.

Values are small and near the boundaries of rules: days at the edges of periods, versions and roster rows, and amounts
at the bounds of tiers. If a plan reads data that may be missing (a target, a dated row), the text mostly has a
fallback, so that most projects run to the end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from hypothesis import reject
from hypothesis import strategies as st

from spmlang.diagnostics.diagnostic import Problems
from spmlang.run.open import Opened, open_project
from spmlang.values.calendar import Calendar, Grain
from tests.projects import Project

from .choices import Drawn
from .contract import YAML
from .drawing import DAY, FIRST, LAST, block
from .measures import TABLES, Measures
from .names import Names, other_names
from .plans import Plans
from .rows import Rows


@dataclass(frozen=True)
class ProjectText(Project):
    """A drawn project, with the days that are requested and the names it was given."""

    first: date
    last: date
    names: Names = field(default_factory=Names)

    def __repr__(self) -> str:
        """Show all files as text."""
        shown = "".join(f"--- {path}\n{text}" for path, text in self.files.items())
        return f"\n{shown}--- asked for: {self.first} to {self.last}\n"

    def checked(self, folder: Path) -> Opened:
        """Read and check the project; Hypothesis rejects one that `checked` rejects."""
        return checked(folder)


def checked(folder: Path) -> Opened:
    """Read and check the project.

    Hypothesis rejects a project whose products need more decimal places than the engines have.
    """
    try:
        return open_project(folder)
    except Problems as refused:
        if {problem.slug for problem in refused.diagnostics} == {"too-many-places"}:
            reject()
        raise


def projects() -> st.SearchStrategy[ProjectText]:
    """Return a strategy for whole projects."""
    return st.composite(lambda draw: Maker(Drawn(draw)).project())()


@dataclass
class Maker(Rows, Measures, Plans):
    """The maker of one project, and of other data for it."""

    frame: dict[str, list[str]] = field(default_factory=dict)  # the dated rows of the drawn project
    plain: bool = False  # True if all things keep their plain names
    names: Names = field(default_factory=Names)

    def another(self) -> dict[str, list[str]]:
        """Draw other data for the project, by the names of sources.

        The dated rows keep their days, so the slices and the pipeline of the project stay valid.
        """
        rows = {**self.redrawn(self.frame), **self.undated()}
        return {self.names.thing(name): self.names.rows(name, own) for name, own in rows.items()}

    def project(self) -> ProjectText:
        """Draw all files, each after the files that it depends on."""
        self.currency = self.one(["USD", "USD", "USD", "USD", "JPY", "KWD"])
        self.scale = self.one([2, 4])
        calendar_text = self.make_calendar()
        self.payees = ["p1", "p2", "o'neil", "p10", "Änne"][: self.number(2, 5)]
        self.gaps = {name: self.chance(25) for name in ("grades", "products", "accounts")}
        starts = self.version_starts()
        dated = self.dated()
        territories = self.territories()
        measures, texts = self.measures()
        quotas, quota_texts = self.project_quotas(measures)
        plans = {f"plan_{name}": self.plan(name, starts[name], measures, quotas) for name in starts}
        data = {**dated, **self.undated()}
        files = {"spm.yaml": self.yaml(), "calendar.spm": calendar_text}
        files["tables.spm"] = TABLES.replace("CUR", self.currency)
        files["territories.spm"] = "\n".join(territories)
        files["measures.spm"] = "use tables\nuse territories\n\n" + "\n".join(texts)
        files["quotas.spm"] = "use measures\n\n" + "\n".join(quota_texts)
        for name, text in plans.items():
            files[f"{name}.spm"] = "use measures\nuse quotas\nuse tables\n\n" + text
        files |= csv_files(data, self.names)
        self.frame = dated
        _leave_out_unused(files)
        if not self.plain and self.chance(45):
            self.names = other_names(self, files)
            files = self.renamed(files, data)
        first = self.day(FIRST - 40 * DAY, LAST) if self.chance(40) else starts["alpha"][0]
        last = self.day(first, LAST) if self.chance(50) else LAST
        return ProjectText({path: text for path, text in files.items() if text}, first, last, self.names)

    def renamed(self, files: Mapping[str, str], data: Mapping[str, list[str]]) -> dict[str, str]:
        """Return the files with the drawn names."""
        names = self.names
        own = {name: rows for name, rows in data.items() if f"data/{name}.csv" in files}
        named = {names.thing(name): names.rows(name, rows) for name, rows in own.items()}
        return names.plan_files(files) | csv_files(named, names)

    def dated(self) -> dict[str, list[str]]:
        """Draw the rows of the dated tables whose days cut time into slices."""
        return {
            "roster": self.roster(),
            "reporting": self.reporting(),
            "assignments": self.assignments(),
            "holders": self.holders(),
            "pods": self.pods(),
            "grades": self.grades(),
        }

    def undated(self) -> dict[str, list[str]]:
        """Draw the rows of all other tables.

        Some of these are dated, but their days only decide which row a transaction finds.
        """
        deals = self.deals()
        return {
            "products": self.dated_rows("products", ["x", "y"], [["1.5", "0.25", "-1"], ["tent", "boot"]]),
            "accounts": self.dated_rows("accounts", ["a1", "a2"], [self.payees]),
            "contracts": self.contracts(),
            "regions": ["n1,north", "s1,south", "e1,east"],
            "customers": [
                f"c{number},{self.one(['n1', 's1', 'e1'])},{self.one(['chain', 'shop'])}" for number in (1, 2, 3)
            ],
            "targets": self.targets(),
            "relief": self.relief(),
            "deals": deals,
            "items": self.items(deals),
            "receipts": self.receipts(deals),
        }

    def make_calendar(self) -> str:
        """Draw the calendar, and return its text."""
        starts, month, day, weeks, weekday = self.one(
            [
                ("January", 1, 1, None, None),
                ("July", 7, 1, None, None),
                ("October", 10, 1, None, None),
                ("January 31", 1, 31, None, None),
                ("March 30", 3, 30, None, None),
                ("Sunday nearest February 1", 2, 1, (4, 4, 5), 6),
            ]
        )
        pay = self.one([Grain.MONTH, Grain.MONTH, Grain.MONTH, Grain.QUARTER, Grain.YEAR])
        self.calendar = Calendar(name="main", pay=pay, month=month, day=day, weeks=weeks, weekday=weekday)
        self.grains = [grain for grain in Grain if grain.months >= pay.months]
        for period in self.calendar.intervals(pay, FIRST, LAST)[1:]:
            self.noted(period.start)
        word = {Grain.MONTH: "monthly", Grain.QUARTER: "quarterly", Grain.YEAR: "yearly"}[pay]
        lines = [f"year starts {starts}", *(["weeks 4-4-5"] if weeks else []), f"pay {word}"]
        return block("calendar main", lines)

    def version_starts(self) -> dict[str, list[date]]:
        """Draw the first day of each version of each plan."""
        found = {}
        for name in ["alpha", "beta"][: self.number(1, self.most(2))]:
            starts = {self.day(FIRST, date(2024, 9, 30))}
            for _ in range(self.number(0, self.most(2))):
                starts.add(self.day(FIRST, date(2025, 3, 31)))
            found[name] = [self.noted(start) for start in sorted(starts)]
        return found

    def yaml(self) -> str:
        """Return the project file."""
        return YAML.replace("CUR", self.currency).replace("SCALE", str(self.scale))


# ---- text -------------------------------------------------------------------------------------


def csv_files(data: Mapping[str, list[str]], names: Names) -> dict[str, str]:
    """Return the tables as files."""
    return dict(names.csv(name, rows) for name, rows in data.items())


def _leave_out_unused(files: dict[str, str]) -> None:
    """Drop tables that no plan text reads, because loading takes most of an example's time."""
    text = "".join(text for path, text in files.items() if path.endswith(".spm"))
    for name, word in [
        ("items", "items."),
        ("receipts", "receipts."),
        ("contracts", "contracts."),
        ("pods", " in pods"),
        ("relief", "from relief"),
        ("assignments", " assignments"),
    ]:
        if word not in text:
            del files[f"data/{name}.csv"]
            files["spm.yaml"] = re.sub(rf"^  {name}:\n(    .*\n)*", "", files["spm.yaml"], flags=re.MULTILINE)
