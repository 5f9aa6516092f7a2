"""The random choice of the rows and payouts that are recomputed.

Numbers come from a hash of the inputs, so equal inputs give equal choices on every engine and machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from spmlang.data.tables import Tables
from spmlang.program.program import Program


@dataclass(frozen=True)
class SampleDraw:
    """A source of numbers. Each is a hash of the run's inputs (`seed`) and of the purpose of the number."""

    seed: str

    def number(self, below: int, *what: object) -> int:
        """Return a number from 0 to `below` - 1 for the purpose `what`."""
        text = "\n".join([self.seed, *map(str, what)])
        return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big") % below

    def some(self, many: int, of: int, *what: object) -> list[int]:
        """Return `many` different numbers below `of`, in the order in which they are drawn.

        The result has all numbers below `of` if `many` is at least `of`.
        """
        found: dict[int, None] = {}
        draw = 0
        while len(found) < min(many, of):
            found[self.number(of, *what, draw)] = None
            draw += 1
        return list(found)


def draw_for(program: Program, tables: Tables) -> SampleDraw:
    """Return the draw of a run, seeded by the hashes of its plan files and data files."""
    files = [(program.shown(path), hashlib.sha256(text.encode()).hexdigest()) for path, text in program.files.items()]
    told = sorted([*files, *((file.file, file.sha256) for file in tables.files)])
    return SampleDraw(hashlib.sha256(repr(told).encode()).hexdigest())


def drawn_rows(
    drawn: SampleDraw, tables: Tables, sources: Collection[str], many: int
) -> Iterator[tuple[str, str, list[int]]]:
    """Draw source rows, equally many of each source.

    Yields:
        The source, the file, and the sorted numbers of its rows (from 1).
    """
    for source in sorted(sources):
        files = sorted((file.file, file.rows) for file in tables.files if file.source == source)
        by_file: dict[str, list[int]] = {}
        for number in drawn.some(many // len(sources), sum(rows for _, rows in files), "row", source):
            left = number
            for file, rows in files:
                if left < rows:
                    by_file.setdefault(file, []).append(left + 1)
                    break
                left -= rows
        for file, numbers in by_file.items():
            yield source, file, sorted(numbers)
