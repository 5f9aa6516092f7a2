"""Show the lines of plan text that a span covers, with the span underlined."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from unicodedata import category, east_asian_width

from .positions import region
from .text import Span

Paint = Callable[[str], str]

_TAB = 4
#: Characters of a line that are examined, as a multiple of the columns available.
_NEAR = 4


def snippet(span: Span, label: str, *, mark: str, digits: int, width: int, paint: Paint) -> list[str]:
    """Return the first and the last line of the span, each underlined, and the label after the last underline.

    Lines that are longer than the width are cut around the span.

    Args:
        span: The text to underline.
        label: Words after the last underline.
        mark: The character of the underline.
        digits: The width of the line numbers.
        width: The width of the whole, in columns.
        paint: Colors the underline and the label.
    """
    place, room = region(span), width - digits - 3
    drawn: list[str] = []
    for number in sorted({place.line, place.end_line}):
        line = span.source.line(number)
        start = place.column - 1 if number == place.line else len(line) - len(line.lstrip())
        end = place.end_column - 1 if number == place.end_line else len(line)
        text, underline = _underlined(line, start, end=end, mark=mark, room=room)
        if number > place.line + 1:
            drawn.append("...")
        drawn.append(f"{number:>{digits}} | {text}".rstrip())
        drawn += [
            f"{' ' * digits} | {paint(part)}"
            for part in _labelled(underline, label, number=number, last=place.end_line, room=room)
        ]
    return drawn


def clean(text: str) -> str:
    """Replace all characters that are not printable or could control the terminal."""
    return "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)


def _labelled(underline: str, label: str, *, number: int, last: int, room: int) -> list[str]:
    """Return the underline and, on the last line, the label; a long label has lines of its own."""
    if number < last or not label:
        return [underline]
    if len(underline) + 1 + len(label) <= room:
        return [f"{underline} {label}"]
    return [underline, *textwrap.wrap(label, room, break_long_words=False, break_on_hyphens=False)]


def _underlined(line: str, start: int, *, end: int, mark: str, room: int) -> tuple[str, str]:
    """Return the line in at most `room` columns, and the marks below it.

    `start` and `end` are the offsets of the marked text in the line.
    """
    if len(line) > _NEAR * room:  # of a very long line only the text near the span is examined
        low = max(0, start - room)
        line, start, end = line[low : low + _NEAR * room], start - low, min(end - low, _NEAR * room)
    shown, before, within = (clean(part.expandtabs(_TAB)) for part in (line, line[:start], line[:end]))
    start, end = len(before), len(within)
    if _cells(shown) > room:
        left = max(0, start - room // 3)
        while left and _cells(shown[left - 1 :]) < room:
            left -= 1
        head, right = "…" if left else "", len(shown)
        if _cells(shown[left:]) > room - len(head):
            right = left + 1
            while _cells(shown[left : right + 1]) < room - len(head):
                right += 1
        shown, offset = f"{head}{shown[left:right]}{'…' if right < len(shown) else ''}", len(head) - left
        start, end = start + offset, min(end, right) + offset
    return shown, " " * _cells(shown[:start]) + mark * max(1, _cells(shown[start:end]))


def _cells(text: str) -> int:
    """Return the columns that a text takes: 2 per wide East Asian character, 0 per combining mark."""
    return sum(0 if category(c) in ("Mn", "Me") else 2 if east_asian_width(c) in "WF" else 1 for c in text)
