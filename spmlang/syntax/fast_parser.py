"""Parse the good text of an item with Lark's tables, several times faster than Lark does.

For bad text this parser gives None, and Lark explains the mistake (`slow_parser.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain

from .lalr_tables import END, WORD, tables
from .tree import DEEPEST, Node, Token

#: A statement of fewer words makes no tree with more than DEEPEST levels.
_SURELY_FLAT = 100

#: A value on the parser's stack: None for a newline, a list for the parts of a rule that makes no node.
_Value = Node | Token | list[Node | Token] | None


class TooDeep(Exception):
    """A tree is too deep for functions that visit it by recursion."""


def parse_good_item(text: str, offset: int) -> Node | None:
    """Return the tree of an item, or None if the text has a mistake.

    Args:
        text: The item's text.
        offset: The offset of the text in its file.

    Raises:
        TooDeep: The tree has more than DEEPEST levels below its root.
    """
    found = tables()
    actions, rules, end_state = found.actions, found.rules, found.end
    states, values = [found.start], list[_Value]()
    row = actions[found.start]
    words = longest = 0
    tokens: Iterator[Token] = _tokens(text, offset)
    while True:
        for token in tokens:
            kind = token.kind
            if kind == "MEMBER" and kind not in row:  # it is read as two tokens instead
                tokens = chain(_split_member(token), tokens)
                break
            while (action := row.get(kind)) is not None and action < 0:
                size, origin, node = rules[-1 - action]
                if size == 1 and node is None:  # a single part takes the place of its rule
                    states.pop()
                else:
                    below = len(states) - size
                    parts = values[below - 1 :]
                    del states[below:], values[below - 1 :]
                    values.append(_reduce(parts, node, offset))
                state = actions[states[-1]][origin]
                if state == end_state and kind == END:
                    return _require_shallow(values[-1], max(longest, words))
                states.append(state)
                row = actions[state]
            if action is None:
                return None
            states.append(action)
            row = actions[action]
            if kind == "_NL":
                values.append(None)
                longest, words = max(longest, words), 0
            else:
                values.append(token)
                words += 1
        else:
            return None


def _reduce(parts: list[_Value], node: str | None, offset: int) -> Node | list[Node | Token]:
    """Return the parts of a rule as a node, or as a list if `node` is None."""
    children = list[Node | Token]()
    for part in parts:
        if type(part) is list:
            if children:
                children += part
            else:
                children = part  # no other code holds this list, so it may grow in place
        elif part is not None:
            children.append(part)  # type: ignore[arg-type]
    if node is None:
        return children
    start, end = (children[0].start, children[-1].end) if children else (offset, offset)
    return Node(node, tuple(children), start, end)


def _split_member(member: Token) -> tuple[Token, Token]:
    """Split a member into a dot and a word: `.cap` in `replace commission base.cap` is no member."""
    start, word = member.start + 1, member.text[1:]
    return Token("DOT", ".", member.start, start), Token(tables().keywords.get(word, "NAME"), word, start, member.end)


def _tokens(text: str, offset: int) -> Iterator[Token]:
    """Yield the tokens of an item, and one of the kind END.

    Newlines in parentheses and repeated newlines are dropped, as for Lark. The stream ends without END at a character
    that begins no token.
    """
    keywords = tables().keywords
    position = parentheses = 0
    previous = ""
    pattern = _token()
    while match := pattern.match(text, position):
        position = match.end()
        kind = match.lastgroup or ""
        word = match[kind]
        if kind == WORD:
            kind = keywords.get(word, "NAME")
        elif kind == "LPAR":
            parentheses += 1
            if parentheses > DEEPEST:
                raise TooDeep
        elif kind == "RPAR":
            parentheses -= 1
        elif kind == "COMMENT" or (kind == "_NL" and (parentheses > 0 or previous == "_NL")):
            continue
        previous = kind
        end = offset + position
        yield tuple.__new__(Token, (kind, word, end - len(word), end))  # the same as Token(...), in half the time
    if not text[position:].strip(" \t\ufeff"):
        yield Token(END, "", offset + position, offset + position)


@cache
def _token() -> re.Pattern[str]:
    return re.compile(tables().token)


def _require_shallow(tree: _Value, longest: int) -> Node:
    """Return the tree. Raises TooDeep if it has more than DEEPEST levels below its root."""
    assert isinstance(tree, Node)
    level = [tree] if longest > _SURELY_FLAT else []
    for _ in range(DEEPEST + 1):
        level = [child for node in level for child in node.children if isinstance(child, Node)]
    if level:
        raise TooDeep
    return tree
