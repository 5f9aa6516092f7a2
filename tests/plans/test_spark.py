"""Spark pays the plan projects as DuckDB does, which their own tests compare with the reference and with sums made by hand."""

from pathlib import Path

import pytest

from spmlang.run.run import Run
from tests.engines.every import ALL_OF_SPARK, SPARK_MARKS
from tests.plans.comparing import PLANS, assert_the_same, run_by
from tests.real_data import real_data

pytestmark = [*SPARK_MARKS, pytest.mark.slow]


def _runs(project: str, data: Path, last: str | None = None) -> dict[str, Run]:
    return run_by(("duckdb", "spark"), project, data=data, first=None, last=last)


def test_trailhead_outdoor() -> None:
    """Seven plans, with pools, budgets, caps and payments."""
    assert_the_same(_runs("trailhead_outdoor", PLANS / "trailhead_outdoor" / "data"))


@pytest.mark.skipif(not ALL_OF_SPARK, reason="takes minutes: SPM_SPARK=all runs it")
def test_adventure_works() -> None:
    """31,465 orders."""
    assert_the_same(_runs("adventure_works", real_data("adventureworks"), "2014-05"))
