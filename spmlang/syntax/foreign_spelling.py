"""What people write for numbers, amounts, days and names, in the language's letters; None where it may mean two things."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from decimal import Decimal
from unicodedata import normalize

from .grammar import reserved_words

MONTHS = "January February March April May June July August September October November December".split()

_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
#: Those that people write in small letters; three others, such as `pts`, are no currency.
_CURRENCIES = frozenset(
    "AED AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS INR JPY KRW MXN NOK NZD PLN RON SAR SEK SGD THB TRY USD ZAR".split()
)
_SCALES = {"k": 3, "m": 6, "mm": 6, "mio": 6}
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})

Match = re.Match[str]


def _before(match: Match) -> str:
    """The line before a match."""
    return match.string[match.string.rfind("\n", 0, match.start()) + 1 : match.start()]


def _indent(match: Match) -> str:
    """The blanks that begin the line of a match."""
    blanks = re.match(r"[ \t]*", _before(match) or match[0])
    return blanks[0] if blanks else ""


def percent(value: Decimal) -> str:
    """0.065 as `6.5%`."""
    return f"{(value * 100).normalize():f}%"


def number(text: str) -> str | None:
    """`1,234.50`, `1.234,50`, `1 234.50` and `5,5` as the language writes them. `1,500` alone may be one and a half."""
    plain = re.sub(r"[ '’\u00a0\u202f_]", "", text)
    if re.fullmatch(r"\d{1,3}(,\d{3})+\.\d+|\d{1,3}(,\d{3}){2,}|\d+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    elif re.fullmatch(r"\d{1,3}(\.\d{3})+,\d+|\d{1,3}(\.\d{3}){2,}|\d+,\d{1,2}|\d+,\d{4,}", plain):
        plain = plain.replace(".", "").replace(",", ".")
    else:
        return None
    whole, point, places = plain.partition(".")
    return re.sub(r"(?<=\d)(?=(\d{3})+$)", "_", whole) + point + places


def written_number(match: Match) -> str | None:
    """The number that stands in the first group."""
    return number(match[1])


def amount(text: str) -> str:
    """A number beside a currency: a comma before three digits parts thousands there, since no amount is written with mills."""
    return number(text) or text.replace(",", "_").replace("'", "_")


def signed(match: Match) -> str | None:
    """`€5,000`, `$10k`, `5.000,00 €`: the number and the currency's letters."""
    unit = f" {_SIGNS[match['sign']]}"
    return scaled(match["number"], match["scale"], unit) if match["scale"] else amount(match["number"]) + unit


def currency_first(match: Match) -> str | None:
    """`USD 5,000.00`: the number stands first."""
    return f"{amount(match[2])} {match[1]}"


def currency_last(match: Match) -> str | None:
    """`5,000 USD`: the digits are grouped otherwise."""
    return f"{amount(match[1])}{match[2]}"


def currency(match: Match) -> str | None:
    """`usd`: the letters of a currency are capitals."""
    return match[0].upper() if match[0].upper() in _CURRENCIES else None


def currency_word(match: Match) -> str | None:
    """`500 dollars`."""
    return f"{amount(match[1])} {_currency_named(match[2])}"


def currency_of_plan(match: Match) -> str | None:
    """`currency €`."""
    return match[1] + _currency_named(match[2])


def _currency_named(word: str) -> str:
    return {"d": "USD", "u": "USD", "e": "EUR", "€": "EUR"}.get(word[0].lower(), "GBP")


def plain_signs(match: Match) -> str | None:
    """`５％`, `（a）`: signs and digits of East Asian keyboards."""
    return normalize("NFKC", match[0]).replace("、", ",")


def per_thousand(match: Match) -> str | None:
    """`5‰` is 0.5%."""
    return percent(Decimal(match[1]) / 1000)


def basis_points(match: Match) -> str | None:
    """50 basis points are 0.5%."""
    return percent(Decimal(match[1]) / 10_000)


def fraction(match: Match) -> str | None:
    """`2½%` is 2.5%, `½ of` is 50%; `1/3` has no decimals."""
    part = normalize("NFKC", match[2]).replace("\N{FRACTION SLASH}", "/").split("/")
    top, bottom = int(part[0]), int(part[1])
    if bottom == 0 or 10**6 * top % bottom:
        return None
    value = int(match[1] or 0) + Decimal(top) / bottom
    behind = re.match(r"[ \t]*of\b", match.string[match.end() :]) is not None
    if behind and not match[3] and value > 1:
        return None
    return (
        f"{value.normalize():f}%" if match[3] else percent(value) + " " * behind if behind else f"{value.normalize():f}"
    )


def thousands(match: Match) -> str | None:
    """`10k`, `1.5M`."""
    return scaled(match[1], match[2], "")


def scaled(text: str, scale: str, unit: str) -> str | None:
    """The number of thousands or millions in full, with its unit."""
    whole, _, places = (number(text) or text).replace("_", "").partition(".")
    zeros = _SCALES[scale.lower()]
    digits = whole + places.ljust(zeros, "0")
    return f"{int(digits):_}{unit}" if len(places) <= zeros and digits.isdecimal() else None


def lower(match: Match) -> str | None:
    """A word of the language that was written with capitals."""
    word = match[0].lower()
    return word if word in reserved_words() else None


def month(match: Match) -> str | None:
    """`jan`, `JULY`: the month's name."""
    near = [name for name in MONTHS if name.lower().startswith(match[0].lower())]
    return near[0] if len(near) == 1 else None


def name_of(text: str) -> str | None:
    """The name that a text becomes: `Net Bookings`, `net-bookings` and `netBookings` are `net_bookings`."""
    made = _snake(text)
    return made if re.fullmatch(r"[a-z][a-z0-9_]*", made) and made not in reserved_words() else None


def _snake(text: str) -> str:
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).translate(_GERMAN)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def name(match: Match) -> str | None:
    """A name in small letters, its words joined."""
    return name_of(match["name"])


def declared_name(match: Match) -> str | None:
    """A name behind the word that declares it."""
    made = name(match)
    return None if made is None else match[1] + made


def path(match: Match) -> str | None:
    """`Payee.Role` is `payee.role`: behind a dot any word may stand."""
    first, *members = match["name"].split(".")
    root = first.lower() if first.lower() == "payee" else name_of(first)
    return None if root is None else ".".join([root, *map(_snake, members)])


def on_its_own_line(word: str) -> Callable[[Match], str | None]:
    """`when` and `pays` begin a statement of their own."""
    return lambda match: f"\n{_indent(match)}{word}" if _before(match).strip() else None


def unless(match: Match) -> str | None:
    """`… unless a` pays when a does not hold."""
    return f"\n{_indent(match)}when not ({match[1]})"


def pays_when(match: Match) -> str | None:
    """`pays if a then b`: the condition stands on its own line. Without it nothing is paid, so `else 0` says no more."""
    return f"{match[1]}when {match['condition']}\n{match[1]}pays {match['amount']}"


def day(match: Match) -> str | None:
    """`2025/1/5`."""
    return _day(match[1], match[2], match[3])


def day_of_three(match: Match) -> str | None:
    """`31/01/2025` has the day first, `01/31/2025` the month; `01/02/2025` may be both. With points the day comes first."""
    first, mark, second, year = match.groups()
    if int(second) > 12:
        return _day(year, first, second)
    return _day(year, second, first) if mark == "." or int(first) > 12 or first == second else None


def day_in_words(match: Match) -> str | None:
    """`January 5, 2025`, `5 Jan 2025`."""
    near = [number for number, known in enumerate(MONTHS, 1) if known.lower().startswith(match["month"].lower()[:3])]
    return _day(match["year"], str(near[0]), match["day"])


def day_of_month(match: Match) -> str | None:
    """`from 2025-01` means its first day, `through 2025-12` its last."""
    word, blanks, year, number = match.groups()
    if not 1 <= int(number) <= 12 or int(year) == 0:
        return None
    last = monthrange(int(year), int(number))[1]
    return f"{word}{blanks}{_day(year, number, str(last) if word == 'through' else '1')}"


def _day(year: str, month: str, day: str) -> str | None:
    return f"{year}-{int(month):02}-{int(day):02}" if 1 <= int(month) <= 12 and 1 <= int(day) <= 31 else None


#: What binds no closer than a word between two values.
_SUM = re.compile(r"[-+](?!\d)|\bat[ \t]+(?:most|least)\b|\brounded\b|\b(?:and|or)\b(?![ \t]+else)")

#: The functions of a spreadsheet that are words between two values here.
FUNCTIONS = {"MIN": " at most ", "MAX": " at least ", "AND": " and ", "OR": " or ", "PRODUCT": " * "}


CALL = rf"(?<!\w)(?:=[ \t]*)?({'|'.join(FUNCTIONS)})[ \t]*\(([^\n]*)"
_CALL = re.compile(CALL, re.IGNORECASE)


def between(match: Match) -> str | None:
    """`MIN(a, b)` is `(a at most b)`; what stands behind the call stays as it is."""
    parts, depth, last = list[str](), 0, 0
    text = match[2]
    for piece in re.finditer(r'"[^"]*"|[(),;]', text):
        if piece[0] == "(":
            depth += 1
        elif piece[0] in (",", ";", ")") and depth == 0:
            parts.append(text[last : piece.start()].strip())
            last = piece.end()
            if piece[0] == ")":
                break
        elif piece[0] == ")":
            depth -= 1
    else:
        return None
    if len(parts) < 2 or not all(parts):
        return None
    parts = [_CALL.sub(lambda inner: between(inner) or inner[0], part) for part in parts]
    return _joined(match, FUNCTIONS[match[1].upper()], parts) + text[last:]


def _joined(match: Match, word: str, parts: list[str]) -> str:
    """The parts with a word between them: plain amounts last, sums in parentheses."""
    amounts = [_amount_in(match, part) for part in parts]
    amounts.sort(key=lambda part: part[:1].isdigit() and "%" not in part)
    return f"({word.join(f'({part})' if _SUM.search(part) else part for part in amounts)})"


def one_of(match: Match) -> str | None:
    """`one of "a", "b"`, `in A or B`: the values of a list stand in parentheses, and words are texts."""
    values = re.split(r"[ \t]*(?:[,;](?:[ \t]*or\b)?|\bor\b)[ \t]*", match[1].strip(" \t"))
    return f"in ({', '.join(map(_as_text, values))})"


def _as_text(value: str) -> str:
    return f'"{value}"' if value.isidentifier() and value not in ("true", "false") else value


#: A measure before `quota` or `attainment`: what both are of.
_MEASURE = re.compile(
    r"(?<![\w.])(?P<name>[a-z]\w*)[ \t]*(?:(?:[<>]=?|==|[-+])[ \t]*(?:\d[\d_.]*%[ \t]+(?:of[ \t]+)?)?|(?<=[ \t]))"
    r"(?:(?:the|his|her|their|your)[ \t]+)?$"
)
_NO_MEASURES = frozenset(("most", "least", "ytd", "qtd", "mtd", "total", "full", "annual"))


def measure_before(match: Match) -> bool:
    """True where the line says before a match of which measure a quota or an attainment is."""
    found = _MEASURE.search(_before(match))
    return found is not None and found["name"] not in reserved_words() | _NO_MEASURES


def quota_of(match: Match) -> str | None:
    """`bookings >= 100% of quota`: what is compared with a quota is its measure."""
    if match[1] in reserved_words():
        return None
    factor = re.sub(r"%[ \t]+(?!of)", "% of ", match[2])
    return f"{match[1]}{factor}quota of {match[1]}"


def measures(match: Match) -> str | None:
    """`bookings attainment` is the attainment of bookings."""
    return f"{match[2].lower()} of {match[1]}"


def tiers_way(match: Match) -> str | None:
    """`progressive tiers by attainment`."""
    return f"{match[1]}{match[3]}, {_way(match[2])}"


def tiers_way_behind(match: Match) -> str | None:
    """`tiers by attainment, progressive`."""
    return f"{match[1]}, {_way(match[2])}"


def _way(word: str) -> str:
    return "retroactive" if word.lower().startswith("retro") else "marginal"


def to_cents(match: Match) -> str | None:
    """`rounded to 2 decimals`: of an amount in the plan's currency."""
    currency, whole = currency_before(match), match["whole"]
    return f" rounded to {'1' if whole else '0.01'} {currency}" if currency else None


def currency_before(match: Match) -> str | None:
    """The currency of the plan, when it stands before the match."""
    found = re.findall(r"^[ \t]*currency[ \t]+([A-Z]{3})\b", match.string[: match.start()], re.MULTILINE)
    return found[-1] if found else None


#: `the lesser of a and b`, which may be read as a multiplication and a condition.
LESSER = (
    r"\b(?:the[ \t]+)?(lesser|lower|smaller|minimum|min|greater|larger|higher|maximum|max)(?:[ \t]+value)?"
    r"[ \t]+of[ \t]*:?[ \t]+([^,;#\n]{1,300}?)"
    r"(?:[ \t]+(?:and|or)[ \t]+|[ \t]*[,;][ \t]*(?:and[ \t]+|or[ \t]+)?)([^,;#\n]{1,300}?)(?=[ \t]*(?:#|$))"
)
_MISREAD = re.compile(
    rf"^[ \t]*(?:pays|cap|guarantee)\b[^\n#\"]{{0,300}}?(?P<phrase>{LESSER})", re.MULTILINE | re.IGNORECASE
)


def misread(text: str) -> tuple[int, int, str] | None:
    """The first phrase of a text that can be read and means something else, and what is meant."""
    found = _MISREAD.search(text)
    match = re.compile(LESSER, re.MULTILINE | re.IGNORECASE).match(text, found.start("phrase")) if found else None
    better = lesser_of(match) if match else None
    return (match.start(), match.end(), better) if match and better else None


def lesser_of(match: Match) -> str | None:
    """`the lesser of a and b`; of more than two, and with a sum behind it, it is not known what belongs together."""
    if re.search(r"\b(?:and|or|plus|minus|less)\b|[-+][ \t]", match[3]):
        return None
    word = match[1].lower()
    joined = FUNCTIONS["MIN" if word.startswith(("l", "s", "min")) and not word.startswith("larg") else "MAX"]
    return _joined(match, joined, [match[2], match[3]])


def _amount_in(match: Match, value: str) -> str:
    """A plain number in what is paid is an amount in the plan's currency."""
    currency = currency_before(match)
    paid = re.match(r"[ \t]*pays\b(?!.*[A-Z]{3}[ \t]*(?:per|x|\*)[ \t]*$)", _before(match))
    return f"{value} {currency}" if currency and paid and re.fullmatch(r"\d[\d_]*(?:\.\d+)?", value) else value


def version_of_plan(match: Match) -> str | None:
    """A plan begins with version 1."""
    return " version 1 " if re.fullmatch(r"plan[ \t]+[a-z]\w*", _before(match)) else None
