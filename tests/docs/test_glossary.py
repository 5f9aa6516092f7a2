"""The glossary lists each term once, in alphabetical order, and names keywords that the language has."""

from __future__ import annotations

import re

from spmlang.syntax.grammar import reserved_words
from tests.docs.pages import DOCS

_ROW = re.compile(r"\| (?P<term>[^|]+) \| (?P<meaning>[^|]+) \|")
_WRITTEN = re.compile(r"Written (?:as a row of )?`(\w+)")


def _rows() -> list[tuple[str, str]]:
    rows = [
        match
        for line in (DOCS / "glossary.md").read_text(encoding="utf-8").splitlines()
        if (match := _ROW.fullmatch(line))
    ]
    return [(row["term"], row["meaning"]) for row in rows[1:]]  # without the head


def test_terms_are_listed_once_in_order() -> None:
    terms = [term.lower() for term, _ in _rows()]
    assert terms == sorted(set(terms))


def test_keywords_of_the_glossary_are_keywords() -> None:
    keywords = {word for _, meaning in _rows() for word in _WRITTEN.findall(meaning)}
    assert keywords
    assert keywords <= set(reserved_words())
