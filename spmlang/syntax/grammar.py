"""The text of the grammar file, and the lists of words in it."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path


@cache
def grammar_text() -> str:
    """Return the grammar from the package or, in a checkout, from the top-level folder."""
    shipped = files("spmlang").joinpath("_shipped", "spm.lark")
    if shipped.is_file():
        return shipped.read_text(encoding="utf-8")
    return (Path(__file__).parents[2] / "grammar" / "spm.lark").read_text(encoding="utf-8")


@cache
def keyword_terminals() -> dict[str, str]:
    """Return terminal name to keyword for each reserved word that is a terminal of its own."""
    return dict(re.findall(r"^([A-Z_]+)(?:\.\d+)?: /([a-z]+)\(\?!\\w\)/$", grammar_text(), flags=re.MULTILINE))


@cache
def reserved_words() -> frozenset[str]:
    """Return all words that cannot be names."""
    match = re.search(r"^NAME: /\(\?!\(\?:([a-z|]+)\)", grammar_text(), flags=re.MULTILINE)
    assert match is not None, "the grammar's NAME terminal lists the reserved words"
    return frozenset(match.group(1).split("|"))
