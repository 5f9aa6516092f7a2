"""`python -m tests.fuzz.largest`: run each case at three sizes up to 10 MB, in a process of its own.

A finding is a finding of the fuzzer of bytes, more than 60 s of CPU time, more than 2 GB of memory, more than 3 MB of
messages, or time that grows much faster than the files. `--only TEXT` selects the cases whose name contains the text.
"""

from __future__ import annotations

import argparse
import math
import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.bytes import warm_up, write
from tests.fuzz.trying import Bounds, Tried, attempt

from . import packed, settings, tables, text
from .making import Case

_SECONDS, _MEMORY = 60.0, 2_000_000_000
#: Libraries reserve address space that they do not use, so the bound is larger than _MEMORY.
_BOUNDS = Bounds(_SECONDS, 8 << 30)
#: The largest power of the size with which time may grow, and the seconds below which growth is ignored.
_STEEPEST, _NOTHING = 1.35, 3.0
_LONGEST = 3_000_000  # characters of all messages


def main(arguments: list[str]) -> int:
    """Run the cases, and return exit code 1 if there is a finding."""
    asked = _parsed(arguments)
    warm_up()
    wrong = 0
    with TemporaryDirectory() as name:
        for case in (*settings.CASES, *tables.CASES, *packed.CASES, *text.CASES):
            if asked.only in case.name:
                wrong += not _try(case, asked.largest, Path(name) / "project")
    print(f"{wrong} findings")
    return 1 if wrong else 0


def _try(case: Case, largest: int, folder: Path) -> bool:
    """Run three sizes of a case, each twice the one before. Return False after a finding."""
    seconds = []
    for part in (4, 2, 1):
        size = min(case.most, largest) // part
        files = case.make(size)
        shutil.rmtree(folder, ignore_errors=True)
        write(folder, files)
        total = sum(map(len, files.values()))
        del files
        done = attempt(case.command, folder, _BOUNDS)
        seconds.append(done.seconds)
        wrong = wrong_with(done, seconds)
        said = next((line for line in done.said.splitlines() if line.strip()), "")
        took = f"{total / 1e6:6.2f} MB {done.seconds:6.1f} s {done.memory / 1e6:6.0f} MB"
        print(f"{case.name:36} {took}  {done.code} {len(done.said):9,} {said[:90]}", flush=True)
        if wrong:
            print(f"FOUND: {wrong}", flush=True)
        if wrong:
            return False
    return True


def wrong_with(done: Tried, seconds: list[float]) -> str | None:
    """Return the finding about a command, or None.

    Args:
        done: The command's outcome.
        seconds: The CPU seconds of all sizes so far, the last one included.
    """
    if (found := done.wrong(_BOUNDS)) is not None:
        return found
    if done.memory > _MEMORY:
        return f"{done.memory / 1e9:.1f} GB"
    if len(done.said) > _LONGEST:
        return f"{len(done.said):,} characters are said"
    if len(seconds) > 1 and seconds[-1] > _NOTHING:
        power = math.log2(seconds[-1] / seconds[-2])
        if power > _STEEPEST:
            return f"grows as the size to the power {power:.1f}"
    return None


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.largest", description=__doc__)
    parser.add_argument("--only", default="", metavar="TEXT", help="the cases whose name holds this text (all)")
    parser.add_argument(
        "--largest", type=int, default=10_000_000, metavar="BYTES", help="the largest size (10,000,000)"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    left = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(left)  # without DuckDB's count of its objects at exit, because all still exist
