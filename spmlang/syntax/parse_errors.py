"""Make a diagnostic from the place where the parser stopped.

Known mistakes come first, then a list of the words that would be valid there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import Decimal

import lark
from lark.lexer import Token as LarkToken

from spmlang.diagnostics.diagnostic import Diagnostic, diagnose
from spmlang.diagnostics.suggest import did_you_mean
from spmlang.diagnostics.text import Span

from .foreign_numbers import percent
from .foreign_spelling import name_of
from .grammar import keyword_terminals, reserved_words
from .terminals_in_words import in_words, listed

SpanAt = Callable[[int, int], Span]

#: Words that join values in a sentence and are part of no name.
_NO_NAME = re.compile(
    r"no|not|less|more|capped|divided|subject|then|than|and|over|above|beyond|excluding|including|after|before|until|within|with|without|minus|plus|times|per\w*|five|ten|you|a|an"
)

#: The least similarity at which a word of the language is suggested. `over` does not suggest `or`.
_NEAR = 0.7

_OPERATORS = {"PLUS", "STAR", "COMPARE", "AND", "OR", "OF", "PER"}

_WORD = re.compile(r'\d[\w.]*%?|\w+|[=!<>]=|"[^"\n]*"|[^\s\w]')

_Words = Callable[[re.Match[str]], dict[str, str]]


def _such_as(example: str) -> _Words:
    return lambda match: {"better": example, "line": example}


def _money(match: re.Match[str]) -> dict[str, str]:
    """Return the words of the message about a currency sign, which in a plan may be of several countries."""
    of_plan = re.search(r"^[ \t]*currency[ \t]+$", match.string[: match.start()], re.MULTILINE)
    return {"better": "USD` for dollars of the United States, `CAD` for those of Canada" if of_plan else "5_000.00 USD"}


def _two_days(match: re.Match[str]) -> dict[str, str]:
    """Return both readings of a date whose day and month are ambiguous."""
    first, second, year = match.groups()
    return {"better": f"{year}-{int(second):02}-{int(first):02}` or `{year}-{int(first):02}-{int(second):02}"}


def _two_numbers(match: re.Match[str]) -> dict[str, str]:
    """Return the readings of a comma: before decimals, between thousands, or between two values."""
    whole, rest = match.groups()
    return {"point": f"{whole}.{rest}", "grouped": f"{whole}_{rest}" if len(rest) == 3 else f"{whole}, {rest}"}


def _glued(match: re.Match[str]) -> dict[str, str]:
    """Return the words of the message about letters behind digits, as in `5x` or `100usd`."""
    name = name_of(f"{match[2]}_{match[1]}") or "name"
    if match[2] in "xX":
        times = percent(Decimal(match[1]))
        return {"better": f"{times} * …` with what is multiplied, such as `{times} * 5%"}
    return {"better": f"500.00 USD` where an amount is meant, or a name such as `{name}"}


#: The pattern at the mistake, the slug of its message, and the message's words: both readings, or an example.
_KNOWN_MISTAKES: tuple[tuple[re.Pattern[str], str, _Words], ...] = (
    (
        re.compile(r"(?!(?:" + "|".join(sorted(reserved_words())) + r")\b)[a-z]\w*[ \t]*\("),
        "function-other",
        _such_as(""),
    ),
    (re.compile(r"(\d+),(\d+)"), "comma-ambiguous", _two_numbers),
    (re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})"), "wrong-date", _two_days),
    (re.compile(r"=(?!=)"), "single-equals", _such_as("==")),
    (re.compile(r"[“”„‘’']"), "wrong-quotes", _such_as('"like this"')),
    (re.compile(r'"[^"\n]*$', re.MULTILINE), "unclosed-text", _such_as("")),
    (re.compile(r"[$€£¥]"), "currency-sign", _money),
    (re.compile(r"(\d[\d_.]*[ \t]+)?%"), "loose-percent", _such_as("5%")),
    (re.compile(r";"), "semicolon", _such_as("")),
    (re.compile(r"&&?"), "symbol-and-or", _such_as("and")),
    (re.compile(r"\|\|?"), "symbol-and-or", _such_as("or")),
    (re.compile(r"/"), "no-division", _such_as("")),
    (
        re.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}"),
        "wrong-date",
        _such_as("2014-01-31"),
    ),
    (re.compile(r"(\d[\d_.]*)([A-Za-z]\w*)"), "glued-number", _glued),
    (re.compile(r"[^\S \t\n]|[\u200b-\u200f\u2060]"), "invisible-character", _such_as(" ")),
)
#: Mistakes of which the parser may already have read the first part.
_BEGUN_BEFORE = ("wrong-date", "glued-number", "comma-ambiguous", "function-other")


def explain(mistake: lark.exceptions.UnexpectedInput, text: str, at: int, span: SpanAt) -> Diagnostic:
    """Return one diagnostic for one stop of the parser.

    Args:
        mistake: Lark's error.
        text: The item's text.
        at: The offset at which the parser stopped.
        span: Makes a span from two offsets of the text.
    """
    token = getattr(mistake, "token", None)
    terminals = expected(mistake)
    word = _WORD.match(text, at)
    end = at + (len(word.group()) if word else 0)
    place = span(at, end) if word else span(max(0, at - 1), at)
    path = re.match(r"use[ \t]+([\w.]*/[\w./]*)", text)
    if path and path.start(1) <= at < path.end(1):
        better = path.group(1).removesuffix(".spm").strip("./").replace("/", ".")
        return diagnose("use-with-slash", span(*path.span(1)), better=better)
    famous = _known_mistake(text, at, span)
    if famous is not None:
        return famous
    if (token is not None and token.type == "COMMA") or (word and word.group() == ","):
        return diagnose("stray-comma", place)
    if text[:at].rstrip().endswith(",") and _ends_here(token, text, at):
        comma = len(text[:at].rstrip()) - 1
        return diagnose("stray-comma", span(comma, comma + 1))
    if _ends_here(token, text, at):
        return diagnose("unfinished-line", place, expected=listed(in_words(terminals)))
    found = word.group() if word else ""
    if "NAME" in terminals and found in reserved_words() and not terminals & {*_OPERATORS, "PERCENT"}:
        return diagnose("reserved-word", place, word=found)
    if "NAME" in terminals and re.fullmatch(r"\w*[A-Z]\w*", found):
        return diagnose("name-case", place, found=found, better=name_of(found) or "name")
    if token is not None and "_NL" in terminals and token.type in _expected_on_the_next_line(mistake):
        return diagnose("second-statement", place, word=found)
    before = re.search(r"(?<![\w.])([a-z]\w*)[ \t]+$", text[:at])
    if (
        before
        and not any(word in reserved_words() or _NO_NAME.fullmatch(word) for word in (before[1], found))
        and re.fullmatch(r"[a-z]\w*", found)
        and terminals & _OPERATORS
    ):
        joined = f"{before[1]}_{found}"
        return diagnose("two-names", span(before.start(1), end), found=f"{before[1]} {found}", joined=joined)
    keywords = keyword_terminals()
    known = [keywords[name] for name in terminals if name in keywords]
    if re.fullmatch(r"[A-Za-z]\w*", found) and known and _starts_statement(text, at):
        hint = did_you_mean(found, known, _NEAR)
        return diagnose("unknown-statement", place, word=found, hint=hint, expected=listed(sorted(known), 20))
    return diagnose(
        "unexpected",
        place,
        found=found,
        expected=listed(in_words(terminals)),
        hint=did_you_mean(found, known, _NEAR) if found not in ("", "off") else "",
    )


def _known_mistake(text: str, at: int, span: SpanAt) -> Diagnostic | None:
    """Return the diagnostic of a known mistake at the offset, if there is one."""
    begun = re.search(r"\S*$", text[:at])
    starts = {at} if begun is None else {at, begun.start()}
    for pattern, slug, words in _KNOWN_MISTAKES:
        for start in starts:
            match = pattern.match(text, start)
            if match and (start == at or (match.end() > at and slug in _BEGUN_BEFORE)):
                found = match.group().strip("(= ") or match.group()
                return diagnose(slug, span(match.start(), match.end()), (), found=found, **words(match))
    return None


def expected(mistake: lark.exceptions.UnexpectedInput) -> set[str]:
    """Return the terminals that would be valid where the parser stopped."""
    interactive = getattr(mistake, "interactive_parser", None)
    if interactive is not None:
        return set(interactive.accepts())
    allowed: Iterable[str] = getattr(mistake, "allowed", None) or getattr(mistake, "expected", None) or ()
    return set(allowed)


def _expected_on_the_next_line(mistake: lark.exceptions.UnexpectedInput) -> set[str]:
    parser = getattr(mistake, "interactive_parser", None)
    if parser is None:
        return set()
    ahead = parser.copy()
    ahead.feed_token(LarkToken("_NL", "\n"))
    return set(ahead.accepts())


def _ends_here(token: object, text: str, at: int) -> bool:
    """Return True if the line has no more text at the offset."""
    return getattr(token, "type", "") in ("_NL", "$END") or not text[at:].split("\n", 1)[0].strip()


def _starts_statement(text: str, at: int) -> bool:
    """Return True if the offset is the first word of a statement."""
    return not text[text.rfind("\n", 0, at) + 1 : at].strip(" \t{")
