"""The lines of a file that a span covers, with the span underlined: what the terminal shows of plan text."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from unicodedata import category, east_asian_width

from .positions import region
from .text import Span

Paint = Callable[[str], str]

_TAB = 4
#: Characters of a line that are looked at to show it, times the room.
_NEAR = 4


def snippet(span: Span, label: str, mark: str, digits: int, width: int, paint: Paint) -> list[str]:
    """The first and the last line of the span, each underlined with `mark`, and `label` after the last underline.

    `digits` is the width of the line numbers, `width` that of the whole; longer lines are cut around the span.
    """
    place, room = region(span), width - digits - 3
    drawn: list[str] = []
    for number in sorted({place.line, place.end_line}):
        line = span.source.line(number)
        start = place.column - 1 if number == place.line else len(line) - len(line.lstrip())
        end = place.end_column - 1 if number == place.end_line else len(line)
        text, underline = _underlined(line, start, end, mark, room)
        if number > place.line + 1:
            drawn.append("...")
        drawn.append(f"{number:>{digits}} | {text}".rstrip())
        drawn += [
            f"{' ' * digits} | {paint(part)}" for part in _labelled(underline, label, number, place.end_line, room)
        ]
    return drawn


def clean(text: str) -> str:
    """The text with a replacement for whatever could not be printed or would steer the terminal."""
    return "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)


def _labelled(underline: str, label: str, number: int, last: int, room: int) -> list[str]:
    """The underline, and after the last one the label, on lines of its own if it is long."""
    if number < last or not label:
        return [underline]
    if len(underline) + 1 + len(label) <= room:
        return [f"{underline} {label}"]
    return [underline, *textwrap.wrap(label, room, break_long_words=False, break_on_hyphens=False)]


def _underlined(line: str, start: int, end: int, mark: str, room: int) -> tuple[str, str]:
    """The line as shown in at most `room` cells, and the marks below start..end (offsets in the line)."""
    if len(line) > _NEAR * room:  # of a line without end only what is near is looked at
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
    """How many columns of a terminal the text takes: two for wide East Asian characters, none for combining marks."""
    return sum(0 if category(c) in ("Mn", "Me") else 2 if east_asian_width(c) in "WF" else 1 for c in text)
