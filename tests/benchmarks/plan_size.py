"""`python -m tests.benchmarks.plan_size`: measure the check and the runs of a very large project.

The check is the command `spm check` in a process of its own, its start included. For a run it prints the number of
stages, the size of their SQL, the time to build it, and the time to execute it on so many transactions.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from spmlang.engines.duckdb import DuckDBEngine, DuckDBRunner
from spmlang.engines.pipelines import pipeline_of
from spmlang.relations.nodes import Check, Step
from spmlang.results import Request
from spmlang.run.open import open_data, open_project
from tests.benchmarks.large_project import Size, write_data, write_plans


def main() -> int:
    """Generate the project, check it, and measure runs."""
    arguments = _arguments()
    size = Size(
        plans=arguments.plans,
        lines=arguments.lines,
        payees=arguments.payees,
        territories=arguments.territories,
        seed=arguments.seed,
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or Path(scratch)
        lines = write_plans(folder, size)
        told = [size.plans, "plans on", lines, "lines,", size.territories, "territories,", size.payees, "payees"]
        print(*(f"{part:,}" if isinstance(part, int) else part for part in told))
        for _ in range(arguments.repeat):
            print("spm check: {:.2f} s, {:.2f} s of the processor".format(*_check(folder)))
        for rows in arguments.rows:
            _run(
                folder,
                Size(
                    plans=size.plans,
                    lines=size.lines,
                    payees=size.payees,
                    territories=size.territories,
                    rows=rows,
                    seed=size.seed,
                ),
            )
    return 0


def _arguments() -> argparse.Namespace:
    usual = Size()
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.plan_size", description=__doc__)
    parser.add_argument("--plans", type=int, default=usual.plans)
    parser.add_argument("--lines", type=int, default=usual.lines, help="of plans and measures; territories come on top")
    parser.add_argument("--payees", type=int, default=usual.payees)
    parser.add_argument("--territories", type=int, default=usual.territories)
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--repeat", type=int, default=3, help="so many checks")
    parser.add_argument("--rows", type=int, nargs="*", default=[], help="also measure runs of so many transactions")
    parser.add_argument("--folder", type=Path, help="keep the generated project here")
    return parser.parse_args()


def _check(folder: Path) -> tuple[float, float]:
    """Return the seconds of a check, by the clock and of the processor."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "spmlang", "check", str(folder)], capture_output=True, text=True, check=False
    )
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr[-2_000:]
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _run(folder: Path, size: Size) -> None:
    """Print the figures of a run."""
    write_data(folder, size)
    opened = open_project(folder)
    start = time.perf_counter()
    tables, _ = open_data(opened, folder / "data")
    print(f"{size.rows:,} transactions: {time.perf_counter() - start:.1f} s to read and prove the data")
    calendar = opened.program.calendar
    first, last = (calendar.find(label) for label in ("2025-01", "2025-12"))
    assert first is not None
    assert last is not None
    request = Request(first=first, last=last)
    start = time.perf_counter()
    pipeline = pipeline_of(opened.program, tables, request)
    built = time.perf_counter()
    stages = DuckDBRunner(tables.connection.cursor(), tables)
    sizes = sorted(len(stages.step_text(item).encode()) for item in pipeline.stages if isinstance(item, Step))
    checks = sum(isinstance(item, Check) for item in pipeline.stages)
    print(
        f"  {len(pipeline.stages) - checks:,} stages, {checks:,} checks; SQL of a statement: at most {sizes[-1]:,} bytes, "
        f"median {sizes[len(sizes) // 2]:,}, in all {sum(sizes):,}; "
        f"{built - start:.2f} s to build, {time.perf_counter() - built:.2f} s to write as SQL"
    )
    start = time.perf_counter()
    result = DuckDBEngine().run(opened.program, tables, request)
    print(f"  {time.perf_counter() - start:.1f} s to run, {result.payouts.num_rows:,} payouts")


if __name__ == "__main__":
    sys.exit(main())
