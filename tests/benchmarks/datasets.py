"""Generated data, kept in folders by what was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.generate import generate


@dataclass(frozen=True)
class DataSet:
    """What a generated company is like, and the folder that holds it."""

    rows: int
    payees: int
    data: Path


def data_set(folder: Path, rows: int, payees: int, seed: int, files: int) -> DataSet:
    """The data in a folder of its own below `folder`; generated, unless it is there."""
    data = folder / f"rows_{rows}_payees_{payees}_seed_{seed}_files_{files}"
    done = data / "complete"
    if not done.exists():
        generate(data, rows, payees, seed, files)
        done.touch()
    return DataSet(rows, payees, data)
