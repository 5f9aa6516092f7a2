"""Currencies, and values as text."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from string import ascii_uppercase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmlang.syntax.lower_expressions import THREE_DECIMALS
from spmlang.values.money import is_currency, minor_places, money_text, number_text, rate_text, units_text


@pytest.mark.parametrize(
    ("currency", "places"),
    [("USD", 2), ("EUR", 2), ("CHF", 2), ("JPY", 0), ("KRW", 0), ("ISK", 0), ("KWD", 3), ("TND", 3), ("CLF", 4)],
)
def test_minor_places(currency: str, places: int) -> None:
    assert is_currency(currency)
    assert minor_places(currency) == places


def test_the_parser_knows_the_currencies_with_three_decimals() -> None:
    codes = {"".join(letters) for letters in product(ascii_uppercase, repeat=3)}
    assert {code for code in codes if is_currency(code) and minor_places(code) == 3} == THREE_DECIMALS


@pytest.mark.parametrize("code", ["", "usd", "US", "USDX", "DEM", "XAU", "XXX", "ABC"])
def test_what_is_no_currency(code: str) -> None:
    assert not is_currency(code)


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [
        ("0", "USD", "0.00 USD"),
        ("12345.6", "USD", "12,345.60 USD"),
        ("-1234.56", "USD", "-1,234.56 USD"),
        ("-0.05", "USD", "-0.05 USD"),
        ("999.999", "USD", "999.999 USD"),  # not rounded: all decimals are shown
        ("7.007", "USD", "7.007 USD"),
        ("1/3", "USD", "~0.333333 USD"),
        ("-2/3", "USD", "~-0.666667 USD"),
        ("1000000", "JPY", "1,000,000 JPY"),
        ("0.5", "JPY", "0.5 JPY"),
        ("1.5", "KWD", "1.500 KWD"),
    ],
)
def test_money(amount: str, currency: str, expected: str) -> None:
    assert money_text(Fraction(amount), currency) == expected


@pytest.mark.parametrize(
    ("rate", "expected"),
    [("0.065", "6.5%"), ("0.02", "2%"), ("1", "100%"), ("12.5", "1,250%"), ("-0.1", "-10%"), ("1/3", "~33.333333%")],
)
def test_rate(rate: str, expected: str) -> None:
    assert rate_text(Fraction(rate)) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", "0"),
        ("1234567", "1,234,567"),
        ("1234.5", "1,234.5"),
        ("-1000", "-1,000"),
        ("0.125", "0.125"),
        ("123456789012345678901234567890.12", "123,456,789,012,345,678,901,234,567,890.12"),
        ("1/7", "~0.142857"),
    ],
)
def test_number(value: str, expected: str) -> None:
    assert number_text(Fraction(value)) == expected


@pytest.mark.parametrize(
    ("units", "scale", "expected"),
    [
        (-1205, 2, "-12.05"),
        (1205, 2, "12.05"),
        (5, 2, "0.05"),
        (-5, 2, "-0.05"),
        (0, 2, "0.00"),
        (1205, 0, "1205"),
        (1205, 4, "0.1205"),
        (1205, 6, "0.001205"),
        (1234567890, 2, "12345678.90"),
    ],
)
def test_units(units: int, scale: int, expected: str) -> None:
    assert units_text(units, scale) == expected


@given(st.integers(-(10**38), 10**38), st.integers(0, 12))
def test_text_of_a_decimal_reads_back_as_the_same_value(units: int, scale: int) -> None:
    value = Fraction(units, 10**scale)
    assert Fraction(units_text(units, scale)) == value
    assert Fraction(number_text(value).replace(",", "")) == value
    assert Fraction(money_text(value, "USD").removesuffix(" USD").replace(",", "")) == value
    assert Fraction(rate_text(value).removesuffix("%").replace(",", "")) / 100 == value
