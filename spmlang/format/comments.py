"""Find comments and empty lines between tokens: behind a token on its line, or above a token."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from spmlang.syntax.tree import Token


@dataclass(frozen=True, slots=True)
class Remark:
    """A comment on a line of its own. If `blank`, an empty line is above it."""

    text: str
    blank: bool


@dataclass(frozen=True, slots=True)
class Leading:
    """The comment lines above a token. If `blank`, an empty line is directly above the token."""

    remarks: tuple[Remark, ...] = ()
    blank: bool = False


@dataclass(frozen=True)
class Comments:
    """The comments of a file by token.

    `before` is keyed by the offset at which a token starts, `after` by the offset at which a token ends. `end` are the
    comment lines below the last token.
    """

    before: dict[int, Leading]
    after: dict[int, str]
    end: Leading

    def above(self, token: Token) -> Leading:
        """Return the comment lines above a token."""
        return self.before.get(token.start, Leading())

    def behind(self, token: Token) -> str:
        """Return the comment behind a token on its line, or an empty text."""
        return self.after.get(token.end, "")


def find_comments(text: str, tokens: Iterable[Token]) -> Comments:
    """Return the comments of a file, given all its tokens in order."""
    before: dict[int, Leading] = {}
    after: dict[int, str] = {}
    end = 0
    for token in tokens:
        behind, above = _gap(text[end : token.start], at_start=end == 0)
        if behind:
            after[end] = behind
        if above.remarks or above.blank:
            before[token.start] = above
        end = token.end
    behind, above = _gap(text[end:], at_start=end == 0)
    if behind:
        after[end] = behind
    return Comments(before, after, above)


def tidy(comment: str) -> str:
    """Return a comment with a space behind its `#` and without blanks at its end.

    No space is added before another `#` or a `!`.
    """
    comment = comment.rstrip(" \t\r")
    if comment == "#" or comment[1] in "#! \t":
        return comment
    return f"# {comment[1:]}"


def _gap(gap: str, at_start: bool) -> tuple[str, Leading]:
    """Return the comment behind the token before the gap, and the comment lines above the token after it.

    `at_start` is True if no token is before the gap.
    """
    first, *lines = gap.split("\n")
    if at_start:
        first, lines = "", [first, *lines]
    behind = _comment(first)
    remarks: list[Remark] = []
    blank = False
    for number, line in enumerate(lines):
        comment = _comment(line)
        if comment:
            remarks.append(Remark(comment, blank))
            blank = False
        elif number < len(lines) - 1:
            blank = True
    return behind, Leading(tuple(remarks), blank)


def _comment(line: str) -> str:
    at = line.find("#")
    return tidy(line[at:]) if at >= 0 else ""
