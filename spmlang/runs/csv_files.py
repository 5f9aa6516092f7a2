"""The one writer of CSV files: for programs, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

#: A spreadsheet computes a cell that begins with one of these signs (also in their wide form), and some leave out blanks before them.
#: Apostrophes before the sign are there already: one more is put in, so that taking one away always gives the text back.
_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Texts and whole numbers; what is absent is empty."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([_safe(cell) for cell in row] for row in rows)


def _safe(cell: object) -> object:
    """The cell; a text that a spreadsheet would take for a formula with an apostrophe before it. Numbers are no formulas."""
    if isinstance(cell, str) and _FORMULA.match(cell) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell
