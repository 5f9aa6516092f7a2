"""Rounding and sharing."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmlang.values.rounding import Mode, apportion, div_round, round_to

_WHOLE = st.integers(-(10**40), 10**40)
_POSITIVE = st.integers(1, 10**40)


@pytest.mark.parametrize(
    ("n", "d", "half_up", "half_even", "up", "down"),
    [
        (0, 7, 0, 0, 0, 0),
        (14, 7, 2, 2, 2, 2),
        (24, 10, 2, 2, 3, 2),
        (25, 10, 3, 2, 3, 2),  # ties: away from zero, or to the even neighbour
        (35, 10, 4, 4, 4, 3),
        (26, 10, 3, 3, 3, 2),
        (1, 100, 0, 0, 1, 0),
        (1, 3, 0, 0, 1, 0),
        (2, 3, 1, 1, 1, 0),
        (-24, 10, -2, -2, -3, -2),
        (-25, 10, -3, -2, -3, -2),
        (-35, 10, -4, -4, -4, -3),
        (-1, 100, 0, 0, -1, 0),
        (10**38 + 5, 10, 10**37 + 1, 10**37, 10**37 + 1, 10**37),  # past the 53 bits of a float
    ],
)
def test_division_in_every_mode(n: int, d: int, *, half_up: int, half_even: int, up: int, down: int) -> None:
    assert [div_round(n, d, mode) for mode in (Mode.HALF_UP, Mode.HALF_EVEN, Mode.UP, Mode.DOWN)] == [
        half_up,
        half_even,
        up,
        down,
    ]


@given(_WHOLE, _POSITIVE)
def test_division_agrees_with_fractions(n: int, d: int) -> None:
    exact = Fraction(n, d)
    assert div_round(n, d, Mode.DOWN) == math.trunc(exact)
    assert div_round(n, d, Mode.UP) == (math.ceil(exact) if n > 0 else math.floor(exact))
    assert div_round(n, d, Mode.HALF_EVEN) == round(exact)
    half_up = math.floor(abs(exact) + Fraction(1, 2))
    assert div_round(n, d, Mode.HALF_UP) == (half_up if n > 0 else -half_up)


@given(_WHOLE, st.integers(1, 1000))
def test_ties_agree_with_fractions(n: int, half: int) -> None:
    """Random numbers hardly ever tie, so here every odd n does."""
    tie = Fraction(n * half, 2 * half)
    assert div_round(n * half, 2 * half, Mode.HALF_EVEN) == round(tie)
    assert div_round(n * half, 2 * half, Mode.HALF_UP) == math.floor(abs(tie) + Fraction(1, 2)) * (1 if n > 0 else -1)


@given(_WHOLE, _POSITIVE, st.sampled_from(Mode))
def test_a_return_is_rounded_like_the_sale(n: int, d: int, mode: Mode) -> None:
    assert div_round(-n, d, mode) == -div_round(n, d, mode)


@pytest.mark.parametrize("d", [0, -3])
def test_a_divisor_is_positive(d: int) -> None:
    with pytest.raises(ValueError, match="divisor"):
        div_round(1, d, Mode.HALF_UP)


@pytest.mark.parametrize(
    ("value", "step", "mode", "expected"),
    [
        ("10.005", "0.01", Mode.HALF_UP, "10.01"),
        ("10.005", "0.01", Mode.HALF_EVEN, "10"),
        ("-10.005", "0.01", Mode.HALF_UP, "-10.01"),
        ("10.02", "0.05", Mode.HALF_UP, "10"),
        ("10.03", "0.05", Mode.HALF_UP, "10.05"),
        ("1249.99", "100", Mode.UP, "1300"),
        ("1249.99", "100", Mode.DOWN, "1200"),
        ("1/3", "0.01", Mode.HALF_UP, "0.33"),
    ],
)
def test_rounding_to_a_step(value: str, step: str, mode: Mode, expected: str) -> None:
    assert round_to(Fraction(value), Fraction(step), mode) == Fraction(expected)


@given(st.fractions(), st.fractions(min_value=Fraction(1, 1000)), st.sampled_from(Mode))
def test_a_rounded_value_is_the_nearest_step_or_one_of_the_two_around(
    value: Fraction, step: Fraction, mode: Mode
) -> None:
    rounded = round_to(value, step, mode)
    assert (rounded / step).denominator == 1
    distance = abs(rounded - value)
    assert distance <= step / 2 if mode in (Mode.HALF_UP, Mode.HALF_EVEN) else distance < step


def test_a_step_is_positive() -> None:
    with pytest.raises(ValueError, match="step"):
        round_to(Fraction(1), Fraction(0), Mode.HALF_UP)


@pytest.mark.parametrize(
    ("total", "weights", "expected"),
    [
        (100, [1, 1, 1], [34, 33, 33]),  # equal remainders: the first row gets the cent
        (100, [1, 1, 2], [25, 25, 50]),
        (10, [1, 5, 9], [1, 3, 6]),  # exact shares 0.67, 3.33, 6: the largest remainder
        (-100, [1, 1, 1], [-33, -33, -34]),  # floors are -34 each; the first two get one more
        (-5, [2, 3], [-2, -3]),
        (-7, [-3, -4], [-3, -4]),
        (3, [-1, -1], [2, 1]),
        (50, [150, -50], [75, -25]),  # a return beside a sale
        (0, [3, 4], [0, 0]),
        (100, [5, -5], [5, -5]),  # no proportion to share by: nothing is changed
        (0, [], []),
    ],
)
def test_a_total_is_apportioned(total: int, weights: list[int], expected: list[int]) -> None:
    assert apportion(total, weights) == expected


@given(_WHOLE, st.lists(_WHOLE, min_size=1).filter(lambda weights: sum(weights) != 0))
def test_shares_sum_to_the_total_and_are_less_than_one_off(total: int, weights: list[int]) -> None:
    shares = apportion(total, weights)
    assert sum(shares) == total
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - Fraction(total * weight, sum(weights))) < 1


@given(st.lists(_WHOLE, min_size=1).filter(lambda weights: sum(weights) != 0))
def test_a_total_equal_to_the_sum_changes_nothing(weights: list[int]) -> None:
    assert apportion(sum(weights), weights) == weights
