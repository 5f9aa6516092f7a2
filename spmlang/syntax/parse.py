"""A file's text to its lossless tree. A statement that cannot be read is reported, cut out, and the rest is read again."""

from __future__ import annotations

import re
from functools import partial

import lark
from lark.lexer import Token as LarkToken

from spmlang.source.diagnostics import Diagnostic, diagnose
from spmlang.source.text import SourceText, Span

from .grammar import parser
from .items import ITEM_WORDS, RawItem, split
from .mistakes import explain
from .tree import Item, Node, Parsed, Token

_MOST_MISTAKES = 50
_DECLARED = re.compile(r"(?:calendar|measure|territory|quota|plan)\s+([a-z][a-z0-9_]*)")
#: What a header is replaced with when it cannot be read, so that the mistakes in its body are still found.
_HEADERS = {
    "calendar": "calendar x {",
    "measure": "measure x {",
    "territory": "territory x of x {",
    "quota": "quota x {",
    "plan": "plan x version 1 {",
    "example": 'example "x" {',
}


def parse(source: SourceText) -> Parsed:
    """Parse one file. Never raises for bad text: everything wrong is in `diagnostics`."""
    raw_items, problems = split(source)
    items: list[Item] = []
    lost: list[str] = []
    for raw in raw_items:
        node, found, readable = _parse_item(source, raw)
        problems += found
        if node is not None and readable:
            items.append(Item(node, damaged=bool(found) or raw.patched is not None))
        else:
            lost += _DECLARED.findall(raw.text)[:1]
    problems.sort(key=lambda item: item.where.start if isinstance(item.where, Span) else 0)
    return Parsed(source, tuple(items), tuple(lost), tuple(problems))


def _parse_item(source: SourceText, raw: RawItem) -> tuple[Node | None, list[Diagnostic], bool]:
    """The item's tree, what is wrong with it, and whether its header could be read."""
    text = raw.text
    problems: list[Diagnostic] = []
    readable = True
    shift = 0  # how much longer the text has become by putting in a readable header
    for _ in range(_MOST_MISTAKES):
        offsets = _Offsets(raw, shift, len(text))
        try:
            tree = parser().parse(text)
        except lark.exceptions.UnexpectedInput as mistake:
            at = _position(mistake, text)
            problems.append(explain(mistake, text, at, partial(_span, source, offsets)))
            line_end = text.find("\n")
            line_end = len(text) if line_end < 0 else line_end
            if at > line_end:
                cut = _blank_statement(text, at)
                if cut == text:
                    return None, problems, False
                text = cut
                continue
            header = _readable_header(text, line_end)
            if not readable or header is None:
                return None, problems, False
            readable = False
            text = header + text[line_end:]
            shift = len(header) - line_end
        else:
            return _convert(tree, offsets), problems, readable
    problems.append(diagnose("too-many-mistakes", Span(source, raw.start, raw.start + 1), most=_MOST_MISTAKES))
    return None, problems, False


class _Offsets:
    """From offsets in the text that was parsed to offsets in the file."""

    def __init__(self, raw: RawItem, shift: int, length: int) -> None:
        self.start = raw.start
        self.shift = shift
        self.cut = raw.patched
        self.limit = min(len(raw.text), length - shift)

    def file(self, offset: int) -> int:
        offset = max(0, min(offset - self.shift, self.limit))
        if self.cut is not None and offset > self.cut:
            offset = max(self.cut, offset - 2)
        return self.start + offset


def _span(source: SourceText, offsets: _Offsets, start: int, end: int) -> Span:
    return Span(source, offsets.file(start), offsets.file(end))


def _position(mistake: lark.exceptions.UnexpectedInput, text: str) -> int:
    """Where the parser stopped: the end of the text before it when it stopped at a line end or at the end."""
    token = getattr(mistake, "token", None)
    if token is not None and token.type in ("_NL", "$END"):
        end = token.start_pos if token.type == "_NL" else len(text)
        return len(_without_comment(text[:end]).rstrip())
    return mistake.pos_in_stream if mistake.pos_in_stream is not None else len(text)


def _without_comment(text: str) -> str:
    line_start = text.rfind("\n") + 1
    line = re.sub(r'("[^"\n]*")|#.*', lambda match: match.group(1) or "", text[line_start:])
    return text[:line_start] + line


def _readable_header(text: str, line_end: int) -> str | None:
    """A header of the same kind that parses, if the item's first line opens a block."""
    word = re.match(r"[a-z]+", text)
    opens = text[:line_end].rstrip().endswith("{") and text.count("{", 0, line_end) == 1
    if word is None or not opens:
        return None
    return _HEADERS.get(word.group()) if word.group() in ITEM_WORDS else _HEADERS["plan"]


def _blank_statement(text: str, at: int) -> str:
    """The text with the statement around `at` overwritten by spaces: its line, and the block it opens."""
    start = text.rfind("\n", 0, at) + 1
    if at and not text[start:at].strip() and text[at : at + 1] in ("", "\n"):
        start = text.rfind("\n", 0, max(0, start - 1)) + 1
    end, depth = start, 0
    quoted = False
    while end < len(text):
        char = text[end]
        if char == "\n" and (depth <= 0 or quoted):
            quoted = False
            if depth <= 0:
                break
        elif char == '"':
            quoted = not quoted
        elif char == "#" and not quoted:
            newline = text.find("\n", end)
            end = len(text) if newline < 0 else newline
            continue
        elif char == "{" and not quoted:
            depth += 1
        elif char == "}" and not quoted:
            if depth == 0:
                break  # closes the block around the statement: that one stays
            depth -= 1
        end += 1
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def _convert(tree: lark.Tree[LarkToken], offsets: _Offsets) -> Node:
    children: list[Node | Token] = []
    for child in tree.children:
        if isinstance(child, LarkToken):
            if child.type != "_NL" and child.start_pos is not None and child.end_pos is not None:
                children.append(
                    Token(child.type, str(child), offsets.file(child.start_pos), offsets.file(child.end_pos))
                )
        else:
            children.append(_convert(child, offsets))
    start = children[0].start if children else offsets.start
    return Node(str(tree.data), tuple(children), start, children[-1].end if children else start)
