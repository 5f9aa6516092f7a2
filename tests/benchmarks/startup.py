"""`python -m tests.benchmarks.startup`: measure the start of `spm --help` and `spm check`, and their imports.

Seconds by the clock and of the processor are medians of several starts.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
COMMANDS = (["--help"], ["check", "plans/trailhead_outdoor"])


def main() -> int:
    """Measure and print the starts."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.startup", description=__doc__)
    parser.add_argument("--starts", type=int, default=15)
    parser.add_argument("--imports", type=int, default=12, help="so many of the slowest imports")
    arguments = parser.parse_args()
    for command in COMMANDS:
        seconds, processor = zip(*(_start(command) for _ in range(arguments.starts)), strict=True)
        imports = _imports(command)
        print(
            f"spm {' '.join(command)}: {median(seconds) * 1000:.0f} ms by the clock, {median(processor) * 1000:.0f} ms of the "
            f"processor; {len(imports)} modules are imported"
        )
        for micros, name in imports[: arguments.imports]:
            print(f"  {micros / 1000:6.1f} ms  {name}")
    return 0


def _start(command: list[str]) -> tuple[float, float]:
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "spmlang", *command], cwd=ROOT, check=True, capture_output=True)
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _imports(command: list[str]) -> list[tuple[int, str]]:
    """Return the microseconds and name of each import, the slowest first. Measuring adds to them."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "spmlang", *command],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    rows = [line.removeprefix("import time:").split("|") for line in done.stderr.splitlines() if "|" in line]
    return sorted(((int(own), name.strip()) for own, _, name in rows if own.strip().isdigit()), reverse=True)


if __name__ == "__main__":
    sys.exit(main())
