"""Repair a statement that cannot be read by a replacement of a known mistake that makes it readable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import NamedTuple

from .grammar import keyword_terminals
from .known_mistakes import CAUSES, CONNECTIVES, PLAIN_SIGNS, KnownMistake
from .patched_text import Edit
from .single_statement import IsolatedStatement, Stop

_TEXT_OR_NOT = re.compile(r'("[^"\n]*")')
#: The least similarity of a misspelled word to the right one.
_SLIP = 0.8
#: A row for all remaining values, and the upper bound of the row above it.
_REST = re.compile(
    r"[ \t]*((?:else|otherwise|(?:and[ \t]+)?(?:above|over|more|beyond)|(?:everything|anything|all)[ \t]+(?:above|else|over)"
    r"|the[ \t]+rest|rest|remainder)(?![ \t]*\d))[ \t]*:",
    re.IGNORECASE,
)
_ROW_ABOVE = re.compile(r"\bto[ \t]+(-?[ \t]*\d[\d_.]*(?:%|[ \t]+[A-Z]{3})?)[ \t]*:[^\n]*\n\s*$")
_MARKS = {"COLON": ":", "COMMA": ",", "RPAR": ")"}


class Repair(NamedTuple):
    """A message's slug, the edit of the statement, and True if the edit makes the statement readable."""

    slug: str
    edit: Edit
    reads: bool


def find_repair(frame: IsolatedStatement, stop: Stop) -> Repair | None:
    """Return the edit at the stop that makes the statement readable, or else the one that gets furthest.

    Args:
        frame: The statement.
        stop: Where the parser stops in it.

    Returns:
        The edit, or None if none gets further than the stop.
    """
    plain = _edit_of_all_matches(PLAIN_SIGNS, frame.text, least=1)
    if plain is not None:
        return Repair(PLAIN_SIGNS.slug, plain, reads=frame.edited(plain).stop() is None)
    furthest, further = stop.at, None
    for slug, edit in _known_replacements(frame, stop.at):
        then = frame.edited(edit).stop()
        if then is None:
            return Repair(slug, edit, reads=True)
        written = edit.start + len(edit.text)
        if then.at >= written and then.at - written + edit.end > furthest:
            furthest, further = then.at - written + edit.end, Repair(slug, edit, reads=False)
    last = _last_tier(frame, stop.at)
    if last is not None and frame.edited(last).stop() is None:
        return Repair("other-tier", last, reads=True)
    missing = [edit for edit in _insertions(frame.text, stop) if frame.edited(edit).stop() is None]
    if len(missing) == 1:
        return Repair("word-missing", missing[0], reads=True)
    near = _near_word(frame.text, stop)
    return Repair("other-word", near, reads=True) if near and frame.edited(near).stop() is None else further


def _known_replacements(frame: IsolatedStatement, at: int) -> Iterator[tuple[str, Edit]]:
    """Yield the replacements of known mistakes at the offset, with their slugs.

    If a mistake occurs several times in the line, one edit that replaces all of them follows.
    """
    text, before = frame.earlier + frame.text, len(frame.earlier)
    start, end = frame.line(at)
    for cause in CAUSES:
        for match in cause.pattern.finditer(text, before + start, before + end):
            if match.start() <= before + at <= match.end():
                better = cause.replacement(match)
                if better is not None and better != match[0]:
                    yield cause.slug, _trimmed(match, better).shifted(-before)
                    everywhere = _edit_of_all_matches(cause, frame.text[start:end])
                    if everywhere is not None:
                        yield cause.slug, everywhere.shifted(start)


def _trimmed(match: re.Match[str], better: str) -> Edit:
    """Return the edit of a match without the unchanged words and blanks at its ends."""
    found = match[0]
    before = _words_shared(found, better)
    found, better = found[before:], better[before:]
    after = _words_shared(found[::-1], better[::-1])
    return Edit(match.start() + before, match.end() - after, better[: len(better) - after])


def _words_shared(left: str, right: str) -> int:
    """Return the number of characters, up to and with a blank, with which both texts begin."""
    count = next((at for at, (one, other) in enumerate(zip(left, right, strict=False)) if one != other), 0)
    while count and left[count - 1] not in " \t":
        count -= 1
    return count


def _edit_of_all_matches(cause: KnownMistake, line: str, least: int = 2) -> Edit | None:
    """Return one edit of all matches outside texts, or None for fewer than `least` matches."""
    if cause.slug == "wrong-quotes":
        made, count = cause.pattern.subn(lambda match: cause.replacement(match) or match[0], line)
    else:
        parts = _TEXT_OR_NOT.split(line)
        made, count = "", 0
        for part in parts:
            if not part.startswith('"'):
                part, found = cause.pattern.subn(lambda match: cause.replacement(match) or match[0], part)
                count += found
            made += part
    if count < least:
        return None
    first = next((place for place, (old, new) in enumerate(zip(line, made, strict=False)) if old != new), 0)
    last = 0
    while last < min(len(line), len(made)) - first and line[-1 - last] == made[-1 - last]:
        last += 1
    return Edit(first, len(line) - last, made[first : len(made) - last])


def _near_word(text: str, stop: Stop) -> Edit | None:
    """Return the edit that corrects the spelling of a word at the stop, or None.

    Only words of the language that are valid there are considered. `without` and `off` are not misspelled words.
    """
    found = re.compile(r"(?!off\b)[A-Za-z_]+").match(text, stop.at)
    words = keyword_terminals()
    near = (
        get_close_matches(found[0], [words[kind] for kind in stop.expected if kind in words], 1, _SLIP) if found else []
    )
    return Edit(found.start(), found.end(), near[0]) if found and near else None


def _last_tier(frame: IsolatedStatement, at: int) -> Edit | None:
    """Rewrite `else : 8%` below `0% to 100% : 5%` as `100% and above : 8%`."""
    start, end = frame.line(at)
    rest, above = _REST.match(frame.text[start:end]), _ROW_ABOVE.search(frame.earlier + frame.text[:start])
    return Edit(start + rest.start(1), start + rest.end(1), f"{above[1]} and above") if rest and above else None


def _insertions(text: str, stop: Stop) -> Iterator[Edit]:
    """Yield edits that insert a connective where the parser stopped."""
    before = text[: stop.at].rstrip(" \t")
    after = len(text) - len(text[stop.at :].lstrip(" \t"))
    words = keyword_terminals() | _MARKS
    for kind in CONNECTIVES:
        if kind in stop.expected and (kind != "WHEN" or before.endswith("gate")):
            word = words[kind]
            gap = "" if kind in ("COMMA", "RPAR") else " "
            rest = "" if text[after : after + 1] in ("", "\n") else " "
            yield Edit(len(before), after, f"{gap}{word}{rest}")
