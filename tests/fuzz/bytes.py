"""`python -m tests.fuzz.bytes --seconds N --seed S`: run commands on damaged files of valid projects.

The seed and a number decide each input. A finding is a traceback, an exit code other than 0 to 3, an error without a
message, or more CPU time or memory than the bound. A finding is saved as a project with a note of the command, and
`--only NUMBER` tries it again.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import shutil
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from .corpus import Sample, samples, with_parquet
from .mutations import spoil
from .trying import Bounds, Tried, attempt

#: The bound on CPU seconds of any input, and the addition for each megabyte of it.
_SECONDS, _SECONDS_PER_MB = 12.0, 9.0
_MEMORY = 4 << 30  # of address space, of which libraries reserve some 1.5 GB without using them
#: The most findings of one cause that are saved.
_KEPT = 3


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A damaged project, and the command that is tried on it."""

    number: int
    sample: str
    spoiled: str
    files: dict[str, bytes]
    arguments: list[str]

    @property
    def bounds(self) -> Bounds:
        """The bounds on time and memory for an input of this size."""
        size = sum(len(data) for data in self.files.values())
        return Bounds(_SECONDS + _SECONDS_PER_MB * size / 1e6, _MEMORY)


@dataclass(kw_only=True)
class Tally:
    """The totals of all trials so far."""

    tried: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    findings: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    largest: int = 0


def main(arguments: list[str]) -> int:
    """Run the trials, and return exit code 1 if there is a finding."""
    asked = _parsed(arguments)
    known = samples()
    warm_up()
    start, tally = time.monotonic(), Tally()
    numbers = [asked.only] if asked.only is not None else count(asked.first)
    with TemporaryDirectory() as name:
        for number in numbers:
            if _spent() > asked.seconds and asked.only is None:
                break
            trial = draw(asked.seed, number, known)
            done = _tried(trial, Path(name) / "project")
            _note(asked, trial, done, tally)
            if tally.tried % 1000 == 0:
                print(_summary(asked, tally, start), flush=True)
    print(_summary(asked, tally, start), flush=True)
    return 1 if tally.findings else 0


def draw(seed: int, number: int, known: list[Sample]) -> Trial:
    """Draw the trial with the given number."""
    chance = Random(f"{seed}:{number}")
    sample = chance.choice(known)
    files = dict(sample.files)
    plans, tables = ([name for name in files if name.endswith(end)] for end in (".spm", ".csv"))
    kind = chance.choice(("plan", "plan", "settings", "table" if sample.runs else "plan"))
    is_text = True
    if kind == "table":
        name = chance.choice(tables)
        if chance.random() < 0.35:
            files, name = with_parquet(files, name)
            is_text = False
    else:
        name = "spm.yaml" if kind == "settings" else chance.choice(plans)
    ending = name.rsplit(".", 1)[-1]
    others = [data for other in known for path, data in other.files.items() if path.endswith(ending)] or [files[name]]
    files[name] = spoil(chance, files[name], others, text=is_text)
    return Trial(number=number, sample=sample.name, spoiled=name, files=files, arguments=_command(chance, kind, sample))


def _command(chance: Random, kind: str, sample: Sample) -> list[str]:
    data = "data" if any(name.startswith("data/") for name in sample.files) else "."
    run = ["run", "--out", "out/fuzz", "--data", data]
    if kind == "table":
        return [*run, *chance.choice(([], [], [], ["--lines"], ["--engine", "reference"]))]
    if sample.runs and chance.random() < 0.25:
        return run
    checks = (["check"], ["check"], ["check"], ["check", "--format", "json"], ["check", "--cost"], ["test"])
    return list(chance.choice((*checks, ["fmt", "--check"], ["check", "--format", "sarif"])))


def _tried(trial: Trial, folder: Path) -> Tried:
    shutil.rmtree(folder, ignore_errors=True)
    write(folder, trial.files)
    return attempt(trial.arguments, folder, trial.bounds)


def write(folder: Path, files: dict[str, bytes]) -> None:
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)


def _note(asked: argparse.Namespace, trial: Trial, done: Tried, tally: Tally) -> None:
    """Count a trial, and print and save it if it is a finding."""
    tally.tried += 1
    tally.codes[done.code] += 1
    tally.slowest, tally.largest = max(tally.slowest, done.seconds), max(tally.largest, done.memory)
    wrong = done.wrong(trial.bounds)
    if asked.only is not None:
        print(done.said[:20_000])
    if wrong is None:
        return
    cause = wrong.split(":")[0] if wrong.startswith("slow") else wrong
    tally.findings[cause] += 1
    print(
        f"{asked.seed}:{trial.number} {' '.join(trial.arguments)}, {trial.sample}/{trial.spoiled}: {wrong}", flush=True
    )
    if asked.save is not None and tally.findings[cause] <= _KEPT:
        place = asked.save / f"{asked.seed}-{trial.number}"
        write(place, trial.files)
        note = f"spm {' '.join(trial.arguments)}\n{trial.spoiled} is spoiled: {wrong}\n{done.said[-4000:]}"
        (place / "finding.txt").write_text(note, encoding="utf-8")


def _summary(asked: argparse.Namespace, tally: Tally, start: float) -> str:
    codes = ", ".join(f"{code}: {many}" for code, many in sorted(tally.codes.items()))
    return (
        f"seed {asked.seed}: {tally.tried} inputs, exit codes {codes}; {sum(tally.findings.values())} findings of "
        f"{len(tally.findings)} causes; slowest {tally.slowest:.1f} s, largest {tally.largest / 1e6:.0f} MB; "
        f"{_spent():.0f} s CPU, {time.monotonic() - start:.0f} s"
    )


def _spent() -> float:
    """Return the CPU seconds of this process and its children."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def warm_up() -> None:
    """Import and build here the objects that each forked process would build again."""
    import duckdb  # noqa: F401

    from spmlang.diagnostics.diagnostic import catalogue
    from spmlang.syntax import slow_parser  # noqa: F401
    from spmlang.syntax.lalr_tables import tables
    from spmlang.syntax.lark_parser import parser

    catalogue()
    parser()
    tables()
    gc.freeze()


def _parsed(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.bytes", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long, in CPU time (60)")
    parser.add_argument("--seed", type=int, default=1, help="decides every input (1)")
    parser.add_argument("--first", type=int, default=0, metavar="NUMBER", help="the input to begin with (0)")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="one input, and all that is said about it")
    parser.add_argument("--save", type=Path, metavar="DIR", help="where to keep what was found")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    left = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(left)  # without DuckDB's count of its objects at exit, because all still exist
