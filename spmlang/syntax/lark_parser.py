"""Lark, built once from the grammar: it makes the tables, and says of bad text what could have stood there."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache

import lark
from lark.common import LexerConf
from lark.lexer import ContextualLexer
from lark.lexer import Token as LarkToken

from .grammar import grammar_text
from .grammar_cache import keep, kept


class _Newlines:
    """Drops newlines inside parentheses and runs of them, so that the grammar sees one newline between statements."""

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
    """Lark's lexer without the comparison of all terminals that it makes at every start where `interegular` is installed.

    The comparison takes 15 s; tests/syntax makes it instead.
    """

    def __init__(
        self, conf: LexerConf, states: dict[int, Collection[str]], always_accept: Collection[str] = ()
    ) -> None:
        conf.skip_validation = True
        super().__init__(conf, states, always_accept)


@cache
def parser() -> lark.Lark:
    """The parser of one top-level item: its tables from the user's cache folder, or built from the grammar (0.25 s)."""
    made_from = f"{lark.__version__}\n{grammar_text()}"
    known = kept("lark", made_from, lark.Lark.load)
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
    keep("lark", made_from, built.save)
    return built
