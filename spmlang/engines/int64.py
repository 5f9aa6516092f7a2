"""Sums of calculated values in 64 bits if the data shows that they fit, several times as fast as in 128.

From the greatest absolute value of each column follows the greatest value of every step of a calculation. If all of
these are smaller than 2^63, 64 bits give the same result as 128.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import exp

from spmlang.relations import nodes
from spmlang.relations.nodes import Scalar

from .sql_nodes import cast_to
from .sql_renderer import TESTS

_LIMIT = 2**63

#: DuckDB multiplies a decimal with all its places in 18 digits, so the product that turns it into units must be
#: smaller.
_DECIMAL = 10**18

_ARITHMETIC: dict[str, type[exp.Binary]] = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul, "%": exp.Mod, "/": exp.IntDiv}


class TooWide(Exception):
    """Raised for a step that may not fit in 64 bits, or whose greatest value is unknown."""


class Int64Sums:
    """A renderer of calculations in 64 bits.

    `greatest_values` are the greatest absolute values of columns, in units, by name. `render_wide` renders everything
    that is not a calculation.
    """

    def __init__(self, greatest_values: Mapping[str, int], render_wide: Callable[[Scalar], exp.Expr]) -> None:
        self.greatest_values = greatest_values
        self.render_wide = render_wide

    def value(self, value: Scalar) -> exp.Expr:
        """Render a number. Raises TooWide."""
        self.greatest_value(value)
        return self._value(value)

    def greatest_value(self, value: Scalar) -> int:
        """Return the greatest absolute value of a number. Raises TooWide if it, or a part of it, may not fit."""
        match value:
            case nodes.ToUnits(value=nodes.Ref(name=name)) if name in self.greatest_values:
                found = self.greatest_values[name]
                if found * 10**value.scale >= _DECIMAL:
                    raise TooWide
            case nodes.Const(value=int(number)):
                found = abs(number)
            case nodes.Null():
                found = 0
            case nodes.Binary():
                left, right = self.greatest_value(value.left), self.greatest_value(value.right)
                found = {"*": left * right, "%": left, "/": left}.get(value.operator, left + right)
            case nodes.Case():
                found = max(
                    self.greatest_value(part) for part in (*(result for _, result in value.branches), value.otherwise)
                )
            case nodes.Call(name="abs" | "coalesce" | "least" | "greatest"):
                found = max(self.greatest_value(part) for part in value.arguments)
            case _:
                raise TooWide
        if found >= _LIMIT:
            raise TooWide
        return found

    def _value(self, value: Scalar) -> exp.Expr:
        """Render a number that fits."""
        match value:
            case nodes.ToUnits():
                scaled: exp.Expr = self.render_wide(value.value)
                if value.scale:
                    scaled = exp.Paren(this=exp.Mul(this=scaled, expression=exp.Literal.number(10**value.scale)))
                return _long(scaled)
            case nodes.Const(value=int(number)):
                literal = exp.Literal.number(abs(number))
                return _long(exp.Neg(this=literal) if number < 0 else literal)
            case nodes.Null():
                return _long(exp.null())
            case nodes.Binary():
                kind = _ARITHMETIC[value.operator]
                return exp.Paren(this=kind(this=self._value(value.left), expression=self._value(value.right)))
            case nodes.Case():
                branches = [exp.If(this=self._test(test), true=self._value(found)) for test, found in value.branches]
                return exp.Case(ifs=branches, default=self._value(value.otherwise))
            case nodes.Call():
                return self._call(value)
        raise AssertionError(value)

    def _call(self, call: nodes.Call) -> exp.Expr:
        """Render a function whose result fits."""
        first, *rest = [self._value(part) for part in call.arguments]
        match call.name:
            case "abs":
                return exp.Abs(this=first)
            case "coalesce":
                return exp.Coalesce(this=first, expressions=rest)
            case "least":
                return exp.Least(this=first, expressions=rest, ignore_nulls=True)
        return exp.Greatest(this=first, expressions=rest, ignore_nulls=True)

    def _test(self, test: Scalar) -> exp.Expr:
        """Render a condition. Its comparisons are in 64 bits if both sides fit."""
        match test:
            case nodes.Compare():
                try:
                    left, right = self.value(test.left), self.value(test.right)
                except TooWide:
                    return self.render_wide(test)
                return exp.Paren(this=TESTS[test.operator](this=left, expression=right))
            case nodes.Logic():
                kind = exp.And if test.operator == "and" else exp.Or
                first, *more = [self._test(part) for part in test.operands]
                for part in more:
                    first = kind(this=first, expression=part)
                return exp.Paren(this=first)
        return self.render_wide(test)


def _long(value: exp.Expr) -> exp.Expr:
    return cast_to(value, "BIGINT", "duckdb")
