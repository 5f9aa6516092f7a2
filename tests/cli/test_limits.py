"""Where memory, disk or digits do not suffice a run says so, names the place, and writes nothing."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.generate import generate
from tests.projects import plan_text, small_project

pytestmark = pytest.mark.commands

ROOT = Path(__file__).parents[2]
PLAN = ROOT / "tests" / "benchmarks" / "plans" / "everything"


def run(project: Path, target: Path, *more: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "spmlang", "run", project, "--out", target, *more]
    return subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_run_that_finds_no_room_names_the_data_or_the_plan_lines(tmp_path: Path) -> None:
    generate(tmp_path / "data", 20_000, payees=500, seed=1)
    said = []
    for memory in ("1MB", "12MB", "24MB", "32MB", "40MB"):
        done = run(PLAN, tmp_path / "out", "--data", tmp_path / "data", "--memory", memory)
        if done.returncode:
            assert done.returncode == 3
            assert "error[SPM650]" in done.stderr
            assert "Traceback" not in done.stderr
            assert list(tmp_path.iterdir()) == [tmp_path / "data"]
            said.append(" ".join(done.stderr.split()))
        else:
            shutil.rmtree(tmp_path / "out")
    assert said[0].startswith("error[SPM650]: the data does not fit")
    assert any(re.search(r"the stage `[^`]+` \([^)]*plan\.spm:\d+", text) for text in said)


def test_lines_that_find_no_room_are_told_as_any_stage(tmp_path: Path) -> None:
    generate(tmp_path / "data", 20_000, payees=500, seed=1)
    said = set()
    for memory in range(36, 60, 6):
        done = run(PLAN, tmp_path / "out", "--data", tmp_path / "data", "--memory", f"{memory}MB", "--lines")
        assert done.returncode in (0, 3)
        said.add(done.stderr[:13])
    assert said <= {"", "error[SPM650]"}


WIDE_SOURCES = """
sources:
  deals:
    columns:
      size: {type: number, scale: 0, digits: 38}
      pieces: count
"""

WIDE_PLAN = """
calendar main {
  year starts January 1
  pay monthly
}

measure sold {
  sum deals.size * deals.pieces
  on deals.day
  credit deals.seller
}

""" + plan_text("""
  bonus base {
    on sold
    pays 1.00 USD
    when sold > 0
  }""")


@pytest.mark.parametrize("sales", [(6, 6), (9, 9)])
def test_a_sum_of_more_than_38_digits_is_told(tmp_path: Path, sales: tuple[int, int]) -> None:
    """The first fits in 128 bits and not in 38 digits, the second in neither."""
    rows = [f"{number},2025-01-05,ann,1.00,{first}{'0' * 37},1" for number, first in enumerate(sales)]
    project = small_project(WIDE_PLAN, WIDE_SOURCES, deals=rows).write(tmp_path / "wide")
    done = run(project, tmp_path / "out")
    assert done.returncode == 1
    assert "error[SPM611]" in done.stderr
    assert list(tmp_path.iterdir()) == [project]
