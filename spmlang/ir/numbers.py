"""Whole numbers with a static scale: the arithmetic of the relational form."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from spmlang.values.rounding import Mode

from .nodes import Binary, Call, Case, Const, Extend, Logic, Over, Ref, Relation, Scalar, Test, Window


@dataclass(frozen=True)
class Number:
    """`value` counts units of 10^-scale."""

    value: Scalar
    scale: int


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
    """The value in finer units."""
    assert scale >= number.scale, "a number is never made coarser without rounding"
    return multiply_whole(number.value, 10 ** (scale - number.scale))


def multiply_whole(value: Scalar, factor: int) -> Scalar:
    """Times a whole constant; constants are folded."""
    if factor == 1:
        return value
    if isinstance(value, Const) and isinstance(value.value, int):
        return Const(value.value * factor)
    return Binary("*", value, Const(factor))


def add(left: Number, right: Number, operator: str = "+") -> Number:
    """Sum (or difference), exact."""
    scale = max(left.scale, right.scale)
    return Number(Binary(operator, at_scale(left, scale), at_scale(right, scale)), scale)


def multiply(left: Number, right: Number) -> Number:
    """Product, exact."""
    return Number(Binary("*", left.value, right.value), left.scale + right.scale)


def compare(operator: str, left: Number, right: Number) -> Scalar:
    """Comparison of exact values."""
    scale = max(left.scale, right.scale)
    return Test(operator, at_scale(left, scale), at_scale(right, scale))


def round_column(relation: Relation, name: str, numerator: str, divisor: int, step: int, mode: Mode) -> Relation:
    """Adds column `name`: column `numerator` divided by the constant `divisor`, rounded to a whole, times `step`.

    The one rounding primitive: r = |n| mod d; q = (|n| - r) / d; q is moved by comparing 2r with d; then the sign.
    """
    n, r, q = Ref(numerator), f"{name}_r", f"{name}_q"
    size = Call("abs", (n,))
    with_rest = Extend(relation, ((r, Binary("%", size, Const(divisor))),))
    with_quotient = Extend(with_rest, ((q, Binary("/", Binary("-", size, Ref(r)), Const(divisor))),))
    twice = Binary("*", Ref(r), Const(2))
    up: Scalar
    match mode:
        case Mode.HALF_UP:
            up = Test(">=", twice, Const(divisor))
        case Mode.HALF_EVEN:
            odd = Test("==", Binary("%", Ref(q), Const(2)), Const(1))
            tie = Logic("and", (Test("==", twice, Const(divisor)), odd))
            up = Logic("or", (Test(">", twice, Const(divisor)), tie))
        case Mode.UP:
            up = Test(">", Ref(r), Const(0))
        case Mode.DOWN:
            up = Const(False)
    moved = Case(((up, Binary("+", Ref(q), Const(1))),), Ref(q))
    signed = Case(((Test("<", n, Const(0)), Binary("-", Const(0), moved)),), moved)
    return Extend(with_quotient, ((name, multiply_whole(signed, step)),))


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
