"""What all tests share: `--accept` writes the expected files anew; tests of Spark are left out, and told, where there is none."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.engines.every import quicken_spark, why_no_spark
from tests.pipelines import check_every_pipeline

#: The number of tests that the marks leave out.
_LEFT_OUT = pytest.StashKey[int]()

Accept = Callable[[str, Path], None]

# A check of the project gives the same answer twice; who looks for more (SPM_EXAMPLES) looks elsewhere each time.
# No test fails because the machine is busy.
settings.register_profile(
    "repeatable",
    derandomize="SPM_EXAMPLES" not in os.environ,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write what was produced into the expected files")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reason = why_no_spark()
    if reason is not None:
        for item in items:
            if item.get_closest_marker("spark"):
                item.add_marker(pytest.mark.skip(reason=f"Spark: {reason}"))


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Count what the marks leave out."""
    if items:
        stash = items[0].config.stash
        stash[_LEFT_OUT] = stash.get(_LEFT_OUT, 0) + len(items)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Pass the count on from a process of pytest-xdist, each of which collects all tests."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["left out"] = session.config.stash.get(_LEFT_OUT, 0)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[_LEFT_OUT] = getattr(node, "workeroutput", {}).get("left out", 0)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out, even where the reasons of skips are not asked for."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "Spark: " in str(report.longrepr)]
    if skipped:
        terminalreporter.write_line(f"left out: {len(skipped)} tests of the engine Spark ({why_no_spark()})")
    count, marks = config.stash.get(_LEFT_OUT, 0), config.option.markexpr
    if count and marks and not config.option.keyword:
        terminalreporter.write_line(f'left out: {count} tests, by -m "{marks}"; all run with `python3 -m tests -m ""`')


@pytest.fixture(autouse=True, scope="session")
def _checked_pipelines() -> Iterator[None]:
    """Check the invariants of every pipeline that a test builds."""
    with pytest.MonkeyPatch.context() as patch:
        check_every_pipeline(patch)
        yield


@pytest.fixture(autouse=True)
def _quick_spark(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("spark"):
        quicken_spark()


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> Accept:
    """Compare a produced text with an expected file; under --accept, write the file instead."""

    def compare(produced: str, expected: Path) -> None:
        if request.config.getoption("--accept"):
            expected.write_text(produced, encoding="utf-8", newline="\n")
        assert produced == expected.read_text(encoding="utf-8")

    return compare
