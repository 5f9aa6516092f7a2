"""Find characters that a reader cannot see. A text with them does not mean what it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple
from unicodedata import name

#: Control characters, characters for the direction and joining of letters, line separators that are no line ends,
#: surrogates, letters without a visible form, and byte order marks except at the start.
_HIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\uffa0\ufff9-\ufffb"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]|\r(?!\n)|(?<!\A)\ufeff"
)
_WITHIN = re.compile(r"(?<=\w).(?=\w)", re.DOTALL)


class Hidden(NamedTuple):
    """The offset of a hidden character, in code points, and its name: `U+202E (RIGHT-TO-LEFT OVERRIDE)`."""

    offset: int
    shown: str


def hidden_in(text: str) -> Iterator[Hidden]:
    """Yield the hidden characters of a text, in order. Tabs and line ends are not hidden."""
    for match in _HIDDEN.finditer(text):
        yield Hidden(match.start(), f"U+{ord(match.group()):04X} ({name(match.group(), 'control character')})")


def without_hidden(text: str) -> str:
    """Replace each hidden character by a blank or, inside a word, by an underscore.

    A word with a hidden character stays one word.
    """
    return _HIDDEN.sub(lambda match: "_" if _WITHIN.match(text, match.start()) else " ", text)
