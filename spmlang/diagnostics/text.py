"""The text of one file, and the positions in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple


@dataclass(frozen=True)
class SourceText:
    """The text of one file.

    `path` is the path as the user gave it, with forward slashes. `text` has no byte order mark.
    """

    path: str
    text: str = field(repr=False)

    @cached_property
    def line_starts(self) -> tuple[int, ...]:
        """The offset (code points) at which each line starts."""
        return (0, *(match.end() for match in re.finditer("\n", self.text)))

    def position(self, offset: int) -> tuple[int, int]:
        """Return line and column of an offset, both from 1, columns in code points."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return the text of a line (from 1), without its line end."""
        start = self.line_starts[number - 1]
        end = self.line_starts[number] - 1 if number < len(self.line_starts) else len(self.text)
        return self.text[start:end].rstrip("\r")


class Span(NamedTuple):
    """A half-open range of offsets (code points) in one file.

    All parts of a program have a span, so it is a named tuple, which is small and quick to create.
    """

    source: SourceText
    start: int
    end: int

    @property
    def line(self) -> int:
        """The first line of the span, from 1."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """The first column of the span, from 1."""
        return self.source.position(self.start)[1]

    @property
    def place(self) -> str:
        """The place as `file:line`, which is how a payout names its rule."""
        return f"{self.source.path}:{self.line}"

    @property
    def text(self) -> str:
        """The text that the span covers."""
        return self.source.text[self.start : self.end]

    def to(self, other: Span) -> Span:
        """Return the span from the start of this one to the end of `other`."""
        return Span(self.source, self.start, max(self.end, other.end))
