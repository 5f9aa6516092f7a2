"""The whole grammar of the language, and its keywords.

It is made of the file `spm.lark`, the statements of `statements.py`, and the keywords that both of them name.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path

from .statements import BLOCKS, COMPONENT, STATEMENTS, StatementKind, keyword_of

_COMMENT = re.compile(r"^//.*\n", re.MULTILINE)
_DEFINED = re.compile(r"^(_?[A-Z_]+)(?:\.\d+)?: .*\n", re.MULTILINE)
_NAMED_IN_RULES = re.compile(r"\b[A-Z][A-Z_]*\b")


@cache
def grammar_text() -> str:
    """Return the whole grammar as Lark reads it."""
    rules = _file_text() + _statement_rules()
    named = set(_NAMED_IN_RULES.findall(_DEFINED.sub("", _COMMENT.sub("", rules))))
    keywords = {terminal: keyword_of(terminal) for terminal in sorted(named - {*_DEFINED.findall(rules), "NAME"})}
    terminals = "".join(rf"{terminal}: /{word}(?!\w)/" + "\n" for terminal, word in keywords.items())
    reserved = "|".join([*keywords.values(), *_frequencies()])
    return f"{rules}\n{terminals}" + rf"NAME: /(?!(?:{reserved})(?!\w))[a-z][a-z0-9_]*/" + "\n"


def _file_text() -> str:
    """Return the grammar file from the package or, in a checkout, from the top-level folder."""
    shipped = files("spmlang").joinpath("_shipped", "spm.lark")
    if shipped.is_file():
        return shipped.read_text(encoding="utf-8")
    return (Path(__file__).parents[2] / "grammar" / "spm.lark").read_text(encoding="utf-8")


def _statement_rules() -> str:
    """Return the rules of all statements, and those that list the statements of a block."""
    lists = {f"_{block}_statement": [kind.rule for kind in STATEMENTS if kind.is_in(block)] for block in BLOCKS}
    properties = [kind for kind in STATEMENTS if kind.is_property]
    lists["_plan_property"] = [kind.rule for kind in properties]
    lists["property_word"] = _removable_keywords(properties)
    lists["part_word"] = _removable_keywords([kind for kind in STATEMENTS if kind.is_in(COMPONENT)])
    rules = [kind.grammar for kind in STATEMENTS]
    rules += [f"{name}: {' | '.join(alternatives)}" for name, alternatives in lists.items()]
    return "\n" + "\n".join(rules) + "\n"


def _removable_keywords(kinds: list[StatementKind]) -> list[str]:
    return list(dict.fromkeys(kind.keyword for kind in kinds if kind.removable))


def _frequencies() -> list[str]:
    """Return the words of `pay monthly`, which are reserved too."""
    match = re.search(r"^FREQUENCY: /\(([a-z|]+)\)", _file_text(), flags=re.MULTILINE)
    assert match is not None, "the grammar file lists the frequencies"
    return match.group(1).split("|")


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


if __name__ == "__main__":
    print(grammar_text(), end="")
