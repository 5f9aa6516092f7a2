"""Generate plan projects, each with any number of data sets. The seed and two numbers decide everything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from spmlang.diagnostics.diagnostic import Problems
from spmlang.results import Request
from spmlang.run.open import Opened, open_project
from tests.strategies.choices import Seeded
from tests.strategies.drawing import LAST
from tests.strategies.projects import Maker, ProjectText, csv_files
from tests.strategies.rows import LARGEST

#: In percent: plans as large as those of the tests (the others are half as large), plans run with lines, plans
#: whose run may end early, before much is due, and data sets with amounts as large as their columns allow.
_BIG, _WITH_LINES, _EARLY, _EXTREME = 8, 50, 40, 10

Data = dict[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A generated project without errors, and the maker of its data."""

    seed: int
    number: int
    maker: Maker
    text: ProjectText
    opened: Opened
    request: Request

    def data(self, number: int) -> Data:
        """Draw the rows of a data set by source, as CSV text."""
        chance = Random(f"{self.seed}:{self.number}:{number}")
        extreme = chance.randrange(100) < _EXTREME
        maker = replace(self.maker, choices=Seeded(chance), days=list(self.maker.days), extreme=extreme)
        rows = maker.another()
        return {name: rows[name] for name in self.opened.project.contracts}

    def project(self, data: Data) -> ProjectText:
        """Return the project with this data, as files."""
        plans = {path: text for path, text in self.text.files.items() if not path.startswith("data/")}
        return replace(self.text, files={**plans, **csv_files(data, self.maker.names)})


def draw_plan(seed: int, number: int) -> Plan:
    """Draw the plan with the given number.

    A plan that needs more decimal places than the engines have is drawn again.
    """
    attempt = 0
    while True:
        chance = Random(f"{seed}:{number}, {attempt}")
        maker = Maker(Seeded(chance), big=chance.randrange(100) < _BIG)
        text = maker.project()
        try:
            opened = _opened(text)
        except Problems as refused:
            if all(problem.slug != "too-many-places" for problem in refused.diagnostics):
                raise
            attempt += 1
            continue
        last = text.last if chance.randrange(100) < _EARLY else LAST
        request = _request(opened, text.first, last, lines=chance.randrange(100) < _WITH_LINES)
        return Plan(seed=seed, number=number, maker=maker, text=text, opened=opened, request=request)


def _opened(text: ProjectText) -> Opened:
    with TemporaryDirectory() as name:
        text.write(Path(name))
        return open_project(Path(name))


def _request(opened: Opened, first: date, last: date, *, lines: bool) -> Request:
    calendar = opened.program.calendar
    return Request(first=calendar.pay_period(first), last=calendar.pay_period(last), lines=lines)


def is_extreme(data: Data) -> bool:
    """Return True if an amount is a billion times a usual one.

    Results from such amounts may have more digits than SQL can hold.
    """
    return any(
        most in row for rows in data.values() for row in rows for most in (*LARGEST.values(), "1000000000000.00")
    )
