"""Lay out lines of cells. Adjacent lines of one group are aligned in columns, as are their trailing comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

INDENT = "  "
WIDTH = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A line whose cells are joined by a space.

    Adjacent lines with the same `group` and `level` are aligned, unless `group` is empty.
    """

    level: int
    cells: tuple[str, ...]
    comment: str = ""
    group: str = ""

    @property
    def text(self) -> str:
        """The line on its own, without its comment."""
        return INDENT * self.level + " ".join(self.cells)


@dataclass(frozen=True, slots=True)
class Blank:
    """An empty line."""


def render(lines: Iterable[Line | Blank]) -> str:
    """Return the text of a file, in which each line ends with a newline. No lines give an empty text."""
    return "".join(f"{line}\n" for run in _runs(lines) for line in _aligned(run))


def _runs(lines: Iterable[Line | Blank]) -> Iterator[list[Line]]:
    """Yield the lines that are aligned with each other. An empty run is an empty line."""
    run: list[Line] = []
    for line in lines:
        fits = (
            run and isinstance(line, Line) and line.group and (line.group, line.level) == (run[0].group, run[0].level)
        )
        if run and not fits:
            yield run
            run = []
        if isinstance(line, Line):
            run.append(line)
        else:
            yield []
    if run:
        yield run


def _aligned(run: list[Line]) -> list[str]:
    """Return the texts of a run of lines, with cells and comments in columns."""
    if not run:
        return [""]
    columns = max(len(line.cells) for line in run)
    widths = [max(len(line.cells[at]) for line in run if at < len(line.cells)) for at in range(columns)]
    texts = [_in_columns(line, widths) for line in run]
    lines: list[str] = []
    # A line without a comment ends the column of comments, so that a new comment changes adjacent lines only.
    for commented, pairs in groupby(zip(run, texts, strict=True), key=lambda pair: bool(pair[0].comment)):
        block = list(pairs)
        width = max(len(text) for _, text in block)
        lines += [f"{text:{width}}  {line.comment}" if commented else text for line, text in block]
    return lines


def _in_columns(line: Line, widths: list[int]) -> str:
    *cells, last = line.cells
    padded = [f"{cell:{width}}" for cell, width in zip(cells, widths, strict=False)]
    return INDENT * line.level + " ".join([*padded, last])
