"""Keep generated data in folders that are named by its options."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.generate import generate


@dataclass(frozen=True)
class DataSet:
    """The size of a generated company, and the folder of its data."""

    rows: int
    payees: int
    data: Path


def data_set(folder: Path, rows: int, *, payees: int, seed: int, files: int) -> DataSet:
    """Return the data in its folder below `folder`, and generate it if it is not there."""
    data = folder / f"rows_{rows}_payees_{payees}_seed_{seed}_files_{files}"
    done = data / "complete"
    if not done.exists():
        generate(data, rows, payees=payees, seed=seed, files=files)
        done.touch()
    return DataSet(rows, payees, data)
