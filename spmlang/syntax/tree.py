"""The lossless tree. Its tokens are in source order; with the text between them they give back the file byte for byte."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from spmlang.diagnostics.diagnostic import Diagnostic
from spmlang.diagnostics.text import SourceText, Span

#: A tree has at most so many levels below its root: it is walked by recursion.
DEEPEST = 150


class Token(NamedTuple):
    """A word of the grammar: `kind` is the terminal's name, offsets are code points in the file."""

    kind: str
    text: str
    start: int
    end: int


class Node(NamedTuple):
    """A rule of the grammar with its children. Newlines, blanks and comments are not children: they lie between tokens."""

    kind: str
    children: tuple[Node | Token, ...]
    start: int
    end: int

    def tokens(self) -> Iterator[Token]:
        """All tokens below, in order."""
        for child in self.children:
            if isinstance(child, Token):
                yield child
            else:
                yield from child.tokens()

    def token(self, kind: str) -> Token | None:
        """The first direct token of that kind."""
        return next((child for child in self.children if isinstance(child, Token) and child.kind == kind), None)

    def nodes(self, *kinds: str) -> list[Node]:
        """The direct child nodes (of those kinds, or all)."""
        return [child for child in self.children if isinstance(child, Node) and (not kinds or child.kind in kinds)]


_LEAST = 10_000


@dataclass
class Patience:
    """How many characters of a file are still read to tell what is wrong: after each mistake the rest is read again."""

    left: int = 3_000_000

    def is_left_for(self, text: str) -> bool:
        """True while a text may be read, which is counted; a short one, too, takes its time."""
        before = self.left
        self.left -= len(text) + _LEAST
        return before > 0


@dataclass(frozen=True)
class Item:
    """One top-level declaration. `damaged`: a mistake was cut out of it, so nothing may be concluded from what it lacks."""

    node: Node
    damaged: bool


@dataclass(frozen=True)
class Parsed:
    """A parsed file. `lost` are names declared by items that could not be read at all, so that they are not called unknown."""

    source: SourceText
    items: tuple[Item, ...]
    lost: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]

    def tokens(self) -> Iterator[Token]:
        """All tokens of the file, in order."""
        for item in self.items:
            yield from item.node.tokens()

    def span(self, node: Node | Token) -> Span:
        """Where a node or token stands."""
        return Span(self.source, node.start, node.end)
