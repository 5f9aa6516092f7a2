"""From a parser's stop to a message for a person: the famous mistakes first, then what could have stood here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

import lark
from lark.lexer import Token as LarkToken

from spmlang.source.diagnostics import Diagnostic, diagnose
from spmlang.source.suggest import did_you_mean
from spmlang.source.text import Span

from .grammar import keyword_terminals, reserved_words
from .words import in_words, listed

SpanAt = Callable[[int, int], Span]

_OPERATORS = {"PLUS", "MINUS", "STAR", "COMPARE", "AND", "OR", "OF", "PER"}

_WORD = re.compile(r'\d[\w.]*%?|\w+|[=!<>]=|"[^"\n]*"|[^\s\w]')

#: What stands at the mistake, and the slug of its message.
_FAMOUS = (
    (re.compile(r"=(?!=)"), "single-equals"),
    (re.compile(r",\d{3}(?!\d)"), "thousands-comma"),
    (re.compile(r"[“”„‘’']"), "wrong-quotes"),
    (re.compile(r'"[^"\n]*$', re.MULTILINE), "unclosed-text"),
    (re.compile(r"[$€£¥]"), "currency-sign"),
    (re.compile(r"(\d[\d_.]*[ \t]+)?%"), "loose-percent"),
    (re.compile(r";"), "semicolon"),
    (re.compile(r"&&?|\|\|?"), "symbol-and-or"),
    (re.compile(r"/"), "no-division"),
    (re.compile(r"\d{1,2}[./]\d{1,2}[./]\d{2,4}|\d{4}/\d{1,2}/\d{1,2}"), "wrong-date"),
    (re.compile(r"(?!\d{4}-\d{2}-\d{2}(?!\d))\d{4}-\d{1,2}-\d{1,2}"), "wrong-date"),
    (re.compile(r"\d[\d_]*(\.\d+)?[A-Za-z]\w*"), "glued-number"),
    (re.compile(r"[^\S \t\n]"), "invisible-character"),
)


def explain(mistake: lark.exceptions.UnexpectedInput, text: str, at: int, span: SpanAt) -> Diagnostic:
    """One diagnostic for one stop of the parser, at the word it stopped at."""
    token = getattr(mistake, "token", None)
    expected = _expected(mistake)
    word = _WORD.match(text, at)
    end = at + (len(word.group()) if word else 0)
    place = span(at, end) if word else span(max(0, at - 1), at)
    path = re.match(r"use[ \t]+([\w.]*/[\w./]*)", text)
    if path and path.start(1) <= at < path.end(1):
        better = path.group(1).removesuffix(".spm").strip("./").replace("/", ".")
        return diagnose("use-with-slash", span(*path.span(1)), better=better)
    famous = _famous(text, at, span)
    if famous is not None:
        return famous
    if (token is not None and token.type == "COMMA") or (word and word.group() == ","):
        return diagnose("stray-comma", place)
    if text[:at].rstrip().endswith(",") and _ends_here(token, text, at):
        comma = len(text[:at].rstrip()) - 1
        return diagnose("stray-comma", span(comma, comma + 1))
    if _ends_here(token, text, at):
        return diagnose("unfinished-line", place, expected=listed(in_words(expected)))
    found = word.group() if word else ""
    if "NAME" in expected and found in reserved_words() and not expected & _OPERATORS:
        return diagnose("reserved-word", place, word=found)
    if "NAME" in expected and re.fullmatch(r"\w*[A-Z]\w*", found):
        return diagnose("name-case", place, word=found, better=_snake(found))
    if token is not None and "_NL" in expected and token.type in _expected_on_the_next_line(mistake):
        return diagnose("second-statement", place, word=found)
    keywords = keyword_terminals()
    known = [keywords[name] for name in expected if name in keywords]
    if re.fullmatch(r"[A-Za-z]\w*", found) and known and _starts_statement(text, at):
        hint = did_you_mean(found, known)
        return diagnose("unknown-statement", place, word=found, hint=hint, expected=listed(sorted(known), 20))
    return diagnose(
        "unexpected",
        place,
        found=found,
        expected=listed(in_words(expected)),
        hint=did_you_mean(found, known) if found else "",
    )


def _famous(text: str, at: int, span: SpanAt) -> Diagnostic | None:
    for pattern, slug in _FAMOUS:
        match = pattern.match(text, at)
        if match:
            return diagnose(slug, span(match.start(), match.end()), found=match.group())
    # The parser may stop one word into a number, date or text that started just before.
    before = re.search(r"\S+$", text[:at])
    if before:
        start = before.start()
        for pattern, slug in _FAMOUS:
            match = pattern.match(text, start)
            if match and match.end() > at and slug in ("wrong-date", "glued-number"):
                return diagnose(slug, span(match.start(), match.end()), found=match.group())
    return None


def _expected(mistake: lark.exceptions.UnexpectedInput) -> set[str]:
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
    return getattr(token, "type", "") in ("_NL", "$END") or not text[at:].split("\n", 1)[0].strip()


def _starts_statement(text: str, at: int) -> bool:
    return not text[text.rfind("\n", 0, at) + 1 : at].strip(" \t{")


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
