"""Cuts a file into its top-level items before parsing, and finds the brace that is missing or too many."""

from __future__ import annotations

import re
from dataclasses import dataclass

from spmlang.source.diagnostics import Diagnostic, Label, diagnose
from spmlang.source.text import SourceText, Span

_MOST_MISTAKES = 200
ITEM_WORDS = ("use", "calendar", "measure", "territory", "table", "quota", "template", "plan", "example")

_PIECE = re.compile(r'"[^"\n]*"?|#[^\n]*|[{}]|\n|[^\s{}"#]+(?:[ \t]+[^\s{}"#]+)*')
_BRACES = re.compile(r'"[^"\n]*"?|#[^\n]*|[{}]')
_BLANKS = re.compile(r"[ \t]*")
_BLOCK_BELOW = re.compile(r"\s*\{")
#: A word that begins an item at the start of a line shows that the block before it was never closed. `quota` and `plan`
#: also begin statements, which may stand there in a file that is not laid out yet; so they only count when a brace is missing.
_ITEM_START = re.compile(r"(?:use|calendar|measure|territory|table|template|example)(?!\w)")
_ITEM_OR_STATEMENT_START = re.compile(rf"(?:{'|'.join(ITEM_WORDS)})(?!\w)")


@dataclass(frozen=True)
class RawItem:
    """The text of one item: offsets in the file, and the text to parse (with a missing brace put in at `patched`)."""

    start: int
    text: str
    patched: int | None = None


@dataclass
class _Open:
    """A brace that is not closed yet."""

    offset: int
    indent: int


def split(source: SourceText) -> tuple[list[RawItem], list[Diagnostic]]:
    """The items of a file in order, and what is wrong with its braces."""
    items: list[RawItem] = []
    problems: list[Diagnostic] = []
    text = source.text
    start: int | None = None
    last = 0
    stack: list[_Open] = []
    line_start, line_is_fresh, has_block = 0, True, False
    item_start = _ITEM_START if _is_balanced(text) else _ITEM_OR_STATEMENT_START

    def finish(end: int) -> None:
        nonlocal start
        if start is not None:
            items.append(_close(source, start, end, stack, problems))
            stack.clear()
        start = None

    for match in _PIECE.finditer(text):
        if len(problems) >= _MOST_MISTAKES:
            problems.append(diagnose("too-many-mistakes", problems[-1].where))
            return items, problems
        piece, offset = match.group(), match.start()
        if piece == "\n":
            ends = has_block or not _BLOCK_BELOW.match(text, offset)
            if start is not None and not stack and ends and not _lists_parameters(text[start:offset]):
                finish(last)
            line_start, line_is_fresh = offset + 1, True
            continue
        if piece.startswith("#"):
            continue
        if line_is_fresh and stack and offset == line_start and item_start.match(text, offset):
            finish(last)
        if piece == "}" and start is None:
            problems.append(diagnose("stray-brace", Span(source, offset, offset + 1)))
            line_is_fresh = False
            continue
        if start is None:
            start, has_block = offset, False
        if piece == "{":
            has_block = True
            stack.append(_Open(offset, _indent(text, line_start)))
        elif piece == "}":
            if stack:
                stack.pop()
            else:
                problems.append(diagnose("stray-brace", Span(source, offset, offset + 1)))
                finish(last)
        line_is_fresh = False
        last = match.end()
    finish(last)
    return items, problems


def _lists_parameters(header: str) -> bool:
    """Whether a template's list of parameters goes on in the next line."""
    if not header.startswith("template"):
        return False
    plain = re.sub(r"#[^\n]*", "", header)
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


def _close(source: SourceText, start: int, end: int, stack: list[_Open], problems: list[Diagnostic]) -> RawItem:
    """The item; when a brace was left open, the brace is put in where the indentation says it belongs."""
    text = source.text[start:end]
    if not stack:
        return RawItem(start, text)
    opener, at = _culprit(source, start, end, stack)
    problems.append(
        diagnose(
            "unclosed-brace",
            Span(source, opener, opener + 1),
            why=[Label(Span(source, at, at), "the closing brace is missed here")],
        )
    )
    # Where the brace goes nothing stands: it replaces the newline before the next statement.
    cut = at - start
    patched = text[:cut] + "\n}" + text[cut:] + "\n}" * (len(stack) - 1)
    return RawItem(start, patched, cut)


def _culprit(source: SourceText, start: int, end: int, stack: list[_Open]) -> tuple[int, int]:
    """Offset of the brace that lost its partner, and where the partner belongs (an end of line)."""
    text = source.text
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
