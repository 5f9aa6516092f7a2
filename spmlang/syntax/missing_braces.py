"""Repair braces that are missing, on their own line or full-width, and read outlines without braces.

An outline shows its blocks by indentation or by list marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from spmlang.diagnostics.diagnostic import Diagnostic, Fix, diagnose
from spmlang.diagnostics.text import SourceText, Span

from .patched_text import Edit, Patched, shown_line

_BLOCK = (
    r"(?:(?:add|replace)[ \t]+)?"
    r"(?:calendar|measure|territory|table|quota|template|plan(?![ \t]+\w+[ \t]+on\b)|example|commission|bonus|spif|tiers|ranks)"
    r"(?!\w)(?:\"[^\"\n]*\"|[^\n{}#:\"])*+"
)
#: A line that would open a block if it ended with a brace, and the next line that is not empty. `plan NAME on DAY`
#: opens no block, because it is a statement of examples.
_HEADER = re.compile(rf"^(?P<indent>[ \t]*)(?P<header>{_BLOCK}):?(?=[ \t]*(?:#[^\n]*)?$)", re.MULTILINE)
_LINE_BELOW = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)+(?P<indent>[ \t]*)(?:(?![{}\s#])|(?P<brace>\{)(?=[ \t]*\r?\n))")

#: The most missing braces, and the most edits of an outline. Both are limited because each edit copies the text.
_MOST_MISSING, _MOST_EDITS = 200, 2_000
#: Characters of the longest line that an outline may have.
_LONGEST_LINE = 1_000
_WITHOUT = re.compile(r'"[^"\n]*"?|#[^\n]*')
_FULL_WIDTH = {"｛": "{", "｝": "}"}
#: A line that is not empty: its blanks, its list mark, and its text up to a comment.
_LINE = re.compile(
    r"^(?P<indent>[ \t]*)"
    r"(?P<mark>(?:[•◦▪‣●–—*-]|o(?=[ \t])|\(?[a-z][.)]|\(?\d+(?:\.\d+)*[.)]?(?=[ \t]+(?!to\b|and\b)[a-z]))[ \t]+)?"
    r"(?P<says>(?:\"[^\"\n]*\"?|[^\"#\s])(?:\"[^\"\n]*\"?|[^\"#\n])*)",
    re.MULTILINE,
)
_ITEM = re.compile(r"(?:use|calendar|measure|territory|table|quota|template|plan(?![ \t]+\w+[ \t]+on\b)|example)(?!\w)")
_COMPONENT = re.compile(r"(?:(?:add|replace)[ \t]+)?(?:commission|bonus|spif)(?!\w)")
_ROWS = re.compile(r"(?:tiers|ranks)(?!\w)")
_MARKED = re.compile(r"^[ \t]*(?:[•◦▪‣●–—*-]|o(?=[ \t])|\(?[a-z][.)]|\(?\d+(?:\.\d+)*[.)])[ \t]", re.MULTILINE)
#: A cap without indentation may belong to the plan or to the component before it, so no fix is offered.
_FLAT_CAP = re.compile(r"^cap(?!\w)", re.MULTILINE)
_OPENS = re.compile(rf"(?P<header>{_BLOCK}):?")


class _Line(NamedTuple):
    """A line of an outline.

    `start` and `end` are the offsets of its first blank and behind its last word. `blanks` are the blanks before its
    list mark `mark`, and `says` is its text. `depth` is the indentation that the line should have, if it is known
    otherwise.
    """

    start: int
    blanks: str
    mark: str
    says: str
    end: int
    depth: int | None = None

    @property
    def indent(self) -> int:
        """The column in which the line's text begins or, if `depth` is given, should begin."""
        return len(self.blanks) + len(self.mark) if self.depth is None else self.depth


def read_as_outline(source: SourceText, text: str) -> tuple[Patched, Diagnostic] | None:
    """Read a text with syntax errors as an outline: indentation shows its blocks, list marks are dropped.

    Returns:
        The text with braces and a diagnostic, or None if the text is no outline.
    """
    if max(map(len, text.split("\n"))) > _LONGEST_LINE:
        return None
    edits = _outline(text) if _HEADER.search(text) or _MARKED.search(text) else []
    if not 0 < len(edits) <= _MOST_EDITS:
        return None
    whole = Patched(text, len(text))
    known = _FLAT_CAP.search(text) is None
    for edit in edits:
        whole = whole.edited(edit.shifted(len(whole.text) - whole.length))
    place = Span(source, edits[0].start, edits[-1].end)
    fix = Fix(place, whole.text[place.start : place.end + len(whole.text) - whole.length])
    start, end = next(((edit.start, edit.end) for edit in edits if edit.text == " {"), (place.start, edits[0].end))
    line = text[text.rfind("\n", 0, start) + 1 : start]
    line = line.removeprefix(text[place.start : edits[0].end]) if edits[0].text == "" else line
    if text[start:end].strip(" \t:"):
        rest = shown_line(text[end : text.find("\n", end)])
        found = diagnose("word-too-many", Span(source, start, end), (), found=text[start:end].strip(), line=rest)
    else:
        found = diagnose("outline", Span(source, start - 1, end), (), line=f"{shown_line(line)} {{")
    return whole, found.mended_by(fix if known else None)


def with_plain_braces(source: SourceText) -> tuple[str, list[Diagnostic]]:
    """Replace the full-width braces of East Asian keyboards by `{` and `}`, which have the same length.

    Returns:
        The text, and a diagnostic if there were any outside texts and comments.
    """
    if not any(brace in source.text for brace in _FULL_WIDTH):
        return source.text, []
    mended = list(source.text)
    hidden = {at for match in _WITHOUT.finditer(source.text) for at in range(*match.span())}
    found = [at for at, sign in enumerate(mended) if sign in _FULL_WIDTH and at not in hidden]
    for at in found:
        mended[at] = _FULL_WIDTH[mended[at]]
    text = "".join(mended)
    if not found:
        return text, []
    start, end = found[0], found[-1] + 1
    line = shown_line(text[text.rfind("\n", 0, start) + 1 : text.find("\n", start)])
    problem = diagnose("other-sign", Span(source, start, start + 1), (), found=source.text[start], line=line)
    return text, [problem.mended_by(Fix(Span(source, start, end), text[start:end]))]


def _outline(text: str) -> list[Edit]:
    """Return the edits that insert braces and drop list marks; none if the text is no outline."""
    plain = _WITHOUT.sub("", text)
    lines = _lines(text)
    marked = sum(bool(line.mark) for line in lines) > 1 and any(
        line.mark and not line.says[0].isdigit() for line in lines
    )
    if (
        "{" not in plain
        and "}" not in plain
        and any(_ITEM.match(line.says) and not below.blanks for line, below in pairwise(lines))
    ):
        lines = _indented(lines)
    opens = {line.start for line, below in pairwise(lines) if below.indent > line.indent and _block_header(line)}
    if plain.count("{") != plain.count("}"):
        opens.clear()  # then braces are used, and a single one is missing
    return list(_edits(lines, opens, marked)) if opens or marked else []


def _lines(text: str) -> list[_Line]:
    """Return the lines that are neither empty nor inside parentheses."""
    lines: list[_Line] = []
    depth = 0
    for found in _LINE.finditer(text):
        says = found["says"].rstrip()
        if depth <= 0:
            end = found.start("says") + len(says)
            lines.append(
                _Line(start=found.start(), blanks=found["indent"], mark=found["mark"] or "", says=says, end=end)
            )
        plain = _WITHOUT.sub("", says)
        depth += plain.count("(") - plain.count(")")
    return lines


def _indented(lines: list[_Line]) -> list[_Line]:
    """Set the depth of each line of a text without indentation by its first word."""
    depth, made = 0, list[_Line]()
    for line in lines:
        if _ITEM.match(line.says):
            own, depth = 0, 2
        elif _COMPONENT.match(line.says):
            own, depth = 2, 4
        elif _ROWS.match(line.says):
            own, depth = 4, 6
        else:
            depth = 4 if depth == 6 and ":" not in line.says else depth
            own = depth
        made.append(line._replace(depth=own))
    return made


def _edits(lines: list[_Line], opens: set[int], marked: bool) -> Iterable[Edit]:
    """Yield the edits from the top down, in offsets of the unedited text.

    Args:
        lines: The lines of the outline.
        opens: The `start` of each line that opens a block.
        marked: True if list marks are dropped.
    """
    blocks: list[_Line] = []
    end = 0
    for line in lines:
        closed = ""
        while blocks and line.indent <= blocks[-1].indent:
            closed += f"\n{blocks.pop().blanks}}}"
        if closed:
            yield Edit(end, end, closed)
        if line.mark and marked:
            start = line.start + len(line.blanks)
            yield Edit(start, start + len(line.mark), "")
        end = line.end
        if line.start in opens:
            blocks.append(line)
            yield Edit(line.end - len(line.says) + len(_block_header(line)), line.end, " {")
    if blocks:
        yield Edit(end, end, "".join(f"\n{block.blanks}}}" for block in reversed(blocks)))


def _block_header(line: _Line) -> str:
    """Return the header of a block without a colon behind it, or an empty text for other lines."""
    found = _OPENS.fullmatch(line.says)
    header = found["header"].rstrip(" \t") if found else ""
    return header if header.count("(") == header.count(")") else ""


def insert_missing_braces(source: SourceText, text: str) -> tuple[Patched, list[Diagnostic]]:
    """Insert the missing brace behind each header whose block is indented below it.

    A brace on the line below its header is moved behind the header.

    Returns:
        The text with these braces, and a diagnostic for each.
    """
    problems: list[Diagnostic] = []
    whole = Patched(text, len(text))
    for match in _HEADER.finditer(text):
        if len(problems) >= _MOST_MISSING:
            break
        below = _LINE_BELOW.match(text, match.end())
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
    return whole, problems
