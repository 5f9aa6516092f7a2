"""Distribute plans over processes, and add up the differences that they find."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from time import monotonic

from .pairs import ENGINES, Counts, Difference, compare_plan
from .plans import Data, Plan, draw_plan
from .saving import save

#: Small runs allocate and free memory many thousand times, so these settings make glibc keep more of it.
_MALLOC = (
    "glibc.malloc.tcache_count=65535:"
    "glibc.malloc.mmap_threshold=1000000000:glibc.malloc.trim_threshold=2000000000:glibc.malloc.top_pad=67108864"
)
_TOLD_EACH, _PLANS_OF_A_PROCESS = 10.0, 200


@dataclass(frozen=True, kw_only=True)
class Job:
    """Some data sets of one plan."""

    seed: int
    plan: int
    data: range
    engine: str
    folder: Path | None


def main(arguments: list[str]) -> int:
    """Compare the engines, and return 1 if they differ on any pair."""
    asked = _parsed(arguments)
    counts, start = Counts(), monotonic()
    told = start
    try:
        for found in _results(asked):
            counts.add(found)
            for difference in found.differences:
                print(_shown(asked.seed, difference), flush=True)
            if monotonic() - told >= _TOLD_EACH:
                told = monotonic()
                print(_sofar(counts, told - start), file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
    print(_summary(asked, counts, monotonic() - start), flush=True)
    return 1 if counts.differences else 0


def work(job: Job) -> Counts:
    """Compare the engines on one job."""

    def found(plan: Plan, data: Data, difference: Difference) -> None:
        if job.folder is not None:
            save(job.folder, plan, data=data, difference=difference, engine=job.engine)

    try:
        return compare_plan(draw_plan(job.seed, job.plan), job.data, job.engine, found)
    except Exception as problem:  # an error of the planning is reported, and the other plans continue
        said = f"no pair was run: {type(problem).__name__}: {problem}"
        return Counts(plans=1, differences=[Difference(job.plan, job.data.start, said)])


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--pairs", type=int, default=1000, help="how many pairs of a plan and a data set (1000)")
    parser.add_argument("--seed", type=int, default=1, help="decides every pair (1)")
    parser.add_argument(
        "--engine", choices=sorted(ENGINES), default="duckdb", help="what the reference is compared with"
    )
    parser.add_argument("--workers", type=int, default=2, help="processes (2)")
    parser.add_argument("--data-per-plan", type=int, default=50, metavar="K", help="data sets for each plan (50)")
    parser.add_argument("--save", type=Path, metavar="DIR", help="where to keep the projects on which they differ")
    parser.add_argument("--only", metavar="PLAN:DATA", help="one pair, by its numbers")
    return parser.parse_args(arguments)


def _jobs(asked: argparse.Namespace) -> Iterator[Job]:
    job = Job(seed=asked.seed, plan=0, data=range(0), engine=asked.engine, folder=asked.save)
    if asked.only:
        plan, data = map(int, asked.only.split(":"))
        yield replace(job, plan=plan, data=range(data, data + 1))
        return
    left = asked.pairs
    for plan in count():
        if left <= 0:
            return
        yield replace(job, plan=plan, data=range(min(left, asked.data_per_plan)))
        left -= asked.data_per_plan


def _results(asked: argparse.Namespace) -> Iterator[Counts]:
    if asked.only:
        yield from map(work, _jobs(asked))
        return
    os.environ.setdefault("GLIBC_TUNABLES", _MALLOC)
    # Spark is slow to start, so its processes are not replaced.
    plans = None if asked.engine == "spark" else _PLANS_OF_A_PROCESS
    with get_context("spawn").Pool(asked.workers, _begin, (asked.engine,), plans) as pool:
        yield from pool.imap_unordered(work, _jobs(asked))


def _begin(engine: str) -> None:
    """Prepare a process of the pool. Ctrl-C is left to the main process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if engine == "spark":
        from tests.engines.every import quicken_spark

        # For thousands of runs Java's second compiler is worth its time.
        os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:+UseSerialGC")
        quicken_spark()


def _shown(seed: int, difference: Difference) -> str:
    return f"--- seed {seed}, pair {difference.plan}:{difference.data}\n{difference.said}"


def _sofar(counts: Counts, seconds: float) -> str:
    return (
        f"{counts.pairs} pairs of {counts.plans} plans, {counts.refused} refused, {len(counts.differences)} differences, "
        f"{counts.pairs / seconds:.1f} pairs/s"
    )


def _summary(asked: argparse.Namespace, counts: Counts, seconds: float) -> str:
    pairs = max(counts.pairs, 1)
    spent = {"planning": counts.planning, "reference": counts.reference, asked.engine: counts.engine}
    each = ", ".join(f"{name} {value / pairs * 1000:.1f}" for name, value in spent.items())
    return (
        f"seed {asked.seed}: {counts.pairs} pairs of {counts.plans} plans, reference and {asked.engine}; "
        f"refused {counts.refused / pairs:.1%}, no payout {counts.empty / pairs:.1%}, "
        f"too large for SQL {counts.too_large / pairs:.1%}; {len(counts.differences)} differences; "
        f"{seconds:.0f} s, CPU ms for each pair: {each}"
    )
