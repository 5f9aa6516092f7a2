"""Compare the engine with peers written by hand, for the same payouts, to the cent.

All sides run in this process, in turn, on the same files with two threads. Peak memory is that of one run of each side
in a process of its own. The exit code is 1 if payouts differ.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from tests.benchmarks import machine
from tests.benchmarks.datasets import DataSet, data_set
from tests.benchmarks.measure import Compared, Figure, compare
from tests.benchmarks.report import print_before, print_compared, print_growths
from tests.benchmarks.scale import Growth, growths
from tests.benchmarks.sides import ENGINE, PEERS, PLANS, peers


@dataclass(frozen=True)
class Findings:
    """All measurements. `slow` are the comparisons on fewer rows."""

    compared: list[Compared]
    slow: list[Compared]
    growths: list[Growth]
    scaled: list[Figure]

    @property
    def agree(self) -> bool:
        """True if all sides pay the same."""
        figures = [figure for each in (*self.compared, *self.slow) for figure in each.figures]
        lines = [each.lines for each in self.compared if each.lines is not None]
        attributed = all(each.add_up and each.agrees for each in lines)
        return all(figure.agrees for figure in (*figures, *self.scaled)) and attributed


def main() -> int:
    """Generate data, run and compare all sides, and print the figures."""
    asked = _arguments()
    machine.limit_threads()
    gc.set_threshold(100_000, 50, 50)  # as `spm` does
    console = Console(width=120, highlight=False)
    with tempfile.TemporaryDirectory() as scratch:
        found = _measured(asked, asked.folder or Path(scratch), console)
    if asked.json:
        words = {name: getattr(asked, name) for name in ("rows", "payees", "seed", "files", "repeat", "slow_rows")}
        text = json.dumps({**machine.machine_info(), **words, **asdict(found), "agree": found.agree}, indent=2)
        asked.json.write_text(text + "\n", encoding="utf-8")
    console.print("everybody pays the same" if found.agree else "[bold]payouts differ[/bold]")
    return 0 if found.agree else 1


def _measured(asked: argparse.Namespace, folder: Path, console: Console) -> Findings:
    if not (asked.scale or asked.payee_scale):
        compared = _compared(asked, _data_set(asked, folder, asked.rows, asked.payees), slow=False)
        print_compared(console, compared)
        print_before(console, compared)
        part = _data_set(asked, folder, min(asked.slow_rows, asked.rows), asked.payees)
        slow = _compared(asked, part, slow=True)
        if slow:
            print_compared(console, slow)
        return Findings(compared, slow, [], [])
    grown: list[Growth] = []
    scaled: list[Figure] = []
    for of, sizes in (("rows", asked.scale), ("payees", asked.payee_scale)):
        figures: list[Figure] = []
        for size in sizes:
            rows, payees = (size, asked.payees) if of == "rows" else (asked.rows, size)
            for each in _compared(asked, _data_set(asked, folder, rows, payees), slow=False):
                figures += each.figures
        if figures:
            found = growths(figures, of)
            print_growths(console, found)
            grown, scaled = [*grown, *found], [*scaled, *figures]
    return Findings([], [], grown, scaled)


def _compared(asked: argparse.Namespace, whole: DataSet, *, slow: bool) -> list[Compared]:
    """Compare the engine on one data set with the fast peers of each plan, or with the slow ones."""
    scaling = bool(asked.scale or asked.payee_scale)
    found = []
    for plan in asked.plans:
        known = peers(plan, slow=slow, names=asked.peers)
        if known or not slow:
            # A billion orders take hours, so progress is printed on stderr, separate from the tables on stdout.
            print(f"{plan}: {whole.rows:,} orders, {whole.payees:,} payees ...", file=sys.stderr, flush=True)
            lines = asked.lines and not slow and not scaling
            found.append(compare(plan, whole, known, asked.repeat, memory=asked.memory and not scaling, lines=lines))
    return found


def _data_set(asked: argparse.Namespace, folder: Path, rows: int, payees: int) -> DataSet:
    return data_set(folder, rows, payees=payees, seed=asked.seed, files=asked.files)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--payees", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--files", type=int, default=1, help="how many Parquet files the orders lie in")
    parser.add_argument("--folder", type=Path, help="keep the generated data here, and use it if it is there")
    parser.add_argument("--repeat", type=int, default=3, help="how often everybody runs; the best counts")
    parser.add_argument("--plans", type=_names(PLANS), default=PLANS, help=f"of {', '.join(PLANS)}")
    known = tuple(peer.name for peer in PEERS)
    parser.add_argument("--peers", type=_names(known), help=f"of {', '.join(known)}; those installed if not said")
    parser.add_argument("--slow-rows", type=int, default=100_000, help="rows for OpenFisca and zen")
    parser.add_argument("--lines", action="store_true", help=f"also run the {ENGINE} with every cent's source rows")
    parser.add_argument("--scale", type=_sizes, default=(), help="measure at these numbers of rows only, and fit")
    parser.add_argument("--payee-scale", type=_sizes, default=(), help="the same with numbers of payees")
    parser.add_argument("--json", type=Path, help="also write all figures to this file")
    parser.add_argument(
        "--memory",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="measure peak memory, each side in a process of its own",
    )
    return parser.parse_args()


def _sizes(text: str) -> tuple[int, ...]:
    sizes = tuple(int(part.replace("_", "")) for part in text.split(","))
    if len(set(sizes)) < 2:
        raise argparse.ArgumentTypeError("a line needs two sizes or more, as in 100000,1000000")
    return sizes


def _names(known: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    def read(text: str) -> tuple[str, ...]:
        names = tuple(text.split(","))
        unknown = [name for name in names if name not in known]
        if unknown:
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: not of {', '.join(known)}")
        return names

    return read
