"""What people write for numbers, amounts, days and names, in the language's letters; None where it may mean two things."""

from __future__ import annotations

import re
from calendar import monthrange

from .grammar import reserved_words

MONTHS = "January February March April May June July August September October November December".split()

_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
_SCALES = {"k": 3, "m": 6, "mm": 6, "mio": 6}
_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})

Match = re.Match[str]


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
    return None if match[0] in reserved_words() else match[0].upper()


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


def on_its_own_line(match: Match) -> str | None:
    """`when` begins a statement of its own."""
    line = match.string
    return "\n" + line[: len(line) - len(line.lstrip(" \t"))] + "when"


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


#: The functions of a spreadsheet that are words between two values here.
FUNCTIONS = {"MIN": " at most ", "MAX": " at least ", "AND": " and ", "OR": " or ", "PRODUCT": " * "}


def between(match: Match) -> str | None:
    """`MIN(a, b)` is `(a at most b)`."""
    parts, depth, last = list[str](), 0, 0
    text = match[2]
    for piece in re.finditer(r'"[^"]*"|[(),;]', text):
        if piece[0] in ("(", ")"):
            depth += 1 if piece[0] == "(" else -1
        elif piece[0] in (",", ";") and depth == 0:
            parts.append(text[last : piece.start()].strip())
            last = piece.end()
    parts.append(text[last:].strip())
    return f"({FUNCTIONS[match[1].upper()].join(parts)})" if len(parts) > 1 and all(parts) else None


def listed_values(match: Match) -> str | None:
    """`in "a", "b" or "c"`: the values of a list stand in parentheses."""
    values = re.split(r"[ \t]*(?:,|\bor\b)[ \t]*", match[1])
    return f"in ({', '.join(values)})"


def version_of_plan(match: Match) -> str | None:
    """A plan begins with version 1."""
    return " version 1 " if re.fullmatch(r"plan[ \t]+[a-z]\w*", match.string[: match.start()]) else None
