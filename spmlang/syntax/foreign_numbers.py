"""Rewrite numbers, rates and amounts that are spelled in other ways as plan text.

Functions that take a match return the plan text that replaces it, or None if its meaning is not certain.
"""

from __future__ import annotations

import re
from decimal import Decimal
from unicodedata import normalize

Match = re.Match[str]

_SIGNS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY"}
#: Currencies that are recognized in small letters. Other words of three letters, such as `pts`, are no currency.
_CURRENCIES = frozenset(
    "AED AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD HUF ILS INR JPY KRW MXN NOK NZD PLN RON SAR SEK SGD THB TRY USD ZAR".split()
)
_SCALES = {"k": 3, "m": 6, "mm": 6, "mio": 6}


def percent(value: Decimal) -> str:
    """Write 0.065 as `6.5%`."""
    return f"{(value * 100).normalize():f}%"


def number(text: str) -> str | None:
    """Rewrite `1,234.50`, `1.234,50`, `1 234.50` and `5,5` as plan text.

    Returns None for `1,500`, which may be one and a half.
    """
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
    """Rewrite the number in the first group."""
    return number(match[1])


def amount(text: str) -> str:
    """Rewrite a number beside a currency.

    A comma before three digits groups thousands here, because no amount is written with a tenth of a cent.
    """
    return number(text) or text.replace(",", "_").replace("'", "_")


def rewrite_currency_sign(match: Match) -> str | None:
    """Rewrite `€5,000`, `$10k` or `5.000,00 €` as a number and the letters of the currency."""
    unit = f" {_SIGNS[match['sign']]}"
    return scaled(match["number"], match["scale"], unit) if match["scale"] else amount(match["number"]) + unit


def currency_first(match: Match) -> str | None:
    """Rewrite `USD 5,000.00` with the number first."""
    return f"{amount(match[2])} {match[1]}"


def currency_last(match: Match) -> str | None:
    """Rewrite the digits of `5,000 USD` with other separators."""
    return f"{amount(match[1])}{match[2]}"


def currency(match: Match) -> str | None:
    """Rewrite `usd` in capitals, if it is a currency."""
    return match[0].upper() if match[0].upper() in _CURRENCIES else None


def currency_word(match: Match) -> str | None:
    """Rewrite `500 dollars` with the letters of the currency."""
    return f"{amount(match[1])} {_currency_named(match[2])}"


def currency_of_plan(match: Match) -> str | None:
    """Rewrite `currency €` with the letters of the currency."""
    return match[1] + _currency_named(match[2])


def _currency_named(word: str) -> str:
    return {"d": "USD", "u": "USD", "e": "EUR", "€": "EUR"}.get(word[0].lower(), "GBP")


def plain_signs(match: Match) -> str | None:
    """Rewrite `５％` and `（a）`, the signs and digits of East Asian keyboards."""
    return normalize("NFKC", match[0]).replace("、", ",")


def per_thousand(match: Match) -> str | None:
    """Rewrite `5‰` as `0.5%`."""
    return percent(Decimal(match[1]) / 1000)


def basis_points(match: Match) -> str | None:
    """Rewrite 50 basis points as `0.5%`."""
    return percent(Decimal(match[1]) / 10_000)


def fraction(match: Match) -> str | None:
    """Rewrite `2½%` as `2.5%`, and `½ of` as `50% of`.

    Returns None for a fraction such as `1/3`, which has no finite decimals.
    """
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
    """Rewrite `10k` or `1.5M` in full."""
    return scaled(match[1], match[2], "")


def scaled(text: str, scale: str, unit: str) -> str | None:
    """Return the number of thousands or millions in full, with its unit.

    Args:
        text: The number as written.
        scale: A key of `_SCALES`, in any case.
        unit: Text put behind the number.
    """
    whole, _, places = (number(text) or text).replace("_", "").partition(".")
    zeros = _SCALES[scale.lower()]
    digits = whole + places.ljust(zeros, "0")
    return f"{int(digits):_}{unit}" if len(places) <= zeros and digits.isdecimal() else None
