"""Lay out each kind of node."""

from __future__ import annotations

from collections.abc import Iterator

from spmlang.syntax.statements import STATEMENTS
from spmlang.syntax.tree import Item, Node, Token

from .comments import Comments, Leading
from .layout import Blank, Line
from .line_breaks import Word, broken, joined

Lines = list[Line | Blank]

#: Rules of the statements that are not aligned.
_NO_COLUMN = {kind.rule for kind in STATEMENTS if not kind.aligned}
#: Tokens of several words, with the blanks between them.
_SEVERAL_WORDS = {"OR_ELSE", "AT_MOST", "AT_LEAST", "EARLIER", "SO_FAR", "AS_OF_START", "AS_OF_END"}


def layout_file(items: tuple[Item, ...], comments: Comments) -> Lines:
    """Return all lines of a file, with one empty line between declarations but none between adjacent `use` lines."""
    lines: Lines = []
    before = ""
    for item in items:
        node = item.node.nodes()[0]
        above = comments.above(next(node.tokens()))
        together = before == node.kind == "use"
        lines += _leading(above, 0, apart=bool(before) and not together, blank=above.blank and not together)
        lines += _statement(node, 0, comments)
        before = node.kind
    lines += _leading(comments.end, 0, apart=bool(before), blank=False)
    return _without_outer_blanks(lines)


def _leading(leading: Leading, level: int, apart: bool, blank: bool) -> Lines:
    """Return the comment lines above a statement.

    Args:
        leading: The comment lines.
        level: The level of indentation.
        apart: True if an empty line comes before them.
        blank: True if an empty line comes after them.
    """
    lines: Lines = []
    for number, remark in enumerate(leading.remarks):
        if remark.blank or (apart and number == 0):
            lines.append(Blank())
        lines.append(Line(level, (remark.text,)))
    if blank or (apart and not leading.remarks):
        lines.append(Blank())
    return lines


def _without_outer_blanks(lines: Lines) -> Lines:
    start, end = 0, len(lines)
    while start < end and isinstance(lines[start], Blank):
        start += 1
    while end > start and isinstance(lines[end - 1], Blank):
        end -= 1
    return lines[start:end]


def _statement(node: Node, level: int, comments: Comments) -> Lines:
    """Return the lines of a declaration, a statement or a row of tiers."""
    block = _block(node)
    if block is not None:
        return _with_block(node, block, level, comments)
    words = _words(node, comments)
    lines = broken(words, level)
    if lines is not None:
        return [*lines]
    cells = _CELLS.get(node.kind, _column_cells)(node, words)
    return [Line(level, cells, words[-1].behind, group=node.kind if node.kind in _CELLS else "statement")]


def _column_cells(node: Node, words: list[Word]) -> tuple[str, ...]:
    """Return the keyword and the rest of the statement."""
    return (joined(words),) if node.kind in _NO_COLUMN else (words[0].text, joined(words[1:]))


def _tier_cells(node: Node, words: list[Word]) -> tuple[str, ...]:
    """Return the low bound, the high bound behind `to` (or `and above`), and the value behind its colon."""
    kinds = [token.kind for token in node.tokens()]
    middle = next(index for index, kind in enumerate(kinds) if kind in ("TO", "AND"))
    colon = kinds.index("COLON")
    return joined(words[:middle]), joined(words[middle:colon]), joined(words[colon:])


def _row_cells(node: Node, words: list[Word]) -> tuple[str, ...]:
    """Return each key with its comma, and the value behind its colon."""
    cells: list[str] = []
    start = 0
    for at, token in enumerate(node.tokens()):
        if token.kind in ("COMMA", "COLON"):
            end = at + 1 if token.kind == "COMMA" else at
            cells.append(joined(words[start:end]))
            start = end
    return *cells, joined(words[start:])


_CELLS = {"tier": _tier_cells, "table_row": _row_cells, "place": _row_cells}


def _block(node: Node) -> Node | None:
    """Return the node whose braces end this statement: itself or, in a change of a plan, an inner statement."""
    if node.token("LBRACE") is not None:
        return node
    inner = node.nodes()
    return _block(inner[-1]) if inner else None


def _with_block(node: Node, block: Node, level: int, comments: Comments) -> Lines:
    """Return a header that ends with `{`, the statements one level deeper, and `}` on a line of its own."""
    opening, closing = block.token("LBRACE"), block.token("RBRACE")
    assert opening is not None
    assert closing is not None
    body: Lines = []
    for statement in block.nodes():
        if statement.start > opening.start:
            above = comments.above(next(statement.tokens()))
            body += _leading(above, level + 1, apart=False, blank=above.blank)
            body += _statement(statement, level + 1, comments)
    body += _leading(comments.above(closing), level + 1, apart=False, blank=False)
    words = _words(node, comments)
    return [
        *(broken(words, level) or [Line(level, (joined(words),), comments.behind(opening))]),
        *_without_outer_blanks(body),
        Line(level, (closing.text,), comments.behind(closing)),
    ]


def _words(node: Node, comments: Comments) -> list[Word]:
    """Return the tokens of a statement up to its `{`, with the blanks and comments between them."""
    words: list[Word] = []
    previous = ""
    previous_holder = node
    for token, holder, breaks in _tokens(node, node.kind):
        signed = previous == "MINUS" and holder.kind in ("money", "number", "below_zero") and holder is previous_holder
        called = token.kind == "LPAR" and holder.kind in ("apply", "template")
        touches = token.kind in ("COMMA", "RPAR", "MEMBER", "DOT") or previous in ("LPAR", "DOT") or signed or called
        text = " ".join(token.text.split()) if token.kind in _SEVERAL_WORDS else token.text
        above = tuple(remark.text for remark in comments.above(token).remarks) if words else ()
        words.append(Word(text=text, touches=touches, breaks=breaks, above=above, behind=comments.behind(token)))
        if token.kind == "LBRACE":
            break
        previous, previous_holder = token.kind, holder
    return words


def _tokens(node: Node, around: str, breaks: bool = False) -> Iterator[tuple[Token, Node, bool]]:
    """Yield each token, its node, and True if it begins a line when the parenthesis around it is broken.

    `around` is the kind of the nearest node that is not a sum, because a sum is broken only if it is the whole content
    of a parenthesis.
    """
    previous = ""
    for child in node.children:
        begins = breaks and not previous
        match node.kind:
            case "membership" | "apply" | "template":
                begins = begins or previous == "COMMA"
            case "all_of" | "any_of":
                begins = begins or child.kind in ("AND", "OR")
            case "addition":
                begins = begins or (around == "parenthesis" and child.kind in ("PLUS", "MINUS"))
        if isinstance(child, Token):
            yield child, node, begins
        else:
            yield from _tokens(child, around if child.kind == "addition" else child.kind, begins)
        previous = child.kind
