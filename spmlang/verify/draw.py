"""What of a run is recomputed: drawn by a hash of the inputs, so that equal inputs draw the same, on every engine and machine."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from spmlang.data.tables import Tables
from spmlang.program.program import Program


@dataclass(frozen=True)
class Draw:
    """Draws numbers by a hash: of what a run is made from, and of what the number is for."""

    seed: str

    def number(self, below: int, *what: object) -> int:
        """A number from 0 on."""
        text = "\n".join([self.seed, *map(str, what)])
        return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big") % below

    def some(self, many: int, of: int, *what: object) -> list[int]:
        """So many different numbers below `of`, or all of them, in the order in which they are drawn."""
        found: dict[int, None] = {}
        draw = 0
        while len(found) < min(many, of):
            found[self.number(of, *what, draw)] = None
            draw += 1
        return list(found)


def draw_for(program: Program, tables: Tables) -> Draw:
    """The lot of a run, by the hashes of its plans and its data."""
    files = [(program.shown(path), hashlib.sha256(text.encode()).hexdigest()) for path, text in program.files.items()]
    told = sorted([*files, *((file.file, file.sha256) for file in tables.files)])
    return Draw(hashlib.sha256(repr(told).encode()).hexdigest())


def drawn_rows(
    drawn: Draw, tables: Tables, sources: Collection[str], many: int
) -> Iterator[tuple[str, str, list[int]]]:
    """Rows of sources, equally many of each, by file: the source, the file, and the numbers of its rows."""
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
