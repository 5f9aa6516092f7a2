"""Cuts a file into its top-level items before parsing, and finds the brace that is missing or too many."""

from __future__ import annotations

import re
from dataclasses import dataclass

from spmlang.source.diagnostics import Diagnostic, Fix, Label, diagnose
from spmlang.source.text import SourceText, Span

from .patching import Edit, Patched

_MOST_MISTAKES = 200

ITEM_WORDS = ("use", "calendar", "measure", "territory", "table", "quota", "template", "plan", "example")

_PIECE = re.compile(r'"[^"\n]*"?|#[^\n]*|[{}]|\n|[^\s{}"#]+(?:[ \t]+[^\s{}"#]+)*')
_BRACES = re.compile(r'"[^"\n]*"?|#[^\n]*|[{}]')
_BLANKS = re.compile(r"[ \t]*")
_BLOCK_BELOW = re.compile(r"\s*\{")
#: A line that opens a block, but for its brace, and the next line with something in it. `plan NAME on DAY` opens none: it is a
#: statement of examples.
_HEADER = re.compile(
    r"^(?P<indent>[ \t]*)(?P<header>(?:(?:add|replace)[ \t]+)?"
    r"(?:calendar|measure|territory|table|quota|template|plan(?![ \t]+\w+[ \t]+on\b)|example|commission|bonus|spif|tiers|ranks)"
    r"(?!\w)(?:\"[^\"\n]*\"|[^\n{}#:\"])*+):?(?=[ \t]*(?:#[^\n]*)?$)",
    re.MULTILINE,
)
_LINE_BELOW = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)+(?P<indent>[ \t]*)(?:(?![{}#\s])|(?P<brace>\{)(?=[ \t]*\r?\n))")
#: A word that begins an item at the start of a line shows that the block before it was never closed. `quota` and `plan`
#: also begin statements, which may stand there in a file that is not laid out yet; so they only count when a brace is missing.
_ITEM_START = re.compile(r"(?:use|calendar|measure|territory|table|template|example)(?!\w)")
_ITEM_OR_STATEMENT_START = re.compile(rf"(?:{'|'.join(ITEM_WORDS)})(?!\w)")


#: Characters of a template's name and parameters.
_LONGEST_HEADER = 10_000


@dataclass(frozen=True)
class RawItem:
    """One item: where it starts in the file, and its text, in which missing braces are put in."""

    start: int
    text: Patched


@dataclass
class _Open:
    """A brace that is not closed yet."""

    offset: int
    indent: int


def split(source: SourceText) -> tuple[list[RawItem], list[Diagnostic]]:
    """The items of a file in order, and what is wrong with its braces."""
    items: list[RawItem] = []
    problems: list[Diagnostic] = []
    whole = _opened(source, problems)
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
    """Where a match ends that begins there; 0 without one."""
    match = pattern.match(text, offset)
    return match.end() if match else 0


def _lists_parameters(text: str, start: int, end: int) -> bool:
    """True where a template's list of parameters goes on in the next line."""
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


def _opened(source: SourceText, problems: list[Diagnostic]) -> Patched:
    """The file's text with a brace behind each header whose block stands below it without one, or has it on its own line."""
    whole = Patched(source.text, len(source.text))
    for match in _HEADER.finditer(source.text):
        if len(problems) >= _MOST_MISTAKES:
            break
        below = _LINE_BELOW.match(source.text, match.end())
        header, longer = match.group("header").rstrip(" \t"), len(whole.text) - whole.length
        if below is None or header.count("(") != header.count(")"):
            continue
        if below.group("brace"):
            end = below.end()
        elif not below.group("brace") and len(below.group("indent")) > len(match.group("indent")):
            end = match.end()
        else:
            continue
        place = Span(source, match.start("header") + len(header), end)
        where = Span(source, place.start, match.end())
        problems.append(diagnose("brace-missing", where, line=f"{header} {{").mended_by(Fix(place, " {")))
        whole = whole.edited(Edit(place.start + longer, place.end + longer, " {"))
    return whole


def _close(
    source: SourceText, whole: Patched, start: int, end: int, stack: list[_Open], problems: list[Diagnostic]
) -> RawItem:
    """The item; when a brace was left open, the brace is put in where the indentation says it belongs."""
    item = whole.part(start, end)
    if stack:
        opener, at = _culprit(whole.text, start, end, stack)
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


def _culprit(text: str, start: int, end: int, stack: list[_Open]) -> tuple[int, int]:
    """Offset of the brace that lost its partner, and where the partner belongs (an end of line)."""
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
