"""Whole numbers with a static scale: the arithmetic of the relational form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from spmlang.values.rounding import Mode

from .nodes import Binary, Call, Case, Const, Extend, Logic, Over, Ref, Relation, Scalar, Test, Window


@dataclass(frozen=True)
class Number:
    """`value` counts units of 10^-scale; with a `divisor` (whole, greater than zero) it is that many times as much.

    A ratio is carried as it is: the one division is that of the rounding point.
    """

    value: Scalar
    scale: int
    divisor: Scalar | None = None


def constant(value: Fraction, scale: int | None = None) -> Number:
    """An exact constant, at the fewest places it needs or at `scale`."""
    places = 0
    while scale is None and (value * 10**places).denominator != 1:
        places += 1
    places = places if scale is None else scale
    units = value * 10**places
    assert units.denominator == 1, f"{value} needs more than {places} places"
    return Number(Const(int(units)), places)


def at_scale(number: Number, scale: int) -> Scalar:
    """The value in finer units; its divisor stays."""
    assert scale >= number.scale, "a number is never made coarser without rounding"
    return multiply_whole(number.value, 10 ** (scale - number.scale))


def alike(numbers: Sequence[Number]) -> list[Number]:
    """The same numbers, all at one scale and over one divisor."""
    scale = max(number.scale for number in numbers)
    divisors = list(dict.fromkeys(number.divisor for number in numbers))
    if len(divisors) == 1:
        return [Number(at_scale(number, scale), scale, number.divisor) for number in numbers]
    whole = [divisor for divisor in divisors if divisor is not None]
    common = _product(whole)
    found = []
    for number in numbers:
        others = [divisor for divisor in whole if divisor != number.divisor]
        found.append(Number(_product([at_scale(number, scale), *others]), scale, common))
    return found


def _product(values: list[Scalar]) -> Scalar:
    first, *more = values
    for value in more:
        first = Binary("*", first, value)
    return first


def multiply_whole(value: Scalar, factor: int) -> Scalar:
    """Times a whole constant; constants are folded."""
    if factor == 1:
        return value
    if isinstance(value, Const) and isinstance(value.value, int):
        return Const(value.value * factor)
    return Binary("*", value, Const(factor))


def add(left: Number, right: Number, operator: str = "+") -> Number:
    """Sum (or difference), exact."""
    one, other = alike([left, right])
    return Number(Binary(operator, one.value, other.value), one.scale, one.divisor)


def multiply(left: Number, right: Number) -> Number:
    """Product, exact."""
    divisors = [divisor for divisor in (left.divisor, right.divisor) if divisor is not None]
    return Number(
        Binary("*", left.value, right.value), left.scale + right.scale, _product(divisors) if divisors else None
    )


def compare(operator: str, left: Number, right: Number) -> Scalar:
    """Comparison of exact values, by cross-multiplying."""
    one, other = alike([left, right])
    return Test(operator, one.value, other.value)


def choose(branches: list[tuple[Scalar, Number]], otherwise: Number) -> Number:
    """The number of the first test that holds."""
    if not branches:
        return otherwise
    *values, last = alike([*(value for _, value in branches), otherwise])
    cases = tuple((test, value.value) for (test, _), value in zip(branches, values, strict=True))
    return Number(Case(cases, last.value), last.scale, last.divisor)


@dataclass(frozen=True)
class Division:
    """Column `numerator` divided by `divisor` (greater than zero), rounded to a whole, times `step`."""

    numerator: str
    divisor: Scalar
    step: int = 1


def round_columns(relation: Relation, values: Mapping[str, Division], mode: Mode) -> Relation:
    """Adds rounded columns by their names.

    The one rounding primitive: r = |n| mod d; q = (|n| - r) / d; q is moved by comparing 2r with d; then the sign.
    """
    rests, quotients, found = [], [], []
    for name, value in values.items():
        n, r, q = Ref(value.numerator), f"{name}_r", f"{name}_q"
        size = Call("abs", (n,))
        rests.append((r, Binary("%", size, value.divisor)))
        quotients.append((q, Binary("/", Binary("-", size, Ref(r)), value.divisor)))
        found.append((name, multiply_whole(_moved(n, Ref(r), Ref(q), value.divisor, mode), value.step)))
    return Extend(Extend(Extend(relation, tuple(rests)), tuple(quotients)), tuple(found)) if values else relation


def round_number(number: Number, step: Fraction, mode: Mode) -> Number:
    """The nearest multiple of `step`, within an expression: the same steps as `round_columns`, written out."""
    finer = constant(step)
    scale = max(number.scale, finer.scale)
    units, divisor = at_scale(number, scale), Const(int(step * 10**scale))
    by: Scalar = divisor if number.divisor is None else Binary("*", number.divisor, divisor)
    size = Call("abs", (units,))
    rest = Binary("%", size, by)
    quotient = Binary("/", Binary("-", size, rest), by)
    return multiply(Number(_moved(units, rest, quotient, by, mode), 0), finer)


def _moved(n: Scalar, rest: Scalar, quotient: Scalar, divisor: Scalar, mode: Mode) -> Scalar:
    """The quotient, moved up where the mode says so, with the sign of `n`."""
    twice = Binary("*", rest, Const(2))
    up: Scalar
    match mode:
        case Mode.HALF_UP:
            up = Test(">=", twice, divisor)
        case Mode.HALF_EVEN:
            odd = Test("==", Binary("%", quotient, Const(2)), Const(1))
            tie = Logic("and", (Test("==", twice, divisor), odd))
            up = Logic("or", (Test(">", twice, divisor), tie))
        case Mode.UP:
            up = Test(">", rest, Const(0))
        case Mode.DOWN:
            up = Const(False)
    moved = Case(((up, Binary("+", quotient, Const(1))),), quotient)
    return Case(((Test("<", n, Const(0)), Binary("-", Const(0), moved)),), moved)


def apportion_column(
    relation: Relation, name: str, total: str, weight: str, partition: tuple[str, ...], order: tuple[str, ...]
) -> Relation:
    """Adds column `name`: the whole `total` (the same in a partition) shared in proportion to `weight`, largest remainder
    first, ties in `order`. Where the weights sum to zero the weight itself stands.
    """
    c = {part: f"{name}_{part}" for part in ("w", "sum", "sign", "r", "q", "given", "rank")}
    summed = Window(relation, (Over(c["sum"], "sum", Ref(weight), partition),))
    sign = Case(((Test("<", Ref(c["sum"]), Const(0)), Const(-1)),), Const(1))
    signed = Extend(summed, ((c["sign"], sign),))
    w, size = Binary("*", Ref(weight), Ref(c["sign"])), Binary("*", Ref(c["sum"]), Ref(c["sign"]))
    safe = Case(((Test("==", size, Const(0)), Const(1)),), size)
    product = Binary("*", Ref(total), w)
    rest = Binary("%", product, safe)
    rests = Extend(signed, ((c["r"], Case(((Test("<", rest, Const(0)), Binary("+", rest, safe)),), rest)),))
    floors = Extend(rests, ((c["q"], Binary("/", Binary("-", product, Ref(c["r"])), safe)),))
    ranked = Window(
        floors,
        (
            Over(c["given"], "sum", Ref(c["q"]), partition),
            Over(c["rank"], "row_number", None, partition, ((c["r"], True), *((column, False) for column in order))),
        ),
    )
    extra = Test("<=", Ref(c["rank"]), Binary("-", Ref(total), Ref(c["given"])))
    share = Case(((extra, Binary("+", Ref(c["q"]), Const(1))),), Ref(c["q"]))
    nothing = Test("==", Ref(c["sum"]), Const(0))
    return Extend(ranked, ((name, Case(((nothing, Ref(weight)),), share)),))
