"""Where diagnostics are, as numbers that tools understand, and the order in which people read them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .diagnostic import Cell, Diagnostic
from .text import Span


@dataclass(frozen=True)
class Region:
    """A part of a text file. Lines and columns count from 1, columns in code points; `end_column` is the first one after it."""

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


def region(span: Span) -> Region:
    """The region of a span, without line ends at its end."""
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.start + len(span.text.rstrip("\r\n")))
    return Region(span.source.path, line, column, end_line, end_column)


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sorted by file and position. What has no place comes first; what has the same place keeps its order."""
    return sorted(diagnostics, key=_position)


def _position(item: Diagnostic) -> tuple[str, int, str]:
    match item.where:
        case Span() as span:
            return span.source.path, span.start, ""
        case Cell() as cell:
            return cell.file, cell.row or 0, cell.column or ""
    return "", 0, ""
