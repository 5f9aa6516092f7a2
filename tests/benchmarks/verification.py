"""Measure the cost of the sample that verifies a run, and of an explanation.

    python3 -m tests.benchmarks.verification [--folder FOLDER] [--repeat 5] [--rows 1_000_000]

Figures are CPU seconds of whole commands, the median of several. SPM_TEST_DATA names the folder of the published
tables. Prints a table in Markdown, with machine and date.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from plans.online_retail.prepare import prepare
from tests.benchmarks.datasets import data_set
from tests.benchmarks.machine import machine_info
from tests.real_data import real_data

_ROOT = Path(__file__).parents[2]

#: The seconds, or the part of the run, that the sample may add, and the runs that an explanation may take.
_SECONDS, _PART, _RUNS = 1, 0.2, 2


@dataclass(frozen=True)
class Case:
    """A project with its data."""

    name: str
    project: Path
    data: Path


def cases(folder: Path, rows: int) -> Iterator[Case]:
    """Yield the plans of published tables, and two plans of generated orders."""
    for name, tables in (
        ("adventure_works", "adventureworks"),
        ("classicmodels", "classicmodels"),
        ("northwind", "northwind"),
    ):
        yield Case(name, _ROOT / "plans" / name, real_data(tables))
    prepare(real_data("online_retail"), folder / "online_retail")
    yield Case("online_retail", _ROOT / "plans" / "online_retail", folder / "online_retail")
    generated = data_set(folder, rows, payees=1_000, seed=1, files=1).data
    for plan in ("attainment", "everything"):
        yield Case(f"{rows:,} orders, {plan}", _ROOT / "tests" / "benchmarks" / "plans" / plan, generated)


def spent(*arguments: str) -> float:
    """Return the CPU seconds of a command, for all its threads together."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "spmlang", *arguments], cwd=_ROOT, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def figures(case: Case, folder: Path, repeat: int) -> tuple[float, float, float]:
    """Return the seconds of a run without the sample, of a run with it, and of an explanation.

    The explanation is that of the payee in the middle of the payouts.
    """
    out = folder / "out" / case.project.name
    asked = [str(case.project), "--data", str(case.data)]
    alone, checked, explained = [], [], []
    for _ in range(repeat):
        alone.append(spent("run", *asked, "--out", str(out), "--verify", "off"))
        checked.append(spent("run", *asked, "--out", str(out)))
    with (out / "payouts.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    row = rows[len(rows) // 2]
    for _ in range(repeat):
        explained.append(spent("explain", *asked, "--payee", row["payee_id"], "--period", row["period"]))
    return median(alone), median(checked), median(explained)


def main() -> None:
    """Measure and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "spm_verification")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    machine = machine_info()
    print(f"{machine['machine']}, {machine['date']}, load {os.getloadavg()[0]:.1f}\n")
    print("| plan | run | with the sample | it adds | may add | explain | may take |")
    print("|---|---|---|---|---|---|---|")
    for case in cases(arguments.folder, arguments.rows):
        alone, checked, explained = figures(case, arguments.folder, arguments.repeat)
        most = max(_SECONDS, _PART * alone)
        cells = (f"{value:.2f} s" for value in (alone, checked, checked - alone, most, explained, _RUNS * alone))
        print(f"| {case.name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
