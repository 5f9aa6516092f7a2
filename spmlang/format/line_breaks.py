"""A statement as words and blanks, and how to break a long one inside its parentheses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .layout import INDENT, WIDTH, Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A token to print. `above` and `behind` are comments inside a statement, which only parentheses can contain."""

    text: str
    touches: bool = False  # no blank before it
    breaks: bool = False  # begins a line when the parenthesis around it is broken
    above: tuple[str, ...] = ()
    behind: str = ""


def joined(words: Iterable[Word]) -> str:
    """Return the words on one line."""
    text = ""
    for word in words:
        text += word.text if word.touches or not text else f" {word.text}"
    return text


def must_break(words: list[Word]) -> bool:
    """Return True if a comment is between the words."""
    return any(word.behind for word in words[:-1]) or any(word.above for word in words[1:])


def broken(words: list[Word], level: int) -> list[Line] | None:
    """Return the lines of a statement that is broken inside parentheses until they fit.

    Returns:
        The lines, or None if one line is enough or the statement cannot be broken.
    """
    partners = _partners(words)
    chosen = {start for start, end in partners.items() if must_break(words[start : end + 1])}
    while True:
        lines = _lines(words, level, chosen)
        wide = [(start, end) for depth, start, end in lines if len(INDENT * depth + joined(words[start:end])) > WIDTH]
        candidates = [
            (partners[at] - at, at)
            for start, end in wide
            for at in range(start, end)
            if at in partners and at not in chosen and partners[at] < end
        ]
        if not candidates:
            break
        chosen.add(max(candidates, key=lambda pair: (pair[0], -pair[1]))[1])
    return _with_comments(words, lines) if chosen else None


def _partners(words: list[Word]) -> dict[int, int]:
    """Return the index of each `(` with the index of its `)`."""
    opened: list[int] = []
    partners: dict[int, int] = {}
    for index, word in enumerate(words):
        if word.text == "(":
            opened.append(index)
        elif word.text == ")":
            partners[opened.pop()] = index
    return partners


def _lines(words: list[Word], level: int, chosen: set[int]) -> list[tuple[int, int, int]]:
    """Return level, first word and word after the last of each line.

    Args:
        words: The statement.
        level: The level of its first line.
        chosen: The indexes of the `(` that are broken.
    """
    lines: list[tuple[int, int, int]] = []
    around: list[int] = []  # the parentheses that are open here
    start, depth = 0, level
    for index, word in enumerate(words):
        closes = word.text == ")" and around[-1] in chosen
        opened = index > 0 and index - 1 in chosen
        breaks = word.breaks and bool(around) and around[-1] in chosen
        commented = index > 0 and bool(words[index - 1].behind or word.above)
        if index > start and (closes or opened or breaks or commented):
            lines.append((depth, start, index))
            start = index
            depth = level + sum(at in chosen for at in around) - closes
        if word.text == "(":
            around.append(index)
        elif word.text == ")":
            around.pop()
    lines.append((depth, start, len(words)))
    return lines


def _with_comments(words: list[Word], lines: list[tuple[int, int, int]]) -> list[Line]:
    """Return the lines with the comments between and behind their words."""
    result: list[Line] = []
    for number, (level, start, end) in enumerate(lines):
        closes = words[start].text == ")"
        inner = level + 1 if closes else level
        if number:
            result += [Line(inner, (comment,)) for comment in words[start].above]
        group = "option" if number and not closes and words[end - 1].text != "(" else ""
        result.append(Line(level, (joined(words[start:end]),), words[end - 1].behind, group))
    return result
