"""Spellings that may mean several things, or that plan text states in another form.

No edit of these is safe, so each has a message that shows the valid alternatives. Questions are searched before any
edit is tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from . import foreign_numbers, foreign_spelling
from .foreign_numbers import Match
from .grammar import reserved_words
from .known_mistakes import compile_pattern
from .single_statement import IsolatedStatement

#: Characters of the longest line that is searched.
_LONGEST = 1_000


class Ambiguity(NamedTuple):
    """A message's slug, its place in the statement's text, and its words."""

    slug: str
    start: int
    end: int
    words: dict[str, str]


def find_ambiguity(frame: IsolatedStatement, at: int) -> Ambiguity | None:
    """Return the first question of the table that matches at the mistake, or None.

    Args:
        frame: The statement with the mistake.
        at: The offset of the mistake in the statement's text.
    """
    text, before = frame.earlier + frame.text, len(frame.earlier)
    start, end = frame.line(at)
    if end - start > _LONGEST:
        return None
    for slug, pattern, words in _QUESTIONS:
        for match in pattern.finditer(text, before + start, before + end):
            if match.start() <= before + at <= match.end() and (said := words(match)) is not None:
                place = match.span("found") if "found" in pattern.groupindex else match.span()
                found = " ".join(text[slice(*place)].strip("=, \t").removesuffix("(").split())
                return Ambiguity(slug, place[0] - before, place[1] - before, {"found": found, **said})
    return None


Words = Callable[[Match], dict[str, str] | None]


def _no_words(match: Match) -> dict[str, str] | None:
    """Return no words, because the message needs none."""
    return {}


def _part_or_percent(match: Match) -> dict[str, str] | None:
    """Return both readings of `.05 of bookings`: 5% or 0.05%."""
    digits = match["found"]
    value = Decimal(foreign_numbers.number(f"0{digits}" if digits[0] in ".," else digits) or 0)
    return (
        {"whole": foreign_numbers.percent(value), "part": foreign_numbers.percent(value / 100)}
        if 0 < value < 1
        else None
    )


def _below_zero(match: Match) -> dict[str, str] | None:
    """Return a valid form of `(500.00) USD`, which is -500.00 in a spreadsheet."""
    return {"better": f"{foreign_numbers.amount(match['number'])} {match['currency']}"}


def _bare_attainment(match: Match) -> dict[str, str] | None:
    """Return a complete form of a bare `attainment`, with a measure named before it as an example."""
    named = re.findall(r"\b(?:(?:attainment|quota)[ \t]+of|on)[ \t]+([a-z]\w*)(?![\w.])", match.string[: match.start()])
    names = [name for name in named if name not in reserved_words()]
    found = match["found"].lower()
    if foreign_spelling.measure_before(match):
        return None
    what = "attainment" if match["reached"] or "attainment" in found else "quota"
    better = f"{what} of {names[-1] if names else '…'}"
    return {"what": match["what"].lower(), "better": f"{better} >= 100%" if match["reached"] else better}


def _part_above_quota(match: Match) -> dict[str, str] | None:
    """Return both readings of `5% of bookings above quota`: of the part above the quota, or of all."""
    rate, measure, bound = match["rate"], match["measure"], match["bound"]
    if bound.split()[-1] == "quota":
        bound = f"quota of {measure}"
    part = f"{rate} of (({measure} at least {bound}) - {bound})"
    return {"part": part, "when": f"{measure} > {bound}", "all": f"{rate} of {measure}"}


def _rate_of_difference(match: Match) -> dict[str, str] | None:
    """Return both readings of `5% of bookings less returns`: the rate applies to the difference, or to `bookings`."""
    sign = {"plus": "+", "up to": "at most"}.get(" ".join(match["found"].lower().split()), "-")
    rate, what, other = match["rate"], match["what"], match["other"]
    other = f"quota of {what}" if other == "quota" else other
    return {"first": f"({rate} of {what}) {sign} {other}", "second": f"{rate} of ({what} {sign} {other})"}


def _draw(match: Match) -> dict[str, str] | None:
    """Return the valid form of a draw or a guarantee.

    A draw needs a name. Both are amounts of one pay period, so an interval is dropped.
    """
    draw, name, count = match["word"].lower() == "draw", match["name"], match["count"]
    if (name or not draw) and not (match["each"] or count):
        return None
    periods = f" for first {count} periods" if count else ""
    begun = f"draw {name or 'advance'}" if draw else "guarantee"
    better = f"{begun} {match['amount']}{periods}"
    return {"better": better, "name": " and a name of your choice" if draw and not name else ""}


def _interval(match: Match) -> dict[str, str] | None:
    """Return the interval behind an amount or before a measure."""
    return {"grain": re.sub(r"^annual|^year", "year", match["grain"].lower()).removesuffix("ly")}


_N = r"\d[\d_]*(?:\.\d+)?"
_MONEY = rf"{_N} +[A-Z]{{3}}"
_PERIODS = r"(?:day|week|month|quarter|half|year|period)s?"
_GRAIN = r"(?P<grain>month|quarter|half|year)"
_ABOVE = r"(?:above|over|beyond|exceeding|past|in +excess +of|(?:more|greater|higher) +than)"
_QUOTA = r"(?:(?:the|his|her|their|your) +)?quota(?: +of +[a-z]\w*)?"
_WAYS = r"(?:marginal\w*|retro\w*|progressive\w*|incremental\w*|dollar)"
_FUNCTIONS = (
    "ABS AVERAGE CEILING CHOOSE COUNT DATE DAY EOMONTH FLOOR IFERROR IFNA IFS INDEX INT HLOOKUP VLOOKUP XLOOKUP LOOKUP MATCH "
    "MONTH MROUND ROUND SUM SWITCH TEXT TRUNC VALUE YEAR"
)

#: Slug, pattern and words of each message. Special patterns come before general ones.
_TABLE: tuple[tuple[str, str, Words], ...] = (
    ("function-if", r"(?P<found>(?<!\w)=? *IF *\().*", _no_words),
    ("function-if", r"^ *pays\b.*?\b(?P<found>if|when)\b.*(?:\b(?:else|otherwise)\b|,.*,).*$", _no_words),
    ("function-if", r"^ *pays\b.*?(?P<found>\?)[^:\n]*:.*$|\b(?:case +when)\b.*$", _no_words),
    ("day-of-run", r"(?<!\w)=? *(?:TODAY|NOW|GETDATE|SYSDATE) *\(.*", _no_words),
    (
        "part-of-a-text",
        r"(?<=[\w.]) *(?<![A-Za-z])"
        r"(?P<found>(?:not +)?i?like|(?:does +not +)?contains?|(?:starts?|begins?|ends?) +with|matches|includes?)\b.*",
        _no_words,
    ),
    (
        "part-of-a-text",
        r"(?P<found>(?<!\w)=? *(?:LEFT|RIGHT|MID|FIND|SEARCH|SUBSTRING) *\().*",
        _no_words,
    ),
    (
        "part-of-a-text",
        r"^ *(?:(?:gate +)?when|where|for|covers)\b.*?(?P<found>\"[^\"\n]*\" +in +[a-z][\w.]*)",
        _no_words,
    ),
    ("function-other", r"(?P<found>(?<!\w)=? *(?:MIN|MAX) *\([^)]*$)", _no_words),
    ("function-other", rf"(?P<found>(?<!\w)=? *(?:{'|'.join(_FUNCTIONS.split())})\w* *\()", _no_words),
    ("no-division", r"(?<=\w) +(?P<found>divided +by)\b.*", _no_words),
    ("rate-ambiguous", r"(?<![\w.,])(?P<found>\d*[.,]\d+)(?= +(?:of\b|(?!x\b)[a-z]\w* *(?:$|#)))", _part_or_percent),
    ("rate-ambiguous", r"^[^\"#\n:]*: *(?P<found>\.0\d*)(?= *(?:$|[#}]))", _part_or_percent),
    ("amount-in-parentheses", r"\( *(?P<number>\d[\d_.,]*) *\) *(?P<currency>[A-Z]{3})(?!\w)", _below_zero),
    (
        "part-above",
        rf"^ *pays +(?P<rate>{_N}%) *(?:of|on|x|\*)? *(?:the +)?(?P<measure>[a-z]\w*) +(?P<found>{_ABOVE})"
        rf" +(?P<bound>{_QUOTA}|{_MONEY}|[a-z]\w*) *(?=$|[#,])",
        _part_above_quota,
    ),
    (
        "sum-behind-of",
        rf"^ *pays +(?P<rate>{_N}%) +(?:of|on|x) +(?:the +)?(?P<what>[a-z]\w*) *,? +"
        r"(?P<found>minus|plus|less|up +to|net +of|excluding)"
        rf" +(?P<other>{_MONEY}|[a-z]\w*|quota +of +[a-z]\w*) *(?=$|[#,])",
        _rate_of_difference,
    ),
    (
        "attainment-of-what",
        r"(?P<found>\b(?P<what>quota)) +(?P<reached>(?:is +|was +)?(?:met|reached|achieved|made|attained|hit|exceeded))\b",
        _bare_attainment,
    ),
    (
        "attainment-of-what",
        r"(?<!by )(?<!by quota )(?<!attainment of )"
        r"(?P<found>\b(?P<what>attainment|quota)\b(?: +attainment\b)?(?: +of +quota\b)?(?: +of\b)?)"
        r"(?P<reached>) *(?=$|[-+*<>=!),#]|at\b|is\b)(?!=> )",
        _bare_attainment,
    ),
    (
        "draw-otherwise",
        rf"^ *(?:add +|replace +)?(?P<word>draw|guarantee) +(?P<name>(?!for\b)[a-z]\w*(?= ))? *(?:of +)?"
        rf"(?P<amount>{_MONEY}|payee\.\w+)"
        rf"(?P<each> *,? *(?:(?:each|per|every|a) +{_PERIODS}|monthly|quarterly|annually|yearly))?"
        rf"(?: *,? *(?:for|over|during) +(?:the +)?(?:first +)?(?P<count>\d+) +{_PERIODS})? *(?=$|[#,])",
        _draw,
    ),
    (
        "tiers-by-what",
        rf"^ *(?:(?!{_WAYS})\w+ +(?=tiers +by\b))?tiers\b(?!.*\b{_WAYS}).*$|^ *tiers *,? *{_WAYS} *\{{?.*$",
        _no_words,
    ),
    ("tiers-by-what", r"^ *tiers +by +(?!att|amo|quota\b)[a-z].*$", _no_words),
    ("tier-with-one-bound", r"^ *(?P<found>-?\d[\d_.]*(?:%| +[A-Z]{3})?) *: *\S.*$", _no_words),
    ("rounding-how", r"^ *(?:round|rounded|rounding)\b(?! +per\b).*$", _no_words),
    (
        "interval-in-pay",
        rf"^ *pays\b.*?(?P<found>\b(?:(?:per|each|every|an?|for +(?:the|each|every)) +{_GRAIN}\b(?! +to +date)))",
        _interval,
    ),
    ("interval-in-pay", r"^ *pays\b.*?(?P<found>\b(?P<grain>monthly|quarterly|yearly|annually|annual)\b)", _interval),
    ("hold-until", r"^ *(?P<found>hold +until)\b.*$", _no_words),
    (
        "hold-until",
        rf"^ *hold\b.*?(?P<found>\b(?:for +|until +)?(?:the +)?(?:next|following|\d+) +{_PERIODS}\b).*$",
        _no_words,
    ),
    (
        "hold-until",
        r"^ *hold\b.*?(?P<found>\b(?:\w+ +)?(?:paid|payment|pays|payout|collected|received)\b)(?! *\.).*$",
        _no_words,
    ),
    (
        "span-of-time",
        rf"(?P<found>(?:\b(?:for|until|in|after|within|over|each|every) +)?"
        rf"(?:the +)?(?:(?:first|next|last) +)?\d+ +{_PERIODS}\b).*",
        _no_words,
    ),
    ("span-of-time", rf"(?P<found>\b(?:next|last|previous|following) +{_PERIODS}\b)", _no_words),
    (
        "span-of-time",
        r"(?P<found>\bonce|one[- ]time)(?= *(?:#|$)).*",
        _no_words,
    ),
    (
        "span-of-time",
        r"(?P<found>(?<!\d)\d+%(?: +of +[a-z]\w*)? +"
        r"(?:now|later|up ?front|immediately|today|at +(?:signing|booking|go-?live))\b).*",
        _no_words,
    ),
)
_QUESTIONS = tuple((slug, compile_pattern(pattern), words) for slug, pattern, words in _TABLE)
