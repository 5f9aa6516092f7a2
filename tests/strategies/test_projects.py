"""Test that random projects contain each construct often enough, and that most run to the end."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from spmlang.diagnostics.diagnostic import Problems
from tests.engines.agreement import outcome
from tests.strategies.projects import ProjectText, projects

pytestmark = pytest.mark.properties

#: The pattern of a construct in plan text, by name. `{` to `}` is one component or quota.
SAID = {
    "a target of earlier results": r"target .* before",
    "a target of the roster and earlier results": r"target .*(payee\.\w+ of| \+ payee).* before|target .* before.*payee",
    "a target of another measure's earlier results": r"quota (\w+) \{[^}]*target .*\b(?!\1\b)\w+ a \w+ before",
    "a quota by days on the plan": r"days on plan",
    "a quota by days on the roster": r"prorate by \w+ days\n[^}]*\n[^}]*when",
    "a target read of each roster row": r"target [^\n]*payee[^}]*\n *prorate by",
    "a quota from a table by days": r"from targets[^}]*\n *prorate by",
    "a component by days": r"(commission|bonus) \w+ \{[^}]*\n *prorate by",
    "a budget first come": r"first come",
    "a budget pro rata": r"budget [\d.]+ \w+(, pro rata)?\n",
    "a prize in percent": r"ranks [^}]* : [\d.]+%",
    "a prize in percent beside amounts": r"ranks [^}]* : [\d.]+%[^}]* : \d+ [A-Z]|ranks [^}]* : \d+ [A-Z][^}]* : [\d.]+%",
    "a percentage below zero": r"-[\d.]+%",
    "a table with bounds below zero": r"by_growth at",
    "a part of a component changed": r"(replace|add|remove) \w+ \w+\.",
    "a limit to what is carried": r"carried forward at most",
    "a limit to what is recovered": r"carried forward.* recover at most",
    "an attainment so far": r"so far",
    "who is there at the end": r"plan at end",
    "an earning of a shorter interval": r"pays .* - earning of",
    "an earning of another component": r"earning of",
    "an interval to date": r"on \w+, \w+ to date",
    "rounding per line": r"round per line",
    "a pool": r"pool \d",
    "a window": r"window from",
    "a line held until its own day": r"until deals\.paid_on",
    "a line paid with its cash": r"release with",
    "a plan's cap": r"\n  cap ",
    "a rollup": r"rollup ",
    "a year of weeks": r"weeks 4-4-5",
    "yen": r"JPY",
    "dinars": r"KWD",
}
TABLES = "tables.spm"
DRAWN, BATCH = 300, 10


def look_at(count: int, look: Callable[[ProjectText], None]) -> None:
    """Call `look` with so many projects, always the same ones.

    Projects of one seed are similar, so many seeds are used.
    """
    for number in range(count // BATCH):

        @seed(number)
        @settings(
            max_examples=BATCH,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(projects())
        def looking(project: ProjectText) -> None:
            look(project)

        looking()


def drawn(count: int) -> list[ProjectText]:
    """Return so many random projects, always the same ones."""
    found: list[ProjectText] = []
    look_at(count, found.append)
    return found


def test_every_construct_is_drawn_often_enough() -> None:
    said = Counter[str]()
    found = drawn(DRAWN)
    for project in found:
        text = "\n".join(text for path, text in project.files.items() if path.endswith(".spm") and path != TABLES)
        said.update(name for name, pattern in SAID.items() if re.search(pattern, text))
    rare = {name: said[name] for name in SAID if said[name] < len(found) * 0.02}
    assert not rare


def test_most_projects_run_to_the_end() -> None:
    ends = Counter[str]()

    def run(project: ProjectText) -> None:
        with project.opened(lines=False) as (program, tables, request):
            result = outcome("reference", program, tables, request)
        if isinstance(result, Problems):
            ends["refused"] += 1
        else:
            ends["paid" if result.payouts.num_rows else "empty"] += 1

    look_at(50, run)
    assert ends["paid"] > ends.total() * 0.6, ends
