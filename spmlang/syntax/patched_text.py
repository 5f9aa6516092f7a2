"""A text with replaced pieces, and the mapping of its offsets to the original text."""

from __future__ import annotations

import re
from typing import NamedTuple

_TEXT_OR_COMMENT = re.compile(r'("[^"\n]*")|#.*')
_TEXT = re.compile(r'("[^"\n]*")')


class Edit(NamedTuple):
    """A replacement of the text from `start` to `end` by `text`."""

    start: int
    end: int
    text: str

    def applied(self, text: str) -> str:
        """Return the text with the edit."""
        return text[: self.start] + self.text + text[self.end :]

    def shifted(self, by: int) -> Edit:
        """Return the edit for a text with `by` more characters before it."""
        return Edit(self.start + by, self.end + by, self.text)


class Patched(NamedTuple):
    """A text after some edits, and `length`, the length of the original text.

    The offsets of each edit are those of the text after the edits before it.
    """

    text: str
    length: int
    edits: tuple[Edit, ...] = ()

    def edited(self, edit: Edit) -> Patched:
        """Return the text with one more edit."""
        return Patched(edit.applied(self.text), self.length, (*self.edits, edit))

    def part(self, start: int, end: int) -> Patched:
        """Return the text between two offsets as a text of its own."""
        within = tuple(edit.shifted(-start) for edit in self.edits if start <= edit.start < end)
        return Patched(self.text[start:end], self.before(end) - self.before(start), within)

    def before(self, offset: int) -> int:
        """Return the offset in the original text.

        An offset inside a replacement becomes the nearest one in the replaced text.
        """
        for edit in reversed(self.edits):
            written = edit.start + len(edit.text)
            if offset >= written:
                offset -= written - edit.end
            elif offset > edit.start:
                offset = min(offset, edit.end)
        return max(0, min(offset, self.length))


def shown_line(line: str) -> str:
    """Return a line as messages show it: without its comment, with one blank between words."""
    plain = _TEXT_OR_COMMENT.sub(lambda match: match.group(1) or "", line).rstrip()
    return "".join(
        part if part.startswith('"') else re.sub(r"[ \t]+", " ", part) for part in _TEXT.split(plain.strip())
    )
