"""Measure the time and memory of the engine and its peers for the same payouts."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from spmlang.data.tables import Tables
from spmlang.run.open import Opened, open_project
from tests.benchmarks import engine, peer_sql
from tests.benchmarks.alone import peak
from tests.benchmarks.datasets import DataSet
from tests.benchmarks.machine import THREADS
from tests.benchmarks.payouts import difference, same_lines
from tests.benchmarks.sides import ENGINE, PLANS_FOLDER, Peer, lines_by_hand

T = TypeVar("T")


@dataclass(frozen=True)
class Spent:
    """The time of a piece of work: by the clock, and CPU time of all threads of the process."""

    seconds: float
    cpu_seconds: float


@dataclass(frozen=True, kw_only=True)
class Figure:
    """The figures of one side on one plan.

    `seconds` is the least of all repetitions; for the engine it is the run alone. `cpu_seconds` is the CPU time of all
    threads together, which depends less on other load of the machine.

    `missing`, `different` and `largest` (cents) compare its payouts with the engine's. `agrees` is True if they differ
    by no more than the peer's tolerance.
    """

    plan: str
    side: str
    rows: int
    payees: int
    seconds: float
    cpu_seconds: float
    peak_mib: int | None
    payouts: int
    missing: int = 0
    different: int = 0
    largest: int = 0
    agrees: bool = True


@dataclass(frozen=True)
class Before:
    """The seconds of the engine before a run: checking the plan text, and reading and proving the data."""

    plan: str
    rows: int
    check_seconds: float
    load_seconds: float


@dataclass(frozen=True, kw_only=True)
class Lines:
    """A run with lines: its seconds, the number of lines, and True if they add up to the payouts.

    `ratio` is its time divided by that of a run without lines. `by_hand_seconds` is the time of hand-written SQL for
    the same lines, for plans that have it. `agrees` is True if both give the same lines.
    """

    plan: str
    rows: int
    seconds: float
    ratio: float
    lines: int
    add_up: bool
    by_hand_seconds: float | None
    agrees: bool


@dataclass(frozen=True)
class Compared:
    """A plan's figures on one data set. The engine's come first."""

    before: Before
    figures: list[Figure]
    lines: Lines | None


def compare(
    plan: str, data_set: DataSet, peers: list[Peer], repeat: int, *, memory: bool, lines: bool = False
) -> Compared:
    """Run the engine and the peers in turn, `repeat` times, and compare their payouts.

    Args:
        plan: The plan's name.
        data_set: The data.
        peers: The sides to compare with the engine.
        repeat: The number of runs of each side.
        memory: True to measure peak memory in separate processes.
        lines: True to also measure runs with lines.
    """
    data = data_set.data
    check, opened = timed(lambda: open_project(PLANS_FOLDER / plan))
    load, tables = timed(lambda: engine.load(opened, data, THREADS))
    spent: dict[str, list[Spent]] = {ENGINE: [], **{peer.name: [] for peer in peers}}
    paid: dict[str, pa.Table] = {}
    for _ in range(repeat):
        taken, result = timed(lambda: engine.run(opened, tables))
        spent[ENGINE].append(taken)
        paid[ENGINE] = engine.payouts(result)
        for peer in peers:
            taken, paid[peer.name] = timed(partial(peer.payouts, plan, data))
            spent[peer.name].append(taken)
    run_seconds = min(taken.seconds for taken in spent[ENGINE])
    attributed = (
        _attributed(plan, opened, tables=tables, data_set=data_set, run_seconds=run_seconds, repeat=repeat)
        if lines
        else None
    )
    tables.connection.close()
    figures = []
    tolerances = {ENGINE: 0, **{peer.name: peer.tolerance for peer in peers}}
    for side, tolerance in tolerances.items():
        apart = difference(paid[ENGINE], paid[side])
        figures.append(
            Figure(
                plan=plan,
                side=side,
                rows=data_set.rows,
                payees=data_set.payees,
                seconds=round(min(taken.seconds for taken in spent[side]), 4),
                cpu_seconds=round(min(taken.cpu_seconds for taken in spent[side]), 4),
                peak_mib=peak(plan, side, data) if memory else None,
                payouts=paid[side].num_rows,
                missing=apart.missing,
                different=apart.rows,
                largest=apart.largest,
                agrees=apart.within(tolerance),
            )
        )
    before = Before(plan, data_set.rows, round(check.seconds, 4), round(load.seconds, 4))
    return Compared(before, figures, attributed)


def timed(work: Callable[[], T]) -> tuple[Spent, T]:
    """Return the time of the work, and its result."""
    start, cpu_start = time.perf_counter(), time.process_time()
    found = work()
    return Spent(time.perf_counter() - start, time.process_time() - cpu_start), found


def _attributed(
    plan: str, opened: Opened, *, tables: Tables, data_set: DataSet, run_seconds: float, repeat: int
) -> Lines:
    """Measure runs with lines, and compare the lines with those of the query by hand."""
    query = lines_by_hand(plan)
    seconds, by_hand_seconds = [], []
    agrees = True
    for _ in range(repeat):
        spent, result = timed(lambda: engine.run(opened, tables, lines=True))
        seconds.append(spent.seconds)
        found = engine.lines(result)
        if query is not None:
            spent, by_hand = timed(partial(peer_sql.table, query, data_set.data, THREADS))
            by_hand_seconds.append(spent.seconds)
            agrees = agrees and same_lines(found, by_hand)
    return Lines(
        plan=plan,
        rows=data_set.rows,
        seconds=round(min(seconds), 4),
        ratio=round(min(seconds) / run_seconds, 2),
        lines=found.num_rows,
        add_up=pc.sum(found["cents"]) == pc.sum(engine.payouts(result)["cents"]),
        by_hand_seconds=round(min(by_hand_seconds), 4) if by_hand_seconds else None,
        agrees=agrees,
    )
