"""Currencies, and exact values written as text."""

from __future__ import annotations

from fractions import Fraction

from .rounding import Mode, div_round

# The active ISO 4217 codes with a minor unit: no metals, no bond market units, no codes for tests.
_CURRENCIES = frozenset(
    """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF
    CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD
    HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD
    MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN
    PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD
    TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XCD XCG XOF XPF YER ZAR ZMW ZWG""".split()
)
_PLACES = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}


def is_currency(code: str) -> bool:
    """Return True for an active ISO 4217 code with a minor unit (not `XAU` or `XXX`)."""
    return code in _CURRENCIES


def minor_places(currency: str) -> int:
    """Return the decimal places of the currency's minor unit (ISO 4217): usually 2, else 0, 3 or 4."""
    return _PLACES.get(currency, 2)


def units_text(units: int, scale: int) -> str:
    """Write a whole number of units of `scale` decimal places, without grouping: -1205 at scale 2 is `-12.05`."""
    sign, digits = "-" if units < 0 else "", str(abs(units)).rjust(scale + 1, "0")
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}" if scale else f"{sign}{digits}"


def rounded_text(value: Fraction | None, places: int) -> str | None:
    """Write a value with `places` decimals, rounded half up and without grouping; None for None."""
    if value is None:
        return None
    scaled = value * 10**places
    return units_text(div_round(scaled.numerator, scaled.denominator, Mode.HALF_UP), places)


def number_text(value: Fraction, least_places: int = 0) -> str:
    """Write a value exactly, with grouped thousands and at least `least_places` decimals: `12,345.6`.

    A value that no number of decimals can show is rounded half up to six places and gets a leading `~`.
    """
    places, mark = _decimal_places(value), ""
    if places is None:
        places, mark = 6, "~"
    places = max(places, least_places)
    units = div_round(value.numerator * 10**places, value.denominator, Mode.HALF_UP)
    whole, dot, decimals = units_text(abs(units), places).partition(".")
    return f"{mark}{'-' if units < 0 else ''}{int(whole):,}{dot}{decimals}"


def money_text(amount: Fraction, currency: str) -> str:
    """Write an amount as `12,345.60 USD`: exact like `number_text`, with at least the currency's minor places."""
    return f"{number_text(amount, minor_places(currency))} {currency}"


def rate_text(rate: Fraction) -> str:
    """Write a rate as a percentage: 0.065 is `6.5%`. Exact like `number_text`."""
    return f"{number_text(rate * 100)}%"


def _decimal_places(value: Fraction) -> int | None:
    """Return the number of decimals that show the value exactly, or None if no number of decimals does."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    return max(twos, fives) if rest == 1 else None
