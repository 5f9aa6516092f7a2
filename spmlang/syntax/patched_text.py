"""A text in which pieces were replaced so that it can be read, and where each of its places stood before."""

from __future__ import annotations

import re
from typing import NamedTuple

_TEXT_OR_COMMENT = re.compile(r'("[^"\n]*")|#.*')
_TEXT = re.compile(r'("[^"\n]*")')


class Edit(NamedTuple):
    """What stands from `start` to `end` becomes `text`."""

    start: int
    end: int
    text: str

    def applied(self, text: str) -> str:
        """The text with the edit."""
        return text[: self.start] + self.text + text[self.end :]

    def shifted(self, by: int) -> Edit:
        """The edit in a text that has `by` characters more before it."""
        return Edit(self.start + by, self.end + by, self.text)


class Patched(NamedTuple):
    """A text after some edits, each made in the text that the ones before it had left. `length` is that of the first text."""

    text: str
    length: int
    edits: tuple[Edit, ...] = ()

    def edited(self, edit: Edit) -> Patched:
        """The text with one edit more."""
        return Patched(edit.applied(self.text), self.length, (*self.edits, edit))

    def part(self, start: int, end: int) -> Patched:
        """The text between two offsets, by itself."""
        within = tuple(edit.shifted(-start) for edit in self.edits if start <= edit.start < end)
        return Patched(self.text[start:end], self.before(end) - self.before(start), within)

    def before(self, offset: int) -> int:
        """The offset in the first text; a place inside a replacement is the nearest one in what was replaced."""
        for edit in reversed(self.edits):
            written = edit.start + len(edit.text)
            if offset >= written:
                offset -= written - edit.end
            elif offset > edit.start:
                offset = min(offset, edit.end)
        return max(0, min(offset, self.length))


def shown(line: str) -> str:
    """The line as a message shows it: without its comment, and with one blank between words."""
    plain = _TEXT_OR_COMMENT.sub(lambda match: match.group(1) or "", line).rstrip()
    return "".join(
        part if part.startswith('"') else re.sub(r"[ \t]+", " ", part) for part in _TEXT.split(plain.strip())
    )
