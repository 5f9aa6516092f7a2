"""`python -m tests.benchmarks.check [LINES]`: seconds of `spm check` on so many plan lines, with the start of the process."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.generate import PLAN, SETTINGS

_HEAD, _PLAN = PLAN.split("plan account_executive", 1)


def main() -> int:
    """Write the project, check it three times, print the best."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as scratch:
        lines = write_project(Path(scratch), wanted)
        seconds = min(_seconds(scratch) for _ in range(3))
    print(f"{lines:,} lines checked in {seconds:.2f} s")
    return 0


def write_project(folder: Path, wanted: int) -> int:
    """Plans of the benchmark's shape, four a file, until there are `wanted` lines; returns how many there are."""
    (folder / "spm.yaml").write_text(SETTINGS, encoding="utf-8")
    (folder / "base.spm").write_text(_HEAD, encoding="utf-8")
    lines, number = _HEAD.count("\n"), 0
    while lines < wanted:
        plans = "\n".join(f"plan group_{number}_{part}{_PLAN}" for part in range(4))
        text = f"use base\n\n{plans}"
        (folder / f"plans_{number}.spm").write_text(text, encoding="utf-8")
        lines, number = lines + text.count("\n"), number + 1
    return lines


def _seconds(folder: str) -> float:
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "spmlang", "check", folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
