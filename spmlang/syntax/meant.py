"""What a statement that cannot be read was meant to be, when one of the known causes lets it be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import NamedTuple

from .causes import CAUSES, CONNECTIVES, Cause
from .framing import Framed, Stop
from .grammar import keyword_terminals
from .patching import Edit

_TEXT_OR_NOT = re.compile(r'("[^"\n]*")')
#: How alike a misspelt word is to the right one.
_SLIP = 0.8
_MARKS = {"COLON": ":", "COMMA": ",", "RPAR": ")"}


class Meant(NamedTuple):
    """A message's slug, the edit of the statement, and whether the statement can be read with it."""

    slug: str
    edit: Edit
    reads: bool


def meant(frame: Framed, stop: Stop) -> Meant | None:
    """The edit around the stop with which all of the statement can be read, else the one that lets most of it be read."""
    furthest, further = stop.at, None
    for slug, edit in _edits(frame.text, stop.at):
        then = frame.edited(edit).stop()
        if then is None:
            return Meant(slug, edit, reads=True)
        written = edit.start + len(edit.text)
        if then.at >= written and then.at - written + edit.end > furthest:
            furthest, further = then.at - written + edit.end, Meant(slug, edit, reads=False)
    missing = [edit for edit in _insertions(frame.text, stop) if frame.edited(edit).stop() is None]
    if len(missing) == 1:
        return Meant("word-missing", missing[0], reads=True)
    near = _near_word(frame.text, stop)
    return Meant("other-word", near, reads=True) if near and frame.edited(near).stop() is None else further


def _edits(text: str, at: int) -> Iterator[tuple[str, Edit]]:
    """What the causes would write at the mistake; then, where the same stands in the line several times, everywhere in it."""
    start = text.rfind("\n", 0, at) + 1
    end = text.find("\n", at)
    line = text[start : end if end >= 0 else len(text)]
    for cause in CAUSES:
        for match in cause.pattern.finditer(line):
            if match.start() <= at - start <= match.end():
                better = cause.instead(match)
                if better is not None and better != match[0]:
                    yield cause.slug, _trimmed(match, better).shifted(start)
                    everywhere = _everywhere(cause, line)
                    if everywhere is not None:
                        yield cause.slug, Edit(start + everywhere.start, start + everywhere.end, everywhere.text)


def _trimmed(match: re.Match[str], better: str) -> Edit:
    """The edit of a match without the blanks at its ends that it leaves as they are."""
    found = match[0]
    before = _blanks_shared(found, better)
    found, better = found[before:], better[before:]
    after = _blanks_shared(found[::-1], better[::-1])
    return Edit(match.start() + before, match.end() - after, better[: len(better) - after])


def _blanks_shared(left: str, right: str) -> int:
    """How many blanks both begin with."""
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other or one not in " \t":
            break
        count += 1
    return count


def _everywhere(cause: Cause, line: str) -> Edit | None:
    """The edit of all that the cause finds outside of texts, as one; None when it finds less than two."""
    if cause.slug == "wrong-quotes":
        made, count = cause.pattern.subn(lambda match: cause.instead(match) or match[0], line)
    else:
        parts = _TEXT_OR_NOT.split(line)
        made, count = "", 0
        for part in parts:
            if not part.startswith('"'):
                part, found = cause.pattern.subn(lambda match: cause.instead(match) or match[0], part)
                count += found
            made += part
    if count < 2:
        return None
    first = next((place for place, (old, new) in enumerate(zip(line, made, strict=False)) if old != new), 0)
    last = 0
    while last < min(len(line), len(made)) - first and line[-1 - last] == made[-1 - last]:
        last += 1
    return Edit(first, len(line) - last, made[first : len(made) - last])


def _near_word(text: str, stop: Stop) -> Edit | None:
    """A word of the language that differs from the one at the stop by a slip; `with` is no slip for `without`."""
    found = re.compile(r"[A-Za-z_]+").match(text, stop.at)
    words = keyword_terminals()
    near = (
        get_close_matches(found[0], [words[kind] for kind in stop.expected if kind in words], 1, _SLIP) if found else []
    )
    return Edit(found.start(), found.end(), near[0]) if found and near else None


def _insertions(text: str, stop: Stop) -> Iterator[Edit]:
    """A connective put in where the parser stopped."""
    before = text[: stop.at].rstrip(" \t")
    after = len(text) - len(text[stop.at :].lstrip(" \t"))
    words = keyword_terminals() | _MARKS
    for kind in CONNECTIVES:
        if kind in stop.expected:
            word = words[kind]
            gap = "" if kind in ("COMMA", "RPAR") else " "
            rest = "" if text[after : after + 1] in ("", "\n") else " "
            yield Edit(len(before), after, f"{gap}{word}{rest}")
