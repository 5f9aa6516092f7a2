"""Exact arithmetic of the relational form: whole numbers with a static scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from spmlang.values.rounding import Mode

from .nodes import AddColumns, Binary, Case, Compare, Const, Ref, Relation, Scalar, Window, WindowColumn


@dataclass(frozen=True)
class Number:
    """An exact number: value / 10**scale / divisor. Without a `divisor` it is value / 10**scale.

    `divisor` is a whole number greater than zero. A ratio is not divided out, so that the only division is the one that
    rounds.
    """

    value: Scalar
    scale: int
    divisor: Scalar | None = None


def constant(value: Fraction, scale: int | None = None) -> Number:
    """Return an exact constant with the fewest decimal places it needs, or with `scale` places."""
    places = 0
    while scale is None and (value * 10**places).denominator != 1:
        places += 1
    places = places if scale is None else scale
    units = value * 10**places
    assert units.denominator == 1, f"{value} needs more than {places} places"
    return Number(Const(int(units)), places)


def at_scale(number: Number, scale: int) -> Scalar:
    """Return the number's value in units of the finer `scale`. The divisor is left out."""
    assert scale >= number.scale, "a number is never made coarser without rounding"
    return multiply_whole(number.value, 10 ** (scale - number.scale))


def common_scale(numbers: Sequence[Number]) -> list[Number]:
    """Rewrite numbers so that all have one scale and one divisor."""
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
        first = multiply_scalars(first, value)
    return first


def multiply_whole(value: Scalar, factor: int) -> Scalar:
    """Multiply a scalar by a whole constant."""
    return multiply_scalars(value, Const(factor))


def multiply_scalars(left: Scalar, right: Scalar) -> Scalar:
    """Multiply two scalars.

    Constants are multiplied here, because an engine would multiply them again for every row.
    """
    if isinstance(right, Const):
        left, right = right, left
    match left, right:
        case Const(value=1), _:
            return right
        case Const(value=int(one)), Const(value=int(other)):
            return Const(one * other)
        case Const(value=int(one)), Binary("*", Const(value=int(other)), rest):
            return Binary("*", Const(one * other), rest)
    return Binary("*", left, right)


def add(left: Number, right: Number, operator: str = "+") -> Number:
    """Add two numbers exactly (or subtract them, with operator "-")."""
    one, other = common_scale([left, right])
    return Number(Binary(operator, one.value, other.value), one.scale, one.divisor)


def multiply(left: Number, right: Number) -> Number:
    """Multiply two numbers exactly."""
    divisors = [divisor for divisor in (left.divisor, right.divisor) if divisor is not None]
    return Number(
        multiply_scalars(left.value, right.value), left.scale + right.scale, _product(divisors) if divisors else None
    )


def compare(operator: str, left: Number, right: Number) -> Scalar:
    """Compare two exact numbers by cross-multiplying."""
    one, other = common_scale([left, right])
    return Compare(operator, one.value, other.value)


def choose(branches: list[tuple[Scalar, Number]], otherwise: Number) -> Number:
    """Return the number of the first branch whose test holds, else `otherwise`."""
    if not branches:
        return otherwise
    *values, last = common_scale([*(value for _, value in branches), otherwise])
    cases = tuple((test, value.value) for (test, _), value in zip(branches, values, strict=True))
    return Number(Case(cases, last.value), last.scale, last.divisor)


@dataclass(frozen=True)
class Division:
    """A rounded quotient: column `numerator` / `divisor`, rounded to a whole number, times `step`.

    `divisor` is greater than zero.
    """

    numerator: str
    divisor: Scalar
    step: int = 1


def round_columns(relation: Relation, values: Mapping[str, Division], mode: Mode) -> Relation:
    """Add a column for each division, rounded by `mode`; `values` has them by the names of the new columns."""
    found = [
        (name, multiply_whole(_rounded(Ref(value.numerator), value.divisor, mode), value.step))
        for name, value in values.items()
    ]
    return AddColumns(relation, tuple(found)) if found else relation


def round_number(number: Number, step: Fraction, mode: Mode) -> Number:
    """Round a number to the nearest multiple of `step`, by `mode`."""
    finer = constant(step)
    scale = max(number.scale, finer.scale)
    units, divisor = at_scale(number, scale), Const(int(step * 10**scale))
    by = divisor if number.divisor is None else multiply_scalars(number.divisor, divisor)
    return multiply(Number(_rounded(units, by, mode), 0), finer)


def _rounded(n: Scalar, divisor: Scalar, mode: Mode) -> Scalar:
    """Round n / d (d > 0) to a whole number; all rounding is done here.

    Division cuts off towards zero, so n is first moved away from zero: to round up by d - 1; to round half up by half
    of d, that is (n ± d/2) / d, or (2n ± d) / 2d if half of d is not whole. A tie then leaves no remainder, and only in
    that case half even takes the quotient back to the even number.
    """
    match mode:
        case Mode.HALF_UP:
            return _half_up(n, divisor)
        case Mode.HALF_EVEN:
            up = _half_up(n, divisor)
            tie = Compare("==", Binary("%", *_doubled(n, divisor)), Const(0))
            return Binary("-", up, Case(((tie, Binary("%", up, Const(2))),), Const(0)))
        case Mode.UP:
            return Binary("/", _away(n, n, _minus_one(divisor)), divisor)
        case Mode.DOWN:
            return Binary("/", n, divisor)


def _half_up(n: Scalar, divisor: Scalar) -> Binary:
    match divisor:
        case Const(value=int(d)) if d % 2 == 0:
            return Binary("/", _away(n, n, Const(d // 2)), divisor)
    return Binary("/", *_doubled(n, divisor))


def _doubled(n: Scalar, divisor: Scalar) -> tuple[Scalar, Scalar]:
    """Return 2n, moved away from zero by d, and 2d."""
    return _away(n, multiply_whole(n, 2), divisor), multiply_whole(divisor, 2)


def _away(n: Scalar, value: Scalar, by: Scalar) -> Scalar:
    """Move `value`, which has the sign of n, away from zero by `by`."""
    back = Const(-by.value) if isinstance(by, Const) and isinstance(by.value, int) else Binary("-", Const(0), by)
    return Binary("+", value, Case(((Compare("<", n, Const(0)), back),), by))


def _minus_one(divisor: Scalar) -> Scalar:
    """Return the divisor less one."""
    return (
        Const(divisor.value - 1)
        if isinstance(divisor, Const) and isinstance(divisor.value, int)
        else Binary("-", divisor, Const(1))
    )


def apportion_column(
    relation: Relation,
    name: str,
    *,
    total: str,
    weight: str,
    partition: tuple[str, ...],
    order: tuple[str, ...],
    weights: str | None = None,
) -> Relation:
    """Add column `name`: a whole total T shared in proportion to weights, by largest remainder.

    If the weights of a partition sum to zero, each row gets its weight instead of a share (decision 2, Apportioning).

    Args:
        relation: the rows.
        name: the new column; the helper columns `name_…` are added, too.
        total: the column to share, equal in all rows of a partition.
        weight: the column of weights.
        partition: the columns that rows of one total have in common.
        order: the columns that decide ties.
        weights: a column that already holds the sum of the partition's weights, if there is one.
    """
    # With the weights w_i, their sum W, and the sign s of W (so W·s > 0), each row has
    #   quotient  q_i = floor(T·w_i·s / W·s)
    #   remainder r_i = T·w_i·s − q_i·W·s, from 0 to W·s − 1.
    # The T − Σ q_i rows with the largest remainders get q_i + 1, all others q_i.
    sum_column = weights or f"{name}_sum"
    sign, size, weighted = f"{name}_sign", f"{name}_size", f"{name}_w"
    remainder, quotient, given, rank = f"{name}_r", f"{name}_q", f"{name}_given", f"{name}_rank"
    summed = (
        relation if weights else Window(relation, (WindowColumn(sum_column, "sum", Ref(weight), partition=partition),))
    )
    signed = AddColumns(summed, ((sign, Case(((Compare("<", Ref(sum_column), Const(0)), Const(-1)),), Const(1))),))
    nothing = Compare("==", Ref(sum_column), Const(0))
    sum_size = Case(((nothing, Const(1)),), Binary("*", Ref(sum_column), Ref(sign)))
    product = Binary("*", Ref(total), Binary("*", Ref(weight), Ref(sign)))
    products = AddColumns(AddColumns(signed, ((size, sum_size),)), ((weighted, product),), passing=True)
    # `%` has the sign of the dividend: a negative result is raised by W·s. The rest then divides without a remainder.
    cut_off = Binary("%", Ref(weighted), Ref(size))
    raised = Case(((Compare("<", cut_off, Const(0)), Binary("+", cut_off, Ref(size))),), cut_off)
    remainders = AddColumns(products, ((remainder, raised),))
    floor = Binary("/", Binary("-", Ref(weighted), Ref(remainder)), Ref(size))
    quotients = AddColumns(remainders, ((quotient, floor),))
    by_remainder = ((remainder, True), *((column, False) for column in order))
    ranked = Window(
        quotients,
        (
            WindowColumn(given, "sum", Ref(quotient), partition=partition),
            WindowColumn(rank, "row_number", None, partition=partition, order=by_remainder),
        ),
    )
    one_more = Compare("<=", Ref(rank), Binary("-", Ref(total), Ref(given)))
    share = Case(((one_more, Binary("+", Ref(quotient), Const(1))),), Ref(quotient))
    return AddColumns(ranked, ((name, Case(((nothing, Ref(weight)),), share)),))
