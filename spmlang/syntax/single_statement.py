"""Parse one statement between the headers of its blocks, to test quickly if an edit makes it readable."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import NamedTuple

import lark

from .lark_parser import parser
from .parse_errors import expected
from .patched_text import Edit
from .recovery_text import position

_PIECE = re.compile(r'"[^"\n]*"?|#[^\n]*|[(){}\n]')
#: Characters of the longest statement, with its headers, that is tried.
_LONGEST = 2_000
#: Characters of the text before a statement that may explain it.
_EARLIER = 20_000


class Stop(NamedTuple):
    """An offset in the statement's text, and the terminals that would be valid there."""

    at: int
    expected: set[str]


@dataclass(frozen=True)
class IsolatedStatement:
    """A statement's text between the text that makes it parsable on its own.

    `before` are the headers of its blocks, `after` their closing braces. `earlier` is the end of the item's text before
    the statement, at most 20,000 characters.
    """

    before: str
    text: str
    after: str
    earlier: str = ""

    def edited(self, edit: Edit) -> IsolatedStatement:
        """Return the statement with an edit of its text."""
        return replace(self, text=edit.applied(self.text))

    def line(self, at: int) -> tuple[int, int]:
        """Return the start and the end of the line around an offset."""
        start, end = self.text.rfind("\n", 0, at) + 1, self.text.find("\n", at)
        return start, end if end >= 0 else len(self.text)

    def stop(self) -> Stop | None:
        """Return where the parser stops, or None if the whole statement is readable."""
        try:
            parser().parse(self.before + self.text + self.after)
        except lark.exceptions.UnexpectedInput as mistake:
            at = position(mistake, self.before + self.text + self.after) - len(self.before)
            return Stop(min(max(0, at), len(self.text)), expected(mistake))
        return None


def isolate(text: str, start: int, end: int) -> IsolatedStatement | None:
    """Return the statement from `start` to `end` of an item's text, of a block only the header.

    Returns:
        The statement, or None if it is too long to be tried.
    """
    headers: list[str] = []
    line = 0
    parentheses = 0
    for match in _PIECE.finditer(text, 0, start):
        piece = match.group()
        if piece == "{":
            headers.append(text[line : match.end()])
        elif piece == "}":
            del headers[-1:]
        elif piece in "()":
            parentheses = max(0, parentheses + (1 if piece == "(" else -1))
        elif piece == "\n" and not parentheses:
            line = match.end()
    statement = text[start:end]
    closing = "\n}" * len(headers)
    opened = re.match(r'(?:"[^"\n]*"|[^"#{\n])*\{[ \t]*(?:#[^\n]*)?(?=\n)', statement)
    if opened:
        statement, closing = opened.group(), "\n}" + closing
    if len(statement) + sum(map(len, headers)) > _LONGEST:
        return None
    before = "".join(f"{header}\n" for header in headers)
    return IsolatedStatement(before, statement, closing, text[max(0, start - _EARLIER) : start])
