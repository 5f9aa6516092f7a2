"""`python -m tests.benchmarks.check [LINES]`: seconds of the check on so many plan lines, each time in a fresh process.

Measured are `build_program` alone, and the whole command `spm check` with the start of its process.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.generate import PLAN, SETTINGS

_HEAD, _PLAN = PLAN.split("plan account_executive", 1)

_BUILD = """
import sys, time
from pathlib import Path
from spmlang.model.build import build_program
from spmlang.project.file import load_project
from spmlang.syntax.grammar import reserved_words
project, problems = load_project(Path(sys.argv[1]), reserved_words())
assert project is not None and not problems, problems
start = time.perf_counter()
program, problems = build_program(project)
seconds = time.perf_counter() - start
assert program is not None and not problems, problems
print(seconds)
"""


def main(wanted: int) -> int:
    """Write the project, check it three times, print the best."""
    with tempfile.TemporaryDirectory() as scratch:
        lines = write_project(Path(scratch), wanted)
        build = min(_build_seconds(scratch) for _ in range(3))
        command = min(_seconds(scratch) for _ in range(3))
    print(f"{lines:,} lines checked in {command:.2f} s, build_program {build:.2f} s of it")
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


def _build_seconds(folder: str) -> float:
    done = subprocess.run([sys.executable, "-c", _BUILD, folder], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


def _seconds(folder: str) -> float:
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "spmlang", "check", folder], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
