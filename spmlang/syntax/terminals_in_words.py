"""Describe terminals in words, for "expected …" and for completion."""

from __future__ import annotations

from collections.abc import Iterable

from .grammar import keyword_terminals

_WORDS = {
    "NAME": "a name",
    "MEMBER": "a column (`.name`)",
    "CURRENCY": "a currency such as USD",
    "STRING": 'a text in "quotes"',
    "DATE": "a date such as 2014-01-31",
    "PERIOD": "a period such as 2014-01",
    "PERCENT": "a percentage such as 5%",
    "INT": "a whole number",
    "NUMBER": "a number",
    "MONTH": "a month such as July",
    "WEEKDAY": "a weekday such as Sunday",
    "FREQUENCY": "monthly, quarterly or yearly",
    "PATTERN": "a pattern such as 4-4-5",
    "COMPARE": "a comparison (== != < <= > >=)",
    "EQUALS": "`=`",
    "COLON": "`:`",
    "COMMA": "`,`",
    "DOT": "`.`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "PLUS": "`+`",
    "MINUS": "`-`",
    "STAR": "`*`",
    "AT_LEAST": "`at least`",
    "AT_MOST": "`at most`",
    "AS_OF_END": "`as of end of`",
    "AS_OF_START": "`as of start of`",
    "EARLIER": "`a year before`",
    "SO_FAR": "`so far`",
    "OR_ELSE": "`or else`",
    "_NL": "the end of the line",
    "$END": "the end of the declaration",
}
_VALUES = {"STRING", "PERCENT", "INT", "NUMBER", "DATE"}
_CALCULATION = {
    "PLUS",
    "MINUS",
    "STAR",
    "PER",
    "OF",
    "OR_ELSE",
    "AT_MOST",
    "AT_LEAST",
    "AS_OF_END",
    "AS_OF_START",
    "EARLIER",
    "COMPARE",
    "IN",
    "IS",
    "NOT",
    "AND",
    "OR",
}


def in_words(terminals: Iterable[str]) -> list[str]:
    """Return the valid terminals in words, the likeliest first.

    Long lists of values and of operators are combined into one entry each.
    """
    rest = set(terminals)
    words = []
    if rest >= _VALUES:
        words.append("a value")
        rest -= {*_VALUES, "MINUS", "LPAR", "NOT", "TRUE", "FALSE", "ATTAINMENT", "QUOTA", "PAYEE", "NAME"}
    if len(rest & _CALCULATION) > 3:
        words.append("a calculation or comparison")
        rest -= _CALCULATION
    keywords = keyword_terminals()
    words += sorted(f"`{keywords[name]}`" for name in rest if name in keywords)
    words += sorted(_WORDS[name] for name in rest if name in _WORDS)
    return words


def listed(words: list[str], most: int = 8) -> str:
    """Join words as `a, b or c`, and cut the list after `most` words."""
    shown = words[:most]
    if len(words) > most:
        return ", ".join(shown) + " …"
    return " or ".join(filter(None, [", ".join(shown[:-1]), shown[-1]])) if shown else "nothing more"
