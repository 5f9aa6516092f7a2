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
    items: list[RawItem] = []
    problems: list[Diagnostic] = []
    text = whole.text
    start: int | None = None
    last = 0
    stack: list[_Open] = []
    line_start, line_is_fresh, has_block, block_below = 0, True, False, 0
    item_start = _ITEM_START if _is_balanced(text) else _ITEM_OR_STATEMENT_START

    def finish(end: int) -> None:
        nonlocal start
        if start is not None:
            items.append(_close(source, whole, start, end, stack, problems))
            stack.clear()
        start = None

    for match in _PIECE.finditer(text):
        if len(problems) >= _MOST_MISTAKES:
            problems.append(diagnose("too-many-mistakes", problems[-1].where))
            return items, problems
        piece, offset = match.group(), match.start()
        if piece == "\n":
            if start is not None and not stack and not _lists_parameters(text, start, offset):
                block_below = block_below if has_block or offset < block_below else _end_of(_BLOCK_BELOW, text, offset)
                if has_block or offset >= block_below:
                    finish(last)
            line_start, line_is_fresh = offset + 1, True
            continue
        if piece.startswith("#"):
            continue
        if line_is_fresh and stack and offset == line_start and item_start.match(text, offset):
            finish(last)
        if piece == "}" and start is None:
            problems.append(diagnose("stray-brace", _span(source, whole, offset)))
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
                problems.append(diagnose("stray-brace", _span(source, whole, offset)))
                finish(last)
        line_is_fresh = False
        last = match.end()
    finish(last)
    return items, problems


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


def _close(
    source: SourceText, whole: Patched, start: int, end: int, stack: list[_Open], problems: list[Diagnostic]
) -> RawItem:
    """Return the item from `start` to `end`.

    If a brace was left open, the closing one is inserted where the indentation shows that it belongs, and the problem
    is added to `problems`.
    """
    item = whole.part(start, end)
    if stack:
        opener, at = _unclosed_brace(whole.text, start, end, stack)
        missed = Span(source, whole.before(at), whole.before(at))
        indent = " " * _indent(whole.text, whole.text.rfind("\n", 0, opener) + 1)
        problems.append(
            diagnose(
                "unclosed-brace",
                _span(source, whole, opener),
                why=[Label(missed, "the closing brace is missed here")],
            ).mended_by(Fix(missed, f"\n{indent}}}") if len(stack) == 1 else None)
        )
        item = item.edited(Edit(at - start, at - start, "\n}"))
        length = len(item.text)
        item = item.edited(Edit(length, length, "\n}" * (len(stack) - 1)))
    return RawItem(whole.before(start), item)


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
