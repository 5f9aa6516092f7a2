"""Make a diagnostic from the place where the parser stopped.

Known mistakes come first, then a list of the words that would be valid there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True)
class _Stop:
    """The place where the parser stopped.

    `found` is the word there, from `at` to `end`, or an empty text; `span` makes a span from two offsets of the text.
    """

    mistake: lark.exceptions.UnexpectedInput
    text: str
    at: int
    end: int
    found: str
    place: Span
    span: SpanAt
    terminals: set[str]

    @property
    def token(self) -> LarkToken | None:
        """The token at which the parser stopped, if the lexer could read one."""
        return getattr(self.mistake, "token", None)

    @property
    def keywords(self) -> list[str]:
        """The keywords that would be valid."""
        known = keyword_terminals()
        return [known[name] for name in self.terminals if name in known]


def explain(mistake: lark.exceptions.UnexpectedInput, text: str, at: int, span: SpanAt) -> Diagnostic:
    """Return one diagnostic for one stop of the parser.

    Args:
        mistake: Lark's error.
        text: The item's text.
        at: The offset at which the parser stopped.
        span: Makes a span from two offsets of the text.
    """
    word = _WORD.match(text, at)
    found = word.group() if word else ""
    end = at + len(found)
    stop = _Stop(
        mistake=mistake,
        text=text,
        at=at,
        end=end,
        found=found,
        place=span(at, end) if word else span(max(0, at - 1), at),
        span=span,
        terminals=expected(mistake),
    )
    explained = (explanation(stop) for explanation in _EXPLANATIONS)
    return next((diagnostic for diagnostic in explained if diagnostic is not None), None) or _unexpected(stop)


def _use_with_slash(stop: _Stop) -> Diagnostic | None:
    path = re.match(r"use[ \t]+([\w.]*/[\w./]*)", stop.text)
    if path is None or not path.start(1) <= stop.at < path.end(1):
        return None
    better = path.group(1).removesuffix(".spm").strip("./").replace("/", ".")
    return diagnose("use-with-slash", stop.span(*path.span(1)), better=better)


def _stray_comma(stop: _Stop) -> Diagnostic | None:
    """Explain a comma that is not valid here, or one at the end of the line."""
    if (stop.token is not None and stop.token.type == "COMMA") or stop.found == ",":
        return diagnose("stray-comma", stop.place)
    before = stop.text[: stop.at].rstrip()
    if before.endswith(",") and _ends_here(stop.token, stop.text, stop.at):
        return diagnose("stray-comma", stop.span(len(before) - 1, len(before)))
    return None


def _unfinished_line(stop: _Stop) -> Diagnostic | None:
    if not _ends_here(stop.token, stop.text, stop.at):
        return None
    return diagnose("unfinished-line", stop.place, expected=listed(in_words(stop.terminals)))


def _wrong_name(stop: _Stop) -> Diagnostic | None:
    """Explain a keyword, or a word with capitals, in the place of a name."""
    if "NAME" not in stop.terminals:
        return None
    if stop.found in reserved_words() and not stop.terminals & {*_OPERATORS, "PERCENT"}:
        return diagnose("reserved-word", stop.place, word=stop.found)
    if re.fullmatch(r"\w*[A-Z]\w*", stop.found):
        return diagnose("name-case", stop.place, found=stop.found, better=name_of(stop.found) or "name")
    return None


def _second_statement(stop: _Stop) -> Diagnostic | None:
    """Explain a word that would be valid on the next line."""
    if stop.token is None or "_NL" not in stop.terminals:
        return None
    if stop.token.type not in _expected_on_the_next_line(stop.mistake):
        return None
    return diagnose("second-statement", stop.place, word=stop.found)


def _two_names(stop: _Stop) -> Diagnostic | None:
    """Explain two words that are probably one name, such as `net bookings`."""
    before = re.search(r"(?<![\w.])([a-z]\w*)[ \t]+$", stop.text[: stop.at])
    if before is None or not re.fullmatch(r"[a-z]\w*", stop.found) or not stop.terminals & _OPERATORS:
        return None
    words = (before[1], stop.found)
    if any(word in reserved_words() or _NO_NAME.fullmatch(word) for word in words):
        return None
    return diagnose("two-names", stop.span(before.start(1), stop.end), found=" ".join(words), joined="_".join(words))


def _unknown_statement(stop: _Stop) -> Diagnostic | None:
    """Explain a first word that begins no statement of the block."""
    keywords = stop.keywords
    if not re.fullmatch(r"[A-Za-z]\w*", stop.found) or not keywords or not _starts_statement(stop.text, stop.at):
        return None
    hint = did_you_mean(stop.found, keywords, _NEAR)
    return diagnose("unknown-statement", stop.place, word=stop.found, hint=hint, expected=listed(sorted(keywords), 20))


def _unexpected(stop: _Stop) -> Diagnostic:
    return diagnose(
        "unexpected",
        stop.place,
        found=stop.found,
        expected=listed(in_words(stop.terminals)),
        hint=did_you_mean(stop.found, stop.keywords, _NEAR) if stop.found not in ("", "off") else "",
    )


def _known_mistake(stop: _Stop) -> Diagnostic | None:
    """Return the diagnostic of a known mistake at the stop, if there is one."""
    text, at = stop.text, stop.at
    begun = re.search(r"\S*$", text[:at])
    starts = {at} if begun is None else {at, begun.start()}
    for pattern, slug, words in _KNOWN_MISTAKES:
        for start in starts:
            match = pattern.match(text, start)
            if match and (start == at or (match.end() > at and slug in _BEGUN_BEFORE)):
                found = match.group().strip("(= ") or match.group()
                return diagnose(slug, stop.span(match.start(), match.end()), (), found=found, **words(match))
    return None


#: The explanations in the order in which they are tried.
_EXPLANATIONS: tuple[Callable[[_Stop], Diagnostic | None], ...] = (
    _use_with_slash,
    _known_mistake,
    _stray_comma,
    _unfinished_line,
    _wrong_name,
    _second_statement,
    _two_names,
    _unknown_statement,
)


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
