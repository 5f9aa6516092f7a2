"""Bad text: a statement that cannot be read is reported, cut out, and the rest is read again. Here Lark parses, and explains."""

from __future__ import annotations

from functools import partial

import lark
from lark.lexer import Token as LarkToken

from spmlang.source.diagnostics import Diagnostic, diagnose
from spmlang.source.text import SourceText, Span

from .items import RawItem
from .lark_parser import parser
from .mistakes import SpanAt, explain
from .recovery import blank_lines_before, blank_statement, position, readable_header, unclosed_parenthesis
from .tree import DEEPEST, Node, Patience, Token

_MOST_MISTAKES = 50


def parse_item(source: SourceText, raw: RawItem, patience: Patience) -> tuple[Node | None, list[Diagnostic], bool]:
    """The item's tree, what is wrong with it, and whether its header could be read."""
    text = raw.text
    problems: list[Diagnostic] = []
    readable = True
    shift = 0  # how much longer the text has become by putting in a readable header
    while len(problems) < _MOST_MISTAKES and patience.is_left_for(text):
        offsets = _Offsets(raw, shift, len(text))
        try:
            tree = parser().parse(text)
        except lark.exceptions.UnexpectedInput as mistake:
            problem, at, cut = _mend(mistake, text, partial(_span, source, offsets))
            problems.append(problem)
            line_end = text.find("\n")
            line_end = len(text) if line_end < 0 else line_end
            if at > line_end and cut != text:
                text = cut
                continue
            header = readable_header(text, line_end) if at <= line_end else None
            if not readable or header is None:
                return None, problems, False
            readable = False
            text = header + text[line_end:]
            shift = len(header) - line_end
        else:
            node = _convert(tree, offsets)
            if node is not None:
                return node, problems, readable
            problems.append(diagnose("too-deep", Span(source, raw.start, raw.start + 1), most=DEEPEST))
            return None, problems, False
    last = problems[-1].where if problems else Span(source, raw.start, raw.start + 1)
    problems.append(diagnose("too-many-mistakes", last))
    return None, problems, False


def _mend(mistake: lark.exceptions.UnexpectedInput, text: str, span: SpanAt) -> tuple[Diagnostic, int, str]:
    """What is wrong, at which offset of the text, and the text without the statement."""
    at = position(mistake, text)
    opened = unclosed_parenthesis(mistake, text, at)
    if opened is None:
        return explain(mistake, text, at, span), at, blank_statement(text, at)
    return diagnose("unclosed-parenthesis", span(opened, opened + 1)), opened, blank_lines_before(text, at)


class _Offsets:
    """From offsets in the text that was parsed to offsets in the file."""

    def __init__(self, raw: RawItem, shift: int, length: int) -> None:
        self.start = raw.start
        self.shift = shift
        self.cut = raw.patched
        self.limit = min(len(raw.text), length - shift)
        self.is_plain = shift == 0 and raw.patched is None

    def of(self, token: LarkToken) -> tuple[int, int]:
        """Where a token starts and ends in the file."""
        start, end = token.start_pos, token.end_pos
        assert start is not None
        assert end is not None
        return (self.start + start, self.start + end) if self.is_plain else (self.file(start), self.file(end))

    def file(self, offset: int) -> int:
        offset = max(0, min(offset - self.shift, self.limit))
        if self.cut is not None and offset > self.cut:
            offset = max(self.cut, offset - 2)
        return self.start + offset


def _span(source: SourceText, offsets: _Offsets, start: int, end: int) -> Span:
    return Span(source, offsets.file(start), offsets.file(end))


def _convert(tree: lark.Tree[LarkToken], offsets: _Offsets, depth: int = 0) -> Node | None:
    """The tree with offsets in the file; None when it is too deep to be walked by recursion."""
    if depth > DEEPEST:
        return None
    children: list[Node | Token] = []
    for child in tree.children:
        if not isinstance(child, LarkToken):
            node = _convert(child, offsets, depth + 1)
            if node is None:
                return None
            children.append(node)
        elif child.type != "_NL":
            children.append(Token(child.type, str(child), *offsets.of(child)))
    start = children[0].start if children else offsets.start
    return Node(tree.data, tuple(children), start, children[-1].end if children else start)
