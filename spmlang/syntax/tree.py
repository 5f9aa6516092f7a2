"""The lossless tree of a plan file.

Its tokens are in source order. With the text between them they are the file, byte for byte.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from spmlang.diagnostics.diagnostic import Diagnostic
from spmlang.diagnostics.text import SourceText, Span

#: The most levels of a tree below its root, because functions visit it by recursion.
DEEPEST = 150


class Token(NamedTuple):
    """A word of the grammar: `kind` is the terminal's name, offsets are code points in the file."""

    kind: str
    text: str
    start: int
    end: int


class Node(NamedTuple):
    """A rule of the grammar with its children. Newlines, blanks and comments are no children."""

    kind: str
    children: tuple[Node | Token, ...]
    start: int
    end: int

    def tokens(self) -> Iterator[Token]:
        """Yield all tokens below the node, in order."""
        for child in self.children:
            if isinstance(child, Token):
                yield child
            else:
                yield from child.tokens()

    def token(self, kind: str) -> Token | None:
        """Return the first direct token of a kind, or None."""
        return next((child for child in self.children if isinstance(child, Token) and child.kind == kind), None)

    def nodes(self, *kinds: str) -> list[Node]:
        """Return the direct child nodes of the given kinds or, without kinds, all of them."""
        return [child for child in self.children if isinstance(child, Node) and (not kinds or child.kind in kinds)]


_LEAST = 10_000


@dataclass
class ParseBudget:
    """The number of characters of a file that may still be parsed to find mistakes.

    The rest of an item is parsed again after each mistake, so the number is limited.
    """

    left: int = 3_000_000

    def allows(self, text: str) -> bool:
        """Return True if the text may be parsed, and count it.

        Each text counts 10,000 characters more than it has, because parsing a short text also takes time.
        """
        before = self.left
        self.left -= len(text) + _LEAST
        return before > 0


@dataclass(frozen=True)
class Item:
    """A top-level declaration. If `damaged`, a mistake was cut out, so a missing statement is not reported."""

    node: Node
    damaged: bool


@dataclass(frozen=True)
class Parsed:
    """A parsed file.

    `undeclared_after_error` are the names declared by unreadable items, so that these names are not reported as unknown.
    """

    source: SourceText
    items: tuple[Item, ...]
    undeclared_after_error: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]

    def tokens(self) -> Iterator[Token]:
        """Yield all tokens of the file, in order."""
        for item in self.items:
            yield from item.node.tokens()

    def span(self, node: Node | Token) -> Span:
        """Return the span of a node or token."""
        return Span(self.source, node.start, node.end)
