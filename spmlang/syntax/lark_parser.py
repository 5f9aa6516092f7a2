"""The Lark parser of the grammar, which gives the parse tables and explains bad text."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache

import lark
from lark.common import LexerConf
from lark.lexer import ContextualLexer
from lark.lexer import Token as LarkToken

from .grammar import grammar_text
from .grammar_cache import load_cached, store_cached


class _Newlines:
    """A filter that drops newlines inside parentheses and repeated newlines."""

    always_accept = ("_NL",)

    def process(self, stream: Iterator[LarkToken]) -> Iterator[LarkToken]:
        """Filter a token stream."""
        depth = 0
        previous = ""
        for token in stream:
            if token.type == "LPAR":
                depth += 1
            elif token.type == "RPAR":
                depth -= 1
            elif token.type == "_NL" and (depth > 0 or previous == "_NL"):
                continue
            previous = token.type
            yield token


class _Lexer(ContextualLexer):
    """Lark's lexer without its comparison of all terminals.

    Lark makes the comparison at every start if `interegular` is installed, and it takes 15 s. tests/syntax makes it
    instead.
    """

    def __init__(
        self, conf: LexerConf, states: dict[int, Collection[str]], always_accept: Collection[str] = ()
    ) -> None:
        conf.skip_validation = True
        super().__init__(conf, states, always_accept)


@cache
def parser() -> lark.Lark:
    """Return the parser of one top-level item, from the user's cache folder or built (0.25 s)."""
    made_from = f"{lark.__version__}\n{grammar_text()}"
    known = load_cached("lark", made_from, lark.Lark.load)
    if known is not None:
        return known
    built = lark.Lark(
        grammar_text(),
        parser="lalr",
        start="item",
        keep_all_tokens=True,
        maybe_placeholders=False,
        postlex=_Newlines(),
        _plugins={"ContextualLexer": _Lexer},
    )
    store_cached("lark", made_from, built.save)
    return built
