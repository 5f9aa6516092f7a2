"""Rewrite days, names, conditions and pay that are spelled in other ways as plan text.

Functions that take a match return the plan text that replaces it, or None if its meaning is not certain.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable

from .foreign_numbers import Match
from .grammar import reserved_words

MONTHS = "January February March April May June July August September October November December".split()

_GERMAN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def _before(match: Match) -> str:
    """Return the part of the line before a match."""
    return match.string[match.string.rfind("\n", 0, match.start()) + 1 : match.start()]


def _indent(match: Match) -> str:
    """Return the blanks at the start of the line of a match."""
    blanks = re.match(r"[ \t]*", _before(match) or match[0])
    return blanks[0] if blanks else ""


def lower(match: Match) -> str | None:
    """Rewrite a word of the language that has capitals in small letters."""
    word = match[0].lower()
    return word if word in reserved_words() else None


def month(match: Match) -> str | None:
    """Rewrite `jan` or `JULY` as the month's name."""
    near = [name for name in MONTHS if name.lower().startswith(match[0].lower())]
    return near[0] if len(near) == 1 else None


def name_of(text: str) -> str | None:
    """Return a text as a name: `Net Bookings`, `net-bookings` and `netBookings` become `net_bookings`.

    Returns None if the result is no name or is a reserved word.
    """
    made = _snake_case(text)
    return made if re.fullmatch(r"[a-z][a-z0-9_]*", made) and made not in reserved_words() else None


def _snake_case(text: str) -> str:
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", text).translate(_GERMAN)
    return re.sub(r"[^a-z0-9]+", "_", parted.lower()).strip("_")


def name(match: Match) -> str | None:
    """Rewrite a name in small letters, with its words joined."""
    return name_of(match["name"])


def declared_name(match: Match) -> str | None:
    """Rewrite a name behind the word that declares it."""
    made = name(match)
    return None if made is None else match[1] + made


def path(match: Match) -> str | None:
    """Rewrite `Payee.Role` as `payee.role`. Behind a dot reserved words are allowed."""
    first, *members = match["name"].split(".")
    root = first.lower() if first.lower() == "payee" else name_of(first)
    return None if root is None else ".".join([root, *map(_snake_case, members)])


def on_its_own_line(word: str) -> Callable[[Match], str | None]:
    """Return a function that puts `when` or `pays` on a line of its own."""
    return lambda match: f"\n{_indent(match)}{word}" if _before(match).strip() else None


def when_not(match: Match) -> str | None:
    """Rewrite `… unless a` as a line `when not (a)`."""
    return f"\n{_indent(match)}when not ({match[1]})"


def when_and_pays(match: Match) -> str | None:
    """Rewrite `pays if a then b` as a `when` line and a `pays` line.

    A component pays nothing if its condition does not hold, so `else 0` is dropped.
    """
    return f"{match[1]}when {match['condition']}\n{match[1]}pays {match['amount']}"


def day(match: Match) -> str | None:
    """Rewrite `2025/1/5` as `2025-01-05`."""
    return _day(match[1], match[2], match[3])


def day_with_year_last(match: Match) -> str | None:
    """Rewrite a day whose year comes last.

    In `31/01/2025` the day is first, in `01/31/2025` the month. Returns None for `01/02/2025`, which may be both. With
    points the day is first.
    """
    first, mark, second, year = match.groups()
    if int(second) > 12:
        return _day(year, first, second)
    return _day(year, second, first) if mark == "." or int(first) > 12 or first == second else None


def day_in_words(match: Match) -> str | None:
    """Rewrite `January 5, 2025` or `5 Jan 2025` as `2025-01-05`."""
    near = [number for number, known in enumerate(MONTHS, 1) if known.lower().startswith(match["month"].lower()[:3])]
    return _day(match["year"], str(near[0]), match["day"])


def day_of_month(match: Match) -> str | None:
    """Rewrite `from 2025-01` as the month's first day, and `through 2025-12` as its last day."""
    word, blanks, year, number = match.groups()
    if not 1 <= int(number) <= 12 or int(year) == 0:
        return None
    last = monthrange(int(year), int(number))[1]
    return f"{word}{blanks}{_day(year, number, str(last) if word == 'through' else '1')}"


def _day(year: str, month: str, day: str) -> str | None:
    return f"{year}-{int(month):02}-{int(day):02}" if 1 <= int(month) <= 12 and 1 <= int(day) <= 31 else None


#: Operators that bind no closer than a word between two values.
_SUM = re.compile(r"[-+](?!\d)|\bat[ \t]+(?:most|least)\b|\brounded\b|\b(?:and|or)\b(?![ \t]+else)")

#: Functions of spreadsheets, with the word that plan text puts between two values instead.
FUNCTIONS = {"MIN": " at most ", "MAX": " at least ", "AND": " and ", "OR": " or ", "PRODUCT": " * "}


CALL = rf"(?<!\w)(?:=[ \t]*)?({'|'.join(FUNCTIONS)})[ \t]*\(([^\n]*)"
_CALL = re.compile(CALL, re.IGNORECASE)


def rewrite_function_call(match: Match) -> str | None:
    """Rewrite `MIN(a, b)` as `(a at most b)`. The text behind the call is kept."""
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
    parts = [_CALL.sub(lambda inner: rewrite_function_call(inner) or inner[0], part) for part in parts]
    return _joined(match, FUNCTIONS[match[1].upper()], parts) + text[last:]


def _joined(match: Match, word: str, parts: list[str]) -> str:
    """Join the parts with a word. Plain amounts come last, and sums get parentheses."""
    amounts = [_amount_in(match, part) for part in parts]
    amounts.sort(key=lambda part: part[:1].isdigit() and "%" not in part)
    return f"({word.join(f'({part})' if _SUM.search(part) else part for part in amounts)})"


def list_in_parentheses(match: Match) -> str | None:
    """Rewrite `one of "a", "b"` or `in A or B` as a list in parentheses. Words become texts."""
    values = re.split(r"[ \t]*(?:[,;](?:[ \t]*or\b)?|\bor\b)[ \t]*", match[1].strip(" \t"))
    return f"in ({', '.join(map(_as_text, values))})"


def _as_text(value: str) -> str:
    return f'"{value}"' if value.isidentifier() and value not in ("true", "false") else value


#: A measure before `quota` or `attainment` that is its measure.
_MEASURE = re.compile(
    r"(?<![\w.])(?P<name>[a-z]\w*)[ \t]*(?:(?:[<>]=?|==|[-+])[ \t]*(?:\d[\d_.]*%[ \t]+(?:of[ \t]+)?)?|(?<=[ \t]))"
    r"(?:(?:the|his|her|their|your)[ \t]+)?$"
)
_NO_MEASURES = frozenset(("most", "least", "ytd", "qtd", "mtd", "total", "full", "annual"))


def measure_before(match: Match) -> bool:
    """Return True if the line names, before the match, the measure of a quota or an attainment."""
    found = _MEASURE.search(_before(match))
    return found is not None and found["name"] not in reserved_words() | _NO_MEASURES


def quota_of(match: Match) -> str | None:
    """Rewrite `bookings >= 100% of quota` with the measure's quota: `100% of quota of bookings`."""
    if match[1] in reserved_words():
        return None
    factor = re.sub(r"%[ \t]+(?!of)", "% of ", match[2])
    return f"{match[1]}{factor}quota of {match[1]}"


def measures(match: Match) -> str | None:
    """Rewrite `bookings attainment` as `attainment of bookings`."""
    return f"{match[2].lower()} of {match[1]}"


def tiers_mode_before(match: Match) -> str | None:
    """Rewrite `progressive tiers by attainment` as `tiers by attainment, marginal`."""
    return f"{match[1]}{match[3]}, {_tiers_mode(match[2])}"


def tiers_mode_behind(match: Match) -> str | None:
    """Rewrite `tiers by attainment, progressive` as `tiers by attainment, marginal`."""
    return f"{match[1]}, {_tiers_mode(match[2])}"


def _tiers_mode(word: str) -> str:
    return "retroactive" if word.lower().startswith("retro") else "marginal"


def to_cents(match: Match) -> str | None:
    """Rewrite `rounded to 2 decimals` with an amount in the plan's currency."""
    currency, whole = currency_before(match), match["whole"]
    return f" rounded to {'1' if whole else '0.01'} {currency}" if currency else None


def currency_before(match: Match) -> str | None:
    """Return the plan's currency if the text before the match states it."""
    found = re.findall(r"^[ \t]*currency[ \t]+([A-Z]{3})\b", match.string[: match.start()], re.MULTILINE)
    return found[-1] if found else None


_EXTREME = (
    r"\b(?:the[ \t]+)?(lesser|lower|lowest|smaller|smallest|minimum|min|"
    r"greater|greatest|larger|largest|higher|highest|maximum|max)(?:[ \t]+value)?"
)
#: `the lesser of a and b`, which may be read as a multiplication and a condition.
LESSER = (
    rf"{_EXTREME}[ \t]+of[ \t]*:?[ \t]+([^,;#\n]{{1,300}}?)"
    r"(?:[ \t]+(?:and|or)[ \t]+|[ \t]*[,;][ \t]*(?:and[ \t]+|or[ \t]+)?)([^,;#\n]{1,300}?)(?=[ \t]*(?:#|$))"
)
#: `the lesser of a, b and c`: the word, and the values up to the end of the line.
LEAST_OF_MANY = rf"{_EXTREME}[ \t]+of[ \t]*:?[ \t]*([^#\n]{{1,600}}?)(?=[ \t]*(?:#|$))"
_MISREAD = re.compile(
    rf"^[ \t]*(?:pays|cap|guarantee)\b[^\n#\"]{{0,300}}?(?P<phrase>{LESSER})", re.MULTILINE | re.IGNORECASE
)


def find_misleading_phrase(text: str) -> tuple[int, int, str] | None:
    """Find the first phrase that is valid plan text but means something else.

    Returns its start, its end and the plan text that is meant, or None.
    """
    found = _MISREAD.search(text)
    match = re.compile(LESSER, re.MULTILINE | re.IGNORECASE).match(text, found.start("phrase")) if found else None
    better = lesser_of(match) if match else None
    return (match.start(), match.end(), better) if match and better else None


def lesser_of(match: Match) -> str | None:
    """Rewrite `the lesser of a and b`.

    Returns None for more than two values or with a sum behind it, because the grouping is then unknown.
    """
    if re.search(r"\b(?:and|or|plus|minus|less)\b|[-+][ \t]", match[3]) or re.search(r"\b(?:and|or)\b", match[2]):
        return None
    return _joined(match, _limit_operator(match[1]), [match[2], match[3]])


def lesser_of_several(match: Match) -> str | None:
    """Rewrite `the lesser of a, b and c`, with or without parentheses around the values.

    Returns None for two values without parentheses, and where a comma, an `and` or a sum within a value is possible:
    `the lesser of 5% of a and b, c` may have two values.
    """
    listed = re.sub(r"^\((.*)\)$", r"\1", match[2].strip())
    fewest = 2 if listed != match[2].strip() else 3
    *first, last = re.split(r"[ \t]*[,;][ \t]*", listed)
    values = [*first, *re.split(r"[ \t]+(?:and|or)[ \t]+", re.sub(r"^(?:and|or)[ \t]+", "", last))]
    joined = re.search(r"\b(?:and|or)\b", " ".join(first)) or len(values) > len(first) + 2
    if joined or len(values) < fewest or not all(values):
        return None
    if re.search(r"\b(?:plus|minus|less)\b|[-+][ \t]|[()\"]", listed):
        return None
    return _joined(match, _limit_operator(match[1]), values)


def _limit_operator(word: str) -> str:
    """Return the operator for `lesser`, `greater` or a word like them."""
    small = word.lower().startswith(("lesser", "low", "s", "min"))
    return FUNCTIONS["MIN" if small else "MAX"]


def _amount_in(match: Match, value: str) -> str:
    """Add the plan's currency to a plain number in a `pays` line."""
    currency = currency_before(match)
    paid = re.match(r"[ \t]*pays\b(?!.*[A-Z]{3}[ \t]*(?:per|x|\*)[ \t]*$)", _before(match))
    return f"{value} {currency}" if currency and paid and re.fullmatch(r"\d[\d_]*(?:\.\d+)?", value) else value


def version_of_plan(match: Match) -> str | None:
    """Add `version 1` to the header of a plan."""
    return " version 1 " if re.fullmatch(r"plan[ \t]+[a-z]\w*", _before(match)) else None
