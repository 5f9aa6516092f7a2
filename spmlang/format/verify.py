"""Prove that formatting changed only blanks. A text that fails is not written."""

from __future__ import annotations

from spmlang.syntax.lower import lower
from spmlang.syntax.tree import Parsed


def difference(before: Parsed, after: Parsed) -> str | None:
    """Return in a few words what differs between a file and its formatted text, or None."""
    if _words(before) != _words(after):
        return "its words"
    if _comments(before) != _comments(after):
        return "its comments"
    if lower(before)[0] != lower(after)[0]:
        return "its meaning"
    return None


def _words(parsed: Parsed) -> list[tuple[str, str]]:
    """Return kind and text of each token. Blanks inside a token (`or   else`) count only in texts."""
    return [
        (token.kind, token.text if token.kind == "STRING" else " ".join(token.text.split()))
        for token in parsed.tokens()
    ]


def _comments(parsed: Parsed) -> list[str]:
    """Return all comments without the blanks at their ends."""
    found: list[str] = []
    end = 0
    text = parsed.source.text
    for start, stop in [*((token.start, token.end) for token in parsed.tokens()), (len(text), len(text))]:
        for line in text[end:start].split("\n"):
            _, mark, comment = line.partition("#")
            if mark:
                found.append(comment.strip(" \t\r"))
        end = stop
    return found
