"""The only writer of CSV files. Its files are for programs, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

#: A spreadsheet computes a cell that begins with one of these signs (also in their wide form). A text with apostrophes
#: before the sign is given one more, too, because then removing one apostrophe always restores the text.
_SIGNS = "=+-@\t\r\n＝＋－＠"
_FORMULA = re.compile(rf"'*[{re.escape(_SIGNS)}]")
_FIRST = frozenset(_SIGNS + "'")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write texts and whole numbers as CSV. None becomes an empty cell."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(_Lines(stream))
        writer.writerow(header)
        writer.writerows(row if _is_safe(row) else [_safe(cell) for cell in row] for row in rows)


class _Lines:
    """A stream that ends each line with one character.

    The CSV writer ends a line with "\\r\\n", so that it quotes a cell that holds either character. Here the line end
    becomes "\\n".
    """

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, line: str) -> None:
        """Write one line, with "\\n" as its end."""
        self.stream.write(f"{line[:-2]}\n")


def _is_safe(row: Sequence[object]) -> bool:
    """Return True for rows that surely hold no formula. Nearly all rows pass, without a regular expression."""
    return not any(cell.__class__ is str and cell and cell[0] in _FIRST for cell in row)


def _safe(cell: object) -> object:
    """Return the cell, with an apostrophe before a text that a spreadsheet would take for a formula.

    A number is no formula, even if it begins with a minus sign.
    """
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
