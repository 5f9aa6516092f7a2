"""Lark's parse tables of the grammar as plain values, which load in a few milliseconds without Lark."""

from __future__ import annotations

import pickle
from dataclasses import dataclass
from functools import cache
from typing import IO, TYPE_CHECKING, NamedTuple

from .grammar import grammar_text, keyword_terminals, reserved_words
from .grammar_cache import load_cached, store_cached

if TYPE_CHECKING:
    import lark

#: The kind of token for all keywords and names, and that of the end.
WORD, END = "WORD", "$END"


class Rule(NamedTuple):
    """A rule of the grammar: its number of parts, its name, and the kind of node that it makes.

    `node` is None if the rule makes no node; its parts then take its place.
    """

    size: int
    origin: str
    node: str | None


@dataclass(frozen=True, kw_only=True)
class Tables:
    """The tables of an LALR(1) parser.

    `token` matches a token with the blanks before it; its last group is the token's kind. `keywords` maps each keyword
    to its kind. `actions` maps, for each state, a kind of token (or a rule's name) to the next state or, if below zero,
    to the rule with the number `-1 - action`, which is reduced.
    """

    token: str
    keywords: dict[str, str]
    actions: list[dict[str, int]]
    rules: list[Rule]
    start: int
    end: int


@cache
def tables() -> Tables:
    """Return the tables of the grammar, from the user's cache folder or built by Lark."""
    known = load_cached("tables", grammar_text(), _load)
    if known is not None:
        return known
    made = _build_tables()
    store_cached("tables", grammar_text(), lambda file: pickle.dump(made, file))
    return made


def _load(file: IO[bytes]) -> Tables | None:
    found = pickle.load(file)
    return found if isinstance(found, Tables) else None


def _build_tables() -> Tables:
    from lark.grammar import Rule as LarkRule

    from .lark_parser import parser

    built = parser()
    table = built.parser.parser.parser.parse_table
    numbers: dict[LarkRule, int] = {}
    rules: list[Rule] = []
    actions: list[dict[str, int]] = [{} for _ in range(max(table.states) + 1)]
    for state, row in table.states.items():
        for kind, (_, target) in row.items():
            if not isinstance(target, LarkRule):
                actions[state][str(kind)] = target
                continue
            if target not in numbers:
                numbers[target] = len(rules)
                origin = str(target.origin.name)
                rules.append(Rule(len(target.expansion), origin, None if origin.startswith("_") else origin))
            actions[state][str(kind)] = -1 - numbers[target]
    return Tables(
        token=_token(built),
        keywords=_words(),
        actions=actions,
        rules=rules,
        start=table.start_states["item"],
        end=table.end_states["item"],
    )


def _words() -> dict[str, str]:
    keywords = {word: kind for kind, word in keyword_terminals().items()}
    return keywords | dict.fromkeys(reserved_words() - keywords.keys(), "FREQUENCY")


def _token(built: lark.Lark) -> str:
    """Return the pattern of a token.

    Lark tries terminals by priority. Of one priority only one terminal matches (a test proves it), so their order is
    free.
    """
    others = [item for item in built.terminals if item.name not in {*keyword_terminals(), "NAME", "FREQUENCY", "SPACE"}]
    first = [item for item in others if item.priority > 0]
    patterns = [f"(?P<{item.name}>{item.pattern.to_regexp()})" for item in (*first, *others)]
    patterns.insert(len(first), rf"(?P<{WORD}>[a-z][a-z0-9_]*)(?!\w)")
    return rf"[ \t\ufeff]*(?:{'|'.join(dict.fromkeys(patterns))})"
