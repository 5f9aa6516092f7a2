"""Positions of diagnostics as numbers for tools, and the order in which diagnostics are shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .diagnostic import Cell, Diagnostic
from .text import Span


@dataclass(frozen=True, kw_only=True)
class Region:
    """A region of a text file.

    Lines and columns count from 1, columns in code points. `end_column` is the first column after the region.
    """

    file: str
    line: int
    column: int
    end_line: int
    end_column: int


def region(span: Span) -> Region:
    """Return the region of a span, without line ends at its end."""
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.start + len(span.text.rstrip("\r\n")))
    return Region(file=span.source.path, line=line, column=column, end_line=end_line, end_column=end_column)


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Sort diagnostics by file and position.

    Diagnostics without a place come first. Those with equal places keep their order.
    """
    return sorted(diagnostics, key=_position)


def _position(item: Diagnostic) -> tuple[str, int, str]:
    match item.where:
        case Span() as span:
            return span.source.path, span.start, ""
        case Cell() as cell:
            return cell.file, cell.row or 0, cell.column or ""
    return "", 0, ""
