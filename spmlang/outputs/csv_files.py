"""The one writer of CSV files: for programs, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

#: A spreadsheet computes a cell that begins with one of these signs (also in their wide form).
#: Apostrophes before the sign are there already: one more is put in, so that taking one away always gives the text back.
_SIGNS = "=+-@\t\r\n＝＋－＠"
_FORMULA = re.compile(rf"'*[{re.escape(_SIGNS)}]")
_FIRST = frozenset(_SIGNS + "'")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Texts and whole numbers; what is absent is empty."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(_Lines(stream))
        writer.writerow(header)
        writer.writerows(row if _is_safe(row) else [_safe(cell) for cell in row] for row in rows)


class _Lines:
    """Lines that end with one character. They come with two, so that the writer puts a cell with either of them into quotes."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, line: str) -> None:
        """Write a line."""
        self.stream.write(f"{line[:-2]}\n")


def _is_safe(row: Sequence[object]) -> bool:
    """True for nearly all rows, found without a regular expression."""
    return not any(cell.__class__ is str and cell and cell[0] in _FIRST for cell in row)


def _safe(cell: object) -> object:
    """The cell; a text that a spreadsheet would take for a formula with an apostrophe before it. Numbers are no formulas."""
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
