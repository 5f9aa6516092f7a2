"""`python -m tests.benchmarks`: seconds of the engine and of hand-written SQL for the same payouts, their ratio, peak memory.

Both run in this process, in turn, on the same files with two threads; the payouts are compared cent for cent. Peak memory is
that of one run of each in a process of its own; the engine's includes opening and proving the data, which the peer does not do.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TypeVar

import duckdb

from spmlang.data.tables import Tables
from spmlang.engines.duckdb import DuckDBEngine
from spmlang.engines.result import Request, Result
from spmlang.runs.opening import Opened, open_data, open_project
from tests.benchmarks import handwritten
from tests.benchmarks.generate import generate
from tests.benchmarks.memory import peak_mib

THREADS = 2
T = TypeVar("T")


def main() -> int:
    """Generate, run, compare, print; the exit code is 1 where the payouts differ."""
    arguments = _arguments()
    if arguments.alone:
        return _alone(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or Path(scratch)
        _prepare(folder, arguments)
        found = _measure(folder, arguments)
        if arguments.memory:
            for who in ("peer", "engine"):
                found[f"{who}_peak_mib"] = _peak(who, folder)
    for name, value in found.items():
        print(f"{name:22} {value}")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 0 if found["equal"] else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--payees", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keep the generated project here, and use it if it is there")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument(
        "--memory",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="measure peak memory, each side in a process of its own",
    )
    parser.add_argument("--alone", choices=["peer", "engine"], help=argparse.SUPPRESS)
    return parser.parse_args()


def _prepare(folder: Path, arguments: argparse.Namespace) -> None:
    """Generate the project, unless the folder holds the very one that is asked for. What it holds is noted in a file."""
    asked = {"rows": arguments.rows, "payees": arguments.payees, "seed": arguments.seed}
    note = folder / "generated.json"
    if note.exists():
        held = json.loads(note.read_text(encoding="utf-8"))
        if held != asked:
            sys.exit(f"{folder} holds {held}, not {asked}: name another folder")
        return
    generate(folder, arguments.rows, arguments.payees, arguments.seed)
    note.write_text(json.dumps(asked) + "\n", encoding="utf-8")


def _measure(folder: Path, arguments: argparse.Namespace) -> dict[str, object]:
    check_seconds, opened = _timed(lambda: open_project(folder))
    load_seconds, (request, tables, run_engine) = _timed(lambda: _engine(opened, folder))
    peer = duckdb.connect()
    peer.execute(f"set threads = {THREADS}")
    tables.connection.execute(f"set threads = {THREADS}")
    peer_seconds, engine_seconds = [], []
    for _ in range(arguments.repeat):
        peer_seconds.append(_timed(lambda: handwritten.run(peer, folder))[0])
        seconds, result = _timed(run_engine)
        engine_seconds.append(seconds)
    ours = {
        (row["payee"], row["period"], row["component"]): int(row["amount_minor"]) for row in result.payouts.to_pylist()
    }
    theirs = handwritten.payouts(peer)
    ratio = min(engine_seconds) / min(peer_seconds)
    return {
        "rows": arguments.rows,
        "payees": arguments.payees,
        "seed": arguments.seed,
        "payouts": len(ours),
        "paid_cents": sum(ours.values()),
        "equal": ours == theirs and len(ours) == result.payouts.num_rows,
        "check_seconds": round(check_seconds, 3),
        "load_seconds": round(load_seconds, 3),
        "peer_seconds": round(min(peer_seconds), 3),
        "engine_seconds": round(min(engine_seconds), 3),
        "ratio": round(ratio, 2),
        "periods": f"{request.first.label} through {request.last.label}",
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "duckdb": duckdb.__version__,
        "threads": THREADS,
        "date": date.today().isoformat(),
    }


def _engine(opened: Opened, folder: Path) -> tuple[Request, Tables, Callable[[], Result]]:
    tables, _ = open_data(opened, folder / "data")
    calendar = opened.program.calendar
    first, last = (calendar.find(label) for label in ("2025-01", "2025-12"))
    assert first is not None
    assert last is not None
    request = Request(first, last)
    return request, tables, lambda: DuckDBEngine().run(opened.program, tables, request)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def _peak(who: str, folder: Path) -> int:
    """Peak resident memory of one run in a process of its own, MiB."""
    command = [sys.executable, "-m", "tests.benchmarks", "--alone", who, "--folder", str(folder)]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def _alone(arguments: argparse.Namespace) -> int:
    if arguments.alone == "peer":
        connection = duckdb.connect()
        connection.execute(f"set threads = {THREADS}")
        handwritten.run(connection, arguments.folder)
    else:
        _, tables, run_engine = _engine(open_project(arguments.folder), arguments.folder)
        tables.connection.execute(f"set threads = {THREADS}")
        run_engine()
    print(peak_mib())
    return 0


if __name__ == "__main__":
    sys.exit(main())
