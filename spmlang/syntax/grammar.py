"""Lark, built once from the one grammar file; the lists of words come from the same text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import lark
from lark.lexer import Token as LarkToken


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


@cache
def parser() -> lark.Lark:
    """The parser of one top-level item."""
    return lark.Lark(
        grammar_text(),
        parser="lalr",
        start="item",
        keep_all_tokens=True,
        propagate_positions=True,
        maybe_placeholders=False,
        postlex=_Newlines(),
    )


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
