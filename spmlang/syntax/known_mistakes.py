"""Known spellings that plan text does not allow, each as a pattern with its replacement.

A cause is accepted only if the statement is readable with its replacement, so patterns may be generous. If a spelling
may mean two things, its cause gives no replacement, and the message of the mistake asks which one is meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from . import foreign_numbers, foreign_spelling
from .grammar import reserved_words

#: The replacement of a match: a template of `re`, or a function. A function may give None for no replacement.
Better = str | Callable[[re.Match[str]], str | None]


@dataclass(frozen=True)
class KnownMistake:
    """A known mistake: `pattern` is searched in the line with the mistake, `better` replaces a match."""

    slug: str
    pattern: re.Pattern[str]
    better: Better

    def replacement(self, match: re.Match[str]) -> str | None:
        """Return the replacement of a match, or None if there is none."""
        return match.expand(self.better) if isinstance(self.better, str) else self.better(match)


#: In the patterns below a blank matches a blank or a tab, except inside brackets.
_BLANK = re.compile(r"(\[[^\]]*\])| ")


#: Blanks at the start of a pattern match only from the first one of a run, and runs around a comma match possessively,
#: because a long run of blanks would otherwise take quadratic time.
_BLANKS_FIRST = re.compile(r"^ ([*+])(,\? \*)?")


def compile_pattern(pattern: str, *, any_case: bool = True) -> re.Pattern[str]:
    """Compile a pattern of a line, in which a blank matches a blank or a tab."""
    flags = re.MULTILINE | (re.IGNORECASE if any_case else 0)
    whole = _BLANKS_FIRST.sub(lambda found: "(?<![ ]) *+,? *+" if found[2] else f"(?<![ ]) {found[1]}", pattern)
    return re.compile(_BLANK.sub(lambda found: "[ \t]" if found[1] in (None, "[ ]") else found[1], whole), flags)


def _mistakes(slug: str, *rows: tuple[str, Better], any_case: bool = True) -> tuple[KnownMistake, ...]:
    return tuple(KnownMistake(slug, compile_pattern(pattern, any_case=any_case), better) for pattern, better in rows)


_N = r"\d[\d_]*(?:\.\d+)?"  # a number of plan text
_AMOUNT = r"\d[\d_.,']*\d|\d"  # a number with separators between its digits
_MONTH = r"(?P<month>(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)"
_YEAR = r"(?P<year>\d{4})"
_OPENING, _CLOSING = "“”„‟‘’‚'«»`", "“”‘’'«»`\""
_INTERVALS = "month|quarter|half|year|period"
_PERIOD = rf"(?=(?:{_INTERVALS})\b)"
#: A word of a name, which is neither a reserved word nor a currency.
_WORD = rf"(?!(?:{'|'.join(sorted(reserved_words()))}|[A-Z]{{3}})(?!\w))[A-Za-z]\w*"
_THAN = r"(?:is +)?"
#: Words behind a percentage that are no measure.
_NO_MEASURE = (
    r"(?!(?:more|less|extra|off|higher|lower|additional|bonus|then|else|if|unless|but|now|later|times|plus|minus|over|above|beyond"
    r"|point|points|pts|attainment)\b)"
)
_EMPTY = r"(?:missing|null|nil|empty|blank|none|absent|N/A)"
#: The start of a statement with a condition.
_ASKS = r"^( *(?:(?:gate +)?when|where|for|covers|watch)\b.*?)"

_NUMBERS = (
    *_mistakes(
        "loose-percent",
        (rf"\b({_N}) *(?:‰|per ?mille?|per thousand)(?!\w)", foreign_numbers.per_thousand),
        (rf"\b({_N}) *(?:bps?|basis +points?)(?!\w)", foreign_numbers.basis_points),
        (
            rf"\b({_N}) *(?:pp|ppts?|percent(?:age)?[ -]+points?|%[ -]*(?:points?|pts?)|(?:pts?|points?)(?= +of\b))(?!\w)",
            r"\1%",
        ),
        (
            r"(?<![\w.,/])(?:(\d+) ?)?([¼½¾⅛⅜⅝⅞⅕⅖⅗⅘]|(?<=\d )\d/\d+|(?<!\d)\d/\d+) *(%|per ?cent\b|pct\b|(?=of\b))",
            foreign_numbers.fraction,
        ),
        (r"(?<![\w.,/])(?:(\d+) ?)?([¼½¾⅛⅜⅝⅞⅕⅖⅗⅘])()(?!\w)", foreign_numbers.fraction),
    ),
    *_mistakes(
        "currency-sign",
        (r"^( *currency +)(€|£|euros?|pounds?)(?= *$| *#)", foreign_numbers.currency_of_plan),
        (rf"\b({_N}|{_AMOUNT}) *(?:US *)?(dollars?|euros?|pounds?|US\$)(?!\w)", foreign_numbers.currency_word),
        (
            rf"(?:US)?(?P<sign>[$€£¥]) *(?P<number>{_AMOUNT})(?P<scale>[km](?!\w))?(?: *(?:USD|EUR|GBP|JPY)\b)?",
            foreign_numbers.rewrite_currency_sign,
        ),
        (rf"(?P<number>{_AMOUNT})(?P<scale>[km])? *(?P<sign>[$€£¥])", foreign_numbers.rewrite_currency_sign),
    ),
    *_mistakes(
        "currency-sign", (rf"\b([A-Z]{{3}}) *({_AMOUNT})(?![\w%])", foreign_numbers.currency_first), any_case=False
    ),
    *_mistakes(
        "thousands-comma",
        (r"\b(\d{1,3}(?:,\d{3})+)( +[A-Z]{3}\b)", foreign_numbers.currency_last),
        (
            r"\b(\d{1,3}(?:[ '’\u00a0\u202f,]\d{3})+\.\d+|\d{1,3}(?:[,.]\d{3}){2,})(?![\d,])",
            foreign_numbers.written_number,
        ),
        (r"\b(\d{1,3}(?:[ '’\u00a0\u202f]\d{3})+)(?![\d,])", foreign_numbers.written_number),
    ),
    *_mistakes(
        "decimal-comma",
        (r"(?<![\d.])(\d{1,3}(?:\.\d{3})+,\d+|\d+,\d{1,2}|\d+,\d{4,})(?!\d)", foreign_numbers.written_number),
    ),
    *_mistakes(
        "glued-number",
        (rf"\b({_N}) ?(k|m|mm|mio)\b", foreign_numbers.thousands),
        (rf"\b({_N})([A-Z]{{3}})\b", r"\1 \2"),
        (r"(?<![\w.])\.(\d+)", r"0.\1"),
        (r"\b(\d[\d_]*)\.(?=%| |$)", r"\1"),
    ),
    *_mistakes(
        "loose-percent",
        (rf"({_N})[ \u00a0\u202f]+%", r"\1%"),
        (rf"({_N}) *(?:percent|per ?cent|pct\.?|%%+|％)(?!\w)", r"\1%"),
        (rf"(?<![\w.])% *({_N})(?!%)", r"\1%"),
    ),
)

_DAYS = _mistakes(
    "wrong-date",
    (r"(?<!\d)(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)", foreign_spelling.day_with_year_last),
    (r"(?<!\d)(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)", foreign_spelling.day),
    (r"\b(from|through|until)( +)(\d{4})[-/](\d{1,2})(?![\w-])", foreign_spelling.day_of_month),
    (rf"{_MONTH}\.? +(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? +{_YEAR}", foreign_spelling.day_in_words),
    (rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)? +{_MONTH}\.?,? +{_YEAR}", foreign_spelling.day_in_words),
)

_TIERS = _mistakes(
    "other-tier",
    (r"^( *)(?:tier|level|step|band) *\d* *[:.)-]? +(?=.*:)", r"\1"),
    (rf"^( *)(?:>=?|≥|over|above|more +than|at +least|from) *({_N}[^:\n]*?) *:", r"\1\2 and above :"),
    (
        rf"({_N}%?(?: +[A-Z]{{3}})?) *(?:\+|(?:and|or) +(?:more|over|higher|up|beyond|greater|above)|upwards?|<)(?= *:)",
        r"\1 and above",
    ),
    (r"^( *[^:\n]*?(?:%|\w)) *(?:=>?|->|→|\|) *(?=\S)", r"\1 : "),
    (rf"^( *)(?:<|up +to|below|under|less +than) *({_N})%", r"\g<1>0% to \2%"),
    (rf"^( *)(?:<|up +to|below|under|less +than) *({_N}) +([A-Z]{{3}})\b", r"\g<1>0.00 \3 to \2 \3"),
)

_RANGES = _mistakes(
    "other-tier",
    (r"(\d{4}-\d{2}-\d{2}) *(?:[-–—→]|->|to|until|till|thru|\.\.+) *(?=\d{4}-)", r"\1 through "),
    (r"(\d%?(?: +[A-Z]{3})?) *(?:[-–—→]|->|through|until|till|thru|\.\.+) *(?=\d)", r"\1 to "),
)

_SIGNS = (
    *_mistakes(
        "other-sign",
        (r"≥|⩾|=>|= +>|> +=", ">="),
        (r"≤|⩽|=<|< +=", "<="),
        (r"<>|≠|=/=|!==|~=|/=", "!="),
        (r"===", "=="),
        (r"[–—−]", "-"),
        (r"[×✕∗⋅·]", "*"),
        (r"(?<=[\w)%])( +)x( +)", r"\1*\2"),
        (r"% +(?:on|x)(?= )", "% of"),
        (rf"% +(?={_NO_MEASURE}[a-z(])", "% of "),
        (rf"\b({_N}) ?[x*] +({_N}%) +(?:of|on) +(\S+)(?= *(?:#|$))", r"\1 * (\2 of \3)"),
        (rf"\b({_N}) ?x +(?:of +)?(?=[a-z(\d])", r"\1 * "),
        (rf"(?<=[*×x] )({_N})x(?= *(?:$|#))", r"\1"),
        (rf"({_N}%?) +(?:times|multiplied +by) +", r"\1 * "),
        (r"(?<=[\w)%]) +(?:times|multiplied +by) +", " * "),
        (rf"(?<=[\w)%]) +(?:minus|less(?! +than)(?! +{_N}%)) +", " - "),
        (r"(?<=[\w)%]) +plus +", " + "),
        (r"^( *pays +)\+ *", r"\1"),
        (rf"({_N}%?(?: +[A-Z]{{3}})?) *(<=?) *([a-z][^<>\n]*?) *(<=?) *(?={_N})", r"\1 \2 \3 and \3 \4 "),
    ),
    *_mistakes("symbol-and-or", (r" *&&? *", " and "), (r" *\|\|? *", " or ")),
    *_mistakes("single-equals", (r"(?<![=!<>])=(?![=<>])", "==")),
    *_mistakes("word-too-many", (r"(?<=\w) *=(?![=<>]) *", " "), (r"(?<=[a-z]) *: *", " ")),
)

_LISTED = r"(?:\"[^\"]*\"|[A-Z]\w*)"
_LONG = ("year", "quarter", "month")
_OWN_LINE = r" *,? +(?:only +)?(?:if|when|provided(?: +that)?|where|(?:as|so) +long +as)(?= )"
_WORDS = (
    *_mistakes(
        "other-word",
        (r"\bis +not +(?:an? +)?([A-Z]\w*)(?= *(?:$|#|\)|and\b|or\b))", r'!= "\1"'),
        (r"\bis +(?:an? +)?([A-Z]\w*)(?= *(?:$|#|\)|and\b))", r'== "\1"'),
        (
            rf"(?:={{1,3}} *|\b(?:is +)?(?:one +of +|any +of +|either +)|\bis +)"
            rf"({_LISTED}(?:(?: *, *(?:or +)?| +or +){_LISTED})+)",
            foreign_spelling.list_in_parentheses,
        ),
        any_case=False,
    ),
    *_mistakes("other-word", (r"\b[A-Za-z]*[A-Z][A-Za-z]*\b", foreign_spelling.lower), any_case=False),
    *_mistakes(
        "other-word",
        (r"\b[A-Za-z]{3,}\b", foreign_spelling.month),
        (r"^( *)(?:if|where|provided|only +if|only +when)(?= )", r"\1when"),
        (r"^( *)(?:when|if|filter|for)(?= )", r"\1where"),
        (r"^( *)unless +(.+?)(?= *(?:#|$))", r"\1when not (\2)"),
        (r"^( *(?:(?:gate +)?when|where) +)(?:unless|not +if) +(.+?)(?= *(?:#|$))", r"\1not (\2)"),
        (rf" +(?:is +)?(?:not +{_EMPTY}|exists?|(?:defined|given|set|known))(?!\w)", " is present"),
        (r"(\S+) +(?:is +not +(?:defined|given|set|known)|does +not +exist)(?!\w)", r"not \1 is present"),
        (rf"(\S+) *(?:!=|<>|≠) *{_EMPTY}(?!\w)", r"\1 is present"),
        (rf"(\S+) +(?:is +)?(?:{_EMPTY}|not +present)(?!\w)", r"not \1 is present"),
        (rf"(\S+) *={{1,3}} *{_EMPTY}(?!\w)", r"not \1 is present"),
        (r"\bNOT *\( *(?:ISBLANK|ISNULL|ISNA) *\( *([^()]+?) *\) *\)", r"\1 is present"),
        (r"\b(?:ISBLANK|ISNULL|ISNA) *\( *([^()]+?) *\)", r"not \1 is present"),
        (r"\bnot +(?=\")", "!= "),
        (r"\bbut +", "and "),
        (r", *(?=(?:month|quarter|half|year) +to +date\b)", " "),
        (rf"{_ASKS} +(?:is +)?(?:exceeds?|above|over|beats?)(?= +[\w(])", r"\1 >"),
        (rf"{_ASKS} +(?:is +)?(?:reach(?:es)?|meets?|hits?|gte|ge)(?= +[\w(])", r"\1 >="),
        (rf"{_ASKS} +(?:is +)?(?:below|under)(?= +[\w(])", r"\1 <"),
        (rf"{_ASKS} +(?:lte|le)(?= +[\w(])", r"\1 <="),
        (
            r"\b([a-z]\w*)( *(?:[<>]=?|==|[-+]) *(?:\d[\d_.]*%(?: +of)? +)?)(?:(?:the|his|her|their|your) +)?quota\b(?! +of\b)",
            foreign_spelling.quota_of,
        ),
        (
            rf"\b(?!(?:quota|most|least|[ymq]td|total|full|annual)\b)({_WORD}) +(attainment|quota)\b(?! +of\b)",
            foreign_spelling.measures,
        ),
        (r"^( *tiers +by +)(?:quota +attainment|attainment +of +quota|quota|attainment +to +quota)\b", r"\1attainment"),
        (r"^( *tiers) +(?:on|per|of)(?= +(?:attainment|amount)\b)", r"\1 by"),
        (
            r"^( *)(marginal|retroactive|progressive|incremental)\w* +(tiers +by +[^{,]*?)(?= *\{)",
            foreign_spelling.tiers_mode_before,
        ),
        (
            r"^( *tiers +by +[^{,]*?) *,? *\b(progressive|incremental|retro)\w*(?= *\{)",
            foreign_spelling.tiers_mode_behind,
        ),
        (r"^( *tiers +by +[^{,]*?) *,? *(?:back|first|from|to)\b[a-z ]*\bdollar\b[a-z ]*(?= *\{)", r"\1, retroactive"),
        (
            r" *,? *\bround(?:ed)? +to +(?:the +)?(?:nearest +)?"
            r"(?:2 +(?:decimal +places|decimals?|places|digits)|(?:full +)?cents?"
            r"|(?P<whole>(?:whole +|full +)?(?:dollars?|euros?|pounds?)))(?!\w)",
            foreign_spelling.to_cents,
        ),
        (r" *,? *\bround(?:ed)? +to +(?:the +)?nearest +(?=\d)", " rounded to "),
        (foreign_spelling.LEAST_OF_MANY, foreign_spelling.lesser_of_several),
        (foreign_spelling.LESSER, foreign_spelling.lesser_of),
        (r"\b(?:is +not|isn't|not +equals?(?: +to)?)(?= )", "!="),
        (rf"\b{_THAN}equals?(?: +to)? +|\bis +", "== "),
        (rf"{_ASKS} {_THAN}(?:greater|more|higher|larger) +than +or +equal(?: +to)?(?= )", r"\1 >="),
        (rf"{_ASKS} {_THAN}(?:at +least|no +less +than)(?= )", r"\1 >="),
        (rf"{_ASKS} {_THAN}(?:less|lower|smaller|fewer) +than +or +equal(?: +to)?(?= )", r"\1 <="),
        (rf"{_ASKS} {_THAN}(?:at +most|no +more +than)(?= )", r"\1 <="),
        (rf"{_ASKS} {_THAN}(?:(?:greater|more|higher|larger) +than)(?= )", r"\1 >"),
        (rf"{_ASKS} {_THAN}(?:less|lower|smaller|fewer) +than(?= )", r"\1 <"),
        (r"\bis +(?:one +of|in|any +of) *(?=\()", "in "),
        (
            r"((?:attainment +of +|quota +of +)?\S+) +(?:is +)?between +(\S+(?: +[A-Z]{3})?) +and +",
            r"\1 >= \2 and \1 <= ",
        ),
        (rf" *,? *\b(?:per|every|an?|by) +{_PERIOD}", " each "),
        (rf" *,? *\b(?:per|every|an?|by) +{_PERIOD}", ", each "),
        (rf" */ *{_PERIOD}", " each "),
        (r" *,? *\bmonthly\b", " each month"),
        (r" *,? *\bquarterly\b", " each quarter"),
        (r" *,? *\b(?:annually|yearly|annual|per annum)\b", " each year"),
        (r"\beach +(month|quarter|year|half)(?:ly|s)\b", r"each \1"),
        *(
            (rf" *,? *\b(?:{word[0]}TD|{word}-to-date)\b", f"{mark} {word} to date")
            for word in _LONG
            for mark in ("", ",")
        ),
        (r"\b(?:starting|beginning|since|as +of|date|on)(?= +\d{4}-)", "from"),
        (r"\b(?:to|until|till|thru|-)(?= +\d{4}-)", "through"),
        (r"\b(?:version +)?\"?v?(\d+)(?:\.0)?\"?(?= *\{)", r"version \1"),
        (r"!(?= *[a-z(])", "not "),
        (r"\b(?:is +)?on +or +after(?= +\d)", ">="),
        (r"\b(?:is +)?on +or +before(?= +\d)", "<="),
        (r"\b(?:is +)?after(?= +\d)", ">"),
        (r"\b(?:is +)?before(?= +\d)", "<"),
        (
            r" *,? *\b(?:up +to|(?:but +)?(?:no|not) +more +than|max(?:imum)?\.?|capped +at|limited +to"
            r"|not +(?:to +exceed|exceeding)|(?:with|subject +to) +an? +(?:cap|maximum|limit) +of) +(?=\S)",
            " at most ",
        ),
        (
            r"^( *[a-z]+ +[^()+\n]*?) *\( *(?:up +to|max(?:imum)?\.?|capped +at|limited +to|cap) +([^()\n]+)\)",
            r"\1 at most \2",
        ),
        (rf"(?<=[A-Z]{{3}})(?: *,? +(?:for +)?(?:each|every|an?) +| */ *)(?!(?:{_INTERVALS})\b)(?=[a-z])", " per "),
        (r" *,? *\b(?:(?:but +)?(?:no|not) +less +than|min(?:imum)?\.?) +(?=\S)", " at least "),
        (r"\buntil +(?:the +)?(month|quarter|half|year)[ -]+end\b", r"until end of \1"),
        (r"\bpayee(?:'s)? +(?=[a-z])", "payee."),
        (r"\b(attainment|quota|earning|ratio|owner|members) +(?=(?!x\b)[a-z(])", r"\1 of "),
    ),
)

_PARENTHESES = _mistakes(
    "parentheses-missing",
    (r"\bratio +of +(?!\()(.+?) +to +(?=\S)", r"ratio of (\1) to "),
    (r"(\bratio +of +.+? +to) +(?!\()(.+?) +(?=else\b)", r"\1 (\2) "),
    (r"\bratio +of +(?!\()(.+?) +to +(?!\()(.+?) +(?=else\b)", r"ratio of (\1) to (\2) "),
    (
        r"\bin +((?:\"[^\"]*\"|[^\s,()]+)(?:(?: *, *| +or +)(?:\"[^\"]*\"|[^\s,()]+))*)",
        foreign_spelling.list_in_parentheses,
    ),
    (r"\bin *[\[{(]([^\]})\n]*)[\]})]", foreign_spelling.list_in_parentheses),
)

#: The words before a declared name, which may be written in any way.
_DECLARES = (
    r"^( *(?:(?:add|replace) +)?"
    r"(?:calendar|measure|territory|table|quota|template|plan|commission|bonus|spif|draw|watch|use) +)"
)

_NAMES = (
    *_mistakes(
        "wrong-quotes",
        (r"(?<=[!=]=)( *)([A-Z][\w-]*(?: +[\w-]+)*?)(?= *(?:$|[#,)]|and\b|or\b))", r'\1"\2"'),
        any_case=False,
    ),
    *_mistakes(
        "name-case", (r"(?<![\w.])(?P<name>[A-Za-z]\w*(?:\.[A-Za-z]\w*)+)", foreign_spelling.path), any_case=False
    ),
    *_mistakes(
        "name-case",
        (rf"{_DECLARES}\"(?P<name>[^\"\n]+)\"", foreign_spelling.declared_name),
        (rf"{_DECLARES}(?P<name>{_WORD}(?:[ -]+{_WORD})+)", foreign_spelling.declared_name),
        (r"(?<![\w.])(?P<name>[A-Za-z]\w*(?:-\w+)+)", foreign_spelling.name),
        (r"(?<!\w)(?P<name>[A-Z]\w*(?: +[A-Z]\w*)+)", foreign_spelling.name),
        (r"(?<!\w)(?P<name>[A-Za-z_]*[A-Z]\w*)(?!\w| *[(/])", foreign_spelling.name),
        (r"(?<!\w)(?P<name>[^\W\d]\w*)(?!\w| *[(/])", foreign_spelling.name),
        any_case=False,
    ),
)

#: The first cause that makes the statement readable is taken, so special causes come before general ones.
CAUSES: tuple[KnownMistake, ...] = (
    *_mistakes(
        "invisible-character", (r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]+", ""), (r"[^\S \t\n]+", " ")
    ),
    *_mistakes(
        "wrong-quotes",
        (rf"(?:[{_OPENING}]|'')([^{_OPENING}\"\n]*)(?:[{_CLOSING}]|'')|\"([^“”„‟\"\n]*)[“”„‟]", r'"\1\2"'),
    ),
    *_mistakes(
        "other-sign", (r"(?:--+|//+)(.*)$", r"#\1"), (r"/\*(.*?)(?:\*/)? *$", r"#\1"), (r"<!--(.*?)(?:-->)? *$", r"#\1")
    ),
    *_mistakes(
        "word-too-many",
        (r"^( *)(?:[•◦▪‣●–—*-]|\(?[0-9a-z][.)](?!\d)) +", r"\1"),
        (r"(?<![\w.])(?:#|no\.?) *(?=\d)", ""),
    ),
    *_mistakes(
        "word-too-many",
        (r"\b(?:the|his|her|their|your|both|either)(?= +\S) +", ""),
        (r"(?<=[A-Z]) +(?:flat|fixed)(?= *(?:#|$))|(?<![ ])(?: *[,:])? +then(?= *(?:#|$))", ""),
        (r"(?<=[a-z]) +(?:at|of|is|be) +(?=\d)", " "),
        (r"\)(?= *(?:$|#))", ""),
    ),
    *_NUMBERS,
    *_DAYS,
    *_mistakes("function", (foreign_spelling.CALL, foreign_spelling.rewrite_function_call)),
    *_TIERS,
    *_RANGES,
    *_SIGNS,
    *_WORDS,
    *_mistakes("currency-sign", (r"(?<![\w.])[a-z]{3}(?!\w)", foreign_numbers.currency), any_case=False),
    *_mistakes("single-equals", (r"==", "=")),
    *_PARENTHESES,
    *_mistakes(
        "second-statement",
        (
            r"^( *)pays +(?:if|when) +(?P<condition>.+?)(?: *,)? +(?:then +)(?P<amount>\d[^,\n]*?)(?= *(?:#|$))",
            foreign_spelling.when_and_pays,
        ),
        (r" *[,:]? *(?:\bthen +)?(?=\bpays )", foreign_spelling.on_its_own_line("")),
        (_OWN_LINE, foreign_spelling.on_its_own_line("when")),
        (r" *,? +unless +(.+?)(?= *(?:#|$))", foreign_spelling.when_not),
    ),
    *_NAMES,
    *_mistakes("word-missing", (r" *(?=\{)", foreign_spelling.version_of_plan)),
    *_mistakes("word-missing", (r"^( *)(?=\d[\d_.]*(?:%| +[A-Z]{3}(?!\w)))", r"\1pays ")),
    *_mistakes(
        "other-word",
        (
            rf"^( *)(?:pay|payout|payment|commission|bonus|earns?|gets?|receives?)(?: +(?:is|of|equals))? *[:=]? +(?={_N})",
            r"\1pays ",
        ),
    ),
    *_mistakes("semicolon", (r" *;+(?= *(?:#.*)?$)", "")),
    *_mistakes("stray-comma", (r" *,+(?= *(?:#.*)?$)", "")),
)

#: Letters, digits and signs of East Asian keyboards, each with one meaning.
(PLAIN_SIGNS,) = _mistakes("other-sign", (r"[！-～、]+", foreign_numbers.plain_signs))

#: Words and signs that the grammar expects at one place only. A statement that is readable with one of them lacks it.
CONNECTIVES = ("COLON", "COMMA", "RPAR", "TO", "FROM", "EACH", "BY", "IN", "THROUGH", "WHEN", "VERSION")
