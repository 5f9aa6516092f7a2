"""`python -m tests.benchmarks.alone PLAN SIDE DATA`: run one side alone, and print its peak memory in MiB.

The engine's peak includes opening the project and proving the data, which no peer does.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from spmlang.run.open import open_project
from tests.benchmarks import engine
from tests.benchmarks.machine import THREADS, limit_threads
from tests.benchmarks.memory import peak_mib
from tests.benchmarks.sides import ENGINE, PEERS, PLANS_FOLDER


def peak(plan: str, side: str, data: Path) -> int:
    """Return the peak memory of one side in MiB, measured in a new process."""
    command = [sys.executable, "-m", "tests.benchmarks.alone", plan, side, str(data)]
    return int(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)


def main(plan: str, side: str, data: Path) -> int:
    """Run the side once."""
    limit_threads()
    if side == ENGINE:
        opened = open_project(PLANS_FOLDER / plan)
        engine.run(opened, engine.load(opened, data, THREADS))
    else:
        next(peer for peer in PEERS if peer.name == side).payouts(plan, data)
    print(peak_mib())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
