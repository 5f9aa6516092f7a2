"""Split a file into its top-level items before parsing, and find missing and surplus braces."""

from __future__ import annotations

import re
from dataclasses import dataclass

from spmlang.diagnostics.diagnostic import Diagnostic, Fix, Label, diagnose
from spmlang.diagnostics.text import SourceText, Span

from .patched_text import Edit, Patched

_MOST_MISTAKES = 200

ITEM_WORDS = ("use", "calendar", "measure", "territory", "table", "quota", "template", "plan", "example")

_PIECE = re.compile(r'"[^"\n]*"?|#[^\n]*|[{}]|\n|[^\s{}"#]+(?:[ \t]+[^\s{}"#]+)*')
_BRACES = re.compile(r'"[^"\n]*"?|#[^\n]*|[{}]')
_BLANKS = re.compile(r"[ \t]*")
_BLOCK_BELOW = re.compile(r"\s*\{")
#: A word that begins an item at the start of a line shows that the block before it was never closed. `quota` and `plan`
#: also begin statements, which may start a line in an unformatted file, so they count only if the file's braces do not
#: balance.
_ITEM_START = re.compile(r"(?:use|calendar|measure|territory|table|template|example)(?!\w)")
_ITEM_OR_STATEMENT_START = re.compile(rf"(?:{'|'.join(ITEM_WORDS)})(?!\w)")


#: The most characters of a template's name and parameters.
_LONGEST_HEADER = 10_000


@dataclass(frozen=True)
class RawItem:
    """An item: its offset in the file, and its text with the missing braces inserted."""

    start: int
    text: Patched


@dataclass
class _Open:
    """A brace that is not closed yet."""

    offset: int
    indent: int


def split(source: SourceText, whole: Patched) -> tuple[list[RawItem], list[Diagnostic]]:
    """Return the items of a file in order, and the diagnostics of its braces.

    Args:
        source: The file as written.
        whole: Its text with the braces that were inserted before.
    """
    splitter = _Splitter(source, whole)
    splitter.split()
    return splitter.items, splitter.problems


class _Splitter:
    """The items and problems found so far, and the item that is being read."""

    def __init__(self, source: SourceText, whole: Patched) -> None:
        self.source = source
        self.whole = whole
        self.text = whole.text
        self.items: list[RawItem] = []
        self.problems: list[Diagnostic] = []
        self.start: int | None = None  # of the item; None between items
        self.end = 0  # of the last piece of the item
        self.open_braces: list[_Open] = []
        self.has_block = False
        self.block_below = 0  # the end of a `{` on a line below the header
        self.line_start = 0
        self.line_is_fresh = True  # nothing but blanks before this piece
        self.item_start = _ITEM_START if _is_balanced(self.text) else _ITEM_OR_STATEMENT_START

    def split(self) -> None:
        """Read the whole text, or until there are too many problems."""
        for match in _PIECE.finditer(self.text):
            if len(self.problems) >= _MOST_MISTAKES:
                self.problems.append(diagnose("too-many-mistakes", self.problems[-1].where))
                return
            piece = match.group()
            if piece == "\n":
                self._end_line(match.start())
            elif not piece.startswith("#"):
                self._read(piece, match.start())
        self._finish()

    def _end_line(self, offset: int) -> None:
        """Finish an item whose braces are closed. A header continues up to a `{` on a line below."""
        if self.start is not None and not self.open_braces and not _lists_parameters(self.text, self.start, offset):
            if not self.has_block and offset >= self.block_below:
                self.block_below = _end_of(_BLOCK_BELOW, self.text, offset)
            if self.has_block or offset >= self.block_below:
                self._finish()
        self.line_start, self.line_is_fresh = offset + 1, True

    def _read(self, piece: str, offset: int) -> None:
        """Read a brace, or a piece of text without braces."""
        begins_line = self.line_is_fresh and offset == self.line_start
        self.line_is_fresh = False
        if begins_line and self.open_braces and self.item_start.match(self.text, offset):
            self._finish()
        if piece == "}" and self.start is None:
            self.problems.append(diagnose("stray-brace", _span(self.source, self.whole, offset)))
            return
        if self.start is None:
            self.start, self.has_block = offset, False
        if piece == "{":
            self.has_block = True
            self.open_braces.append(_Open(offset, _indent(self.text, self.line_start)))
        elif piece == "}" and self.open_braces:
            self.open_braces.pop()
        elif piece == "}":
            self.problems.append(diagnose("stray-brace", _span(self.source, self.whole, offset)))
            self._finish()
        self.end = offset + len(piece)

    def _finish(self) -> None:
        """Add the item that is being read, if there is one, and close its open braces."""
        if self.start is not None:
            item, problem = self._closed(self.start)
            self.items.append(item)
            self.problems += [problem] if problem else []
            self.open_braces.clear()
        self.start = None

    def _closed(self, start: int) -> tuple[RawItem, Diagnostic | None]:
        """Return the item that begins at `start`, and the diagnostic of a brace that was left open.

        The closing brace is inserted where the indentation shows that it belongs.
        """
        source, whole, open_braces = self.source, self.whole, self.open_braces
        item = whole.part(start, self.end)
        if not open_braces:
            return RawItem(whole.before(start), item), None
        opener, at = _unclosed_brace(whole.text, start, self.end, open_braces)
        missed = Span(source, whole.before(at), whole.before(at))
        indent = " " * _indent(whole.text, whole.text.rfind("\n", 0, opener) + 1)
        problem = diagnose(
            "unclosed-brace",
            _span(source, whole, opener),
            why=[Label(missed, "the closing brace is missed here")],
        ).mended_by(Fix(missed, f"\n{indent}}}") if len(open_braces) == 1 else None)
        item = item.edited(Edit(at - start, at - start, "\n}"))
        length = len(item.text)
        item = item.edited(Edit(length, length, "\n}" * (len(open_braces) - 1)))
        return RawItem(whole.before(start), item), problem


def _end_of(pattern: re.Pattern[str], text: str, offset: int) -> int:
    """Return the end of a match that begins at the offset, or 0 without a match."""
    match = pattern.match(text, offset)
    return match.end() if match else 0


def _lists_parameters(text: str, start: int, end: int) -> bool:
    """Return True if a template's list of parameters continues on the next line."""
    if not text.startswith("template", start) or end - start > _LONGEST_HEADER:
        return False
    plain = re.sub(r"#[^\n]*", "", text[start:end])
    return plain.count("(") > plain.count(")")


def _is_balanced(text: str) -> bool:
    depth = 0
    for match in _BRACES.finditer(text):
        if match.group() in "{}":
            depth += 1 if match.group() == "{" else -1
    return depth == 0


def _indent(text: str, line_start: int) -> int:
    blanks = _BLANKS.match(text, line_start)
    return len(blanks.group()) if blanks else 0


def _span(source: SourceText, whole: Patched, offset: int) -> Span:
    return Span(source, whole.before(offset), whole.before(offset + 1))


def _unclosed_brace(text: str, start: int, end: int, stack: list[_Open]) -> tuple[int, int]:
    """Return the offset of the unclosed brace, and the line end at which its closing brace belongs."""
    open_braces: list[_Open] = []
    line_start = text.rfind("\n", 0, start) + 1
    line_is_fresh = True
    last = start
    for match in _PIECE.finditer(text, start, end):
        piece, offset = match.group(), match.start()
        if piece == "\n":
            line_start, line_is_fresh = offset + 1, True
            continue
        if piece.startswith("#"):
            continue
        column = offset - line_start
        if line_is_fresh and piece != "}" and len(open_braces) > 1 and column <= open_braces[-1].indent:
            return open_braces[-1].offset, last
        line_is_fresh = False
        if piece == "{":
            open_braces.append(_Open(offset, _indent(text, line_start)))
        elif piece == "}" and open_braces:
            open_braces.pop()
        last = match.end()
    return stack[-1].offset, end
