"""Find where the parser stopped, and cut out the mistake so that the rest of the item is readable."""

from __future__ import annotations

import re
from difflib import get_close_matches

import lark

from .grammar import keyword_terminals

_PIECE = re.compile(r'"[^"\n]*"?|#[^\n]*|[(){}\n]')
_TEXT_OR_COMMENT = re.compile(r'("[^"\n]*")|#.*')
#: The header that replaces an unreadable one of a declaration, so that the mistakes in its body are still found.
_DECLARATIONS = {
    "calendar": "calendar x {",
    "measure": "measure x {",
    "territory": "territory x of x {",
    "table": "table x {",
    "quota": "quota x {",
    "template": "template x(x) {",
    "plan": "plan x version 1 {",
    "example": 'example "x" {',
}
#: The header that replaces an unreadable one of a block within a declaration.
_BLOCKS = {
    "commission": "commission x {",
    "bonus": "bonus x {",
    "spif": "spif x {",
    "quota": "quota x {",
    "tiers": "tiers {",
    "ranks": "ranks x, ties share {",
}


def position(mistake: lark.exceptions.UnexpectedInput, text: str) -> int:
    """Return the offset at which the parser stopped.

    If it stopped at the end of a line or of the text, this is the end of the text before it, without a comment.
    """
    token = getattr(mistake, "token", None)
    if token is not None and token.type in ("_NL", "$END"):
        end = token.start_pos if token.type == "_NL" else len(text)
        return len(_without_comment(text[:end]).rstrip())
    return mistake.pos_in_stream if mistake.pos_in_stream is not None else len(text)


def unclosed_parenthesis(mistake: lark.exceptions.UnexpectedInput, text: str, at: int) -> int | None:
    """Return the offset of the `(` that the statement before `at` left open, or None.

    The parenthesis counts as unclosed only if a new statement or the end of the block begins at `at`.
    """
    token = getattr(mistake, "token", None)
    begins = token is not None and (token.type == "RBRACE" or token.type in keyword_terminals())
    if not begins or text[text.rfind("\n", 0, at) + 1 : at].strip():
        return None
    return _statement_start(text, at)[1]


def readable_header(header: str, *, declares: bool) -> str | None:
    """Return a readable header for a block of the same kind, or None if the line opens no block.

    Args:
        header: The line.
        declares: True for the header of a declaration, False for that of a block within one.
    """
    word = re.match(r"[ \t]*((?:add[ \t]+|replace[ \t]+)?[A-Za-z]+)", header)
    if word is None or not header.rstrip().endswith("{") or header.count("{") != 1:
        return None
    known = _DECLARATIONS if declares else _BLOCKS
    near = get_close_matches(word.group(1).split()[-1], known, n=1)
    return known[near[0]] if near else None


def statement(text: str, at: int) -> tuple[int, int]:
    """Return the start and the end of the statement around `at`, with its lines and its block."""
    start, parenthesis = _statement_start(text, at)
    end = _end(text, start, in_parentheses=parenthesis is not None)
    while end < at:  # the mistake is behind a closing brace on the same line
        start = end + 1
        end = _end(text, start, in_parentheses=False)
    return start, end


def blanked(text: str, place: tuple[int, int]) -> str:
    """Replace the text between two offsets by spaces. Line ends are kept."""
    start, end = place
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def _statement_start(text: str, at: int) -> tuple[int, int | None]:
    """Return the start of the statement's first line, and the parenthesis that is open at `at`."""
    start, opened = 0, list[int]()
    for match in _PIECE.finditer(text, 0, at):
        piece = match.group()
        if piece == "(":
            opened.append(match.start())
        elif piece == ")":
            del opened[-1:]
        elif piece in "{}":
            opened.clear()
        elif piece == "\n" and not opened:
            start = match.end()
    return start, opened[0] if opened else None


def _end(text: str, start: int, in_parentheses: bool) -> int:
    """Return the end of the statement that begins at `start`.

    This is a line end, or the brace that closes the block around the statement.
    """
    braces = parentheses = 0
    for match in _PIECE.finditer(text, start):
        piece = match.group()
        if piece == "{":
            braces += 1
        elif piece == "}":
            braces -= 1
            if braces < 0:
                return match.start()
        elif piece in "()" and in_parentheses:
            parentheses += 1 if piece == "(" else -1
        elif piece == "\n" and braces == 0 and parentheses <= 0:
            return match.start()
    return len(text)


def _without_comment(text: str) -> str:
    line_start = text.rfind("\n") + 1
    line = _TEXT_OR_COMMENT.sub(lambda match: match.group(1) or "", text[line_start:])
    return text[:line_start] + line
