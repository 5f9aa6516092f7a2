"""Lark, built once from the one grammar file; the lists of words come from the same text."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import lark
from lark.common import LexerConf
from lark.lexer import ContextualLexer
from lark.lexer import Token as LarkToken

from .parse_tables import cached_tables, keep_tables


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


@cache
def grammar_text() -> str:
    """The grammar, from the package or, in a checkout, from the top-level folder."""
    shipped = files("spmlang").joinpath("_shipped", "spm.lark")
    if shipped.is_file():
        return shipped.read_text(encoding="utf-8")
    return (Path(__file__).parents[2] / "grammar" / "spm.lark").read_text(encoding="utf-8")


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
    tables = cached_tables(grammar_text())
    if tables is not None:
        return tables
    built = lark.Lark(
        grammar_text(),
        parser="lalr",
        start="item",
        keep_all_tokens=True,
        maybe_placeholders=False,
        postlex=_Newlines(),
        _plugins={"ContextualLexer": _Lexer},
    )
    keep_tables(grammar_text(), built)
    return built


@cache
def keyword_terminals() -> dict[str, str]:
    """Terminal name to keyword, for every reserved word that is a terminal of its own."""
    return dict(re.findall(r"^([A-Z_]+)(?:\.\d+)?: /([a-z]+)\(\?!\\w\)/$", grammar_text(), flags=re.MULTILINE))


@cache
def reserved_words() -> frozenset[str]:
    """Every word that cannot be a name."""
    match = re.search(r"^NAME: /\(\?!\(\?:([a-z|]+)\)", grammar_text(), flags=re.MULTILINE)
    assert match is not None, "the grammar's NAME terminal lists the reserved words"
    return frozenset(match.group(1).split("|"))
