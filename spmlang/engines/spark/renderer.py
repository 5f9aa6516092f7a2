"""What Spark writes its own way: whole numbers are DECIMAL(38, 0), whose overflow is an error under ANSI rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import sqlglot
from sqlglot import exp

from spmlang.engines.sql_renderer import Renderer, cast_to
from spmlang.relations import nodes

#: A quotient of two DECIMAL(38, 0) has 18 places and so 20 digits before the point: a larger one is made of two.
_HALF = "CAST(100000000000000000000 AS DECIMAL(38, 0))"


class SparkRenderer(Renderer):
    """Relations as Spark queries; docs/decisions/0006-spark.md says what was measured."""

    dialect = "spark"
    types = {"index": "INT", "whole": "DECIMAL(38, 0)", "text": "STRING", "date": "DATE", "flag": "BOOLEAN"}  # noqa: RUF012

    def constant(self, value: int | str | date | bool) -> exp.Expr:
        """A number is of the wide type from the start: Spark would sum and multiply small literals in 32 or 64 bits."""
        found = super().constant(value)
        return self.typed(found, "whole") if isinstance(value, int) and not isinstance(value, bool) else found

    def size(self, value: exp.Expr) -> exp.Expr:
        """Spark's `abs` and unary minus round to 34 digits without a word; its difference is exact."""
        negative = exp.Paren(this=exp.Sub(this=self.constant(0), expression=value.copy()))
        return exp.Greatest(this=value, expressions=[negative], ignore_nulls=True)

    def remainder(self, dividend: exp.Expr, divisor: exp.Expr) -> exp.Expr:
        """Under ANSI rules Spark stops at a divisor of 0, even in a row that is not wanted in the end."""
        return super().remainder(dividend, _not_zero(divisor))

    def quotient(self, dividend: exp.Expr, divisor: exp.Expr) -> exp.Expr:
        """Exact for 38 digits, in two halves: Spark's `div` wraps at 64 bits, and its `/` ends at 20 digits."""
        tree = _quotient().copy()
        for column, side in zip(list(tree.find_all(exp.Column)), (dividend, _not_zero(divisor)), strict=True):
            column.replace(side)
        return tree

    def pairs(self, relation: nodes.ManagerChain) -> exp.Query:
        """The pairs to begin with, each once."""
        query = _parsed("SELECT DISTINCT payee, manager, base, first_slice, slice FROM lines")
        next(query.find_all(exp.Table)).replace(self.part(relation.relation))
        return query

    def further(self, line: str) -> exp.Query:
        """Pairs and all that two of them in a row make: each round goes twice as far. Spark has no recursion with UNION."""
        return _parsed(
            f'SELECT payee, manager, base, first_slice, slice FROM "{line}" UNION '
            f"SELECT below.payee, above.manager, below.base, below.first_slice, below.slice "
            f'FROM "{line}" AS below JOIN "{line}" AS above ON above.payee = below.manager AND above.base = below.base '
            f"AND below.slice BETWEEN above.first_slice AND above.slice"
        )

    def _ancestors(self, relation: nodes.ManagerChain) -> exp.Query:
        raise AssertionError("lines of managers are a stage of their own, made in rounds")

    def _over(self, over: nodes.WindowColumn) -> exp.Expr:
        """Spark numbers rows only in an order; within a partition its columns are none."""
        if over.function == "row_number" and not over.order:
            over = replace(over, order=tuple((name, False) for name in over.partition))
        return super()._over(over)

    def units(self, value: exp.Expr, scale: int) -> exp.Expr:
        """The point is moved by text: a product would keep the scale, and so lose room for as many digits."""
        wide: exp.Expr = cast_to(value, f"DECIMAL(38, {scale})", self.dialect)
        if scale:
            wide = exp.func("replace", self.typed(wide, "text"), exp.Literal.string("."), exp.Literal.string(""))
        return self.typed(wide, "whole")

    def day_number(self, day: exp.Expr) -> exp.Expr:
        """Days between dates."""
        return exp.Anonymous(this="DATEDIFF", expressions=[day, self.constant(date.min)])

    def every_day(self, first: exp.Expr, last: exp.Expr) -> exp.Expr:
        """A sequence that would run backward is an error in Spark, so there is none."""
        step = exp.Interval(this=exp.Literal.string("1"), unit=exp.Var(this="DAY"))
        days = exp.Anonymous(this="SEQUENCE", expressions=[first, last, step])
        none = cast_to(exp.Array(expressions=[]), "ARRAY<DATE>", self.dialect)
        forward = exp.LTE(this=first.copy(), expression=last.copy())
        return exp.Anonymous(this="EXPLODE", expressions=[exp.If(this=forward, true=days, false=none)])


def _not_zero(divisor: exp.Expr) -> exp.Expr:
    """The divisor, absent where it is 0."""
    return exp.Nullif(this=divisor, expression=exp.Literal.number(0))


@cache
def _quotient() -> exp.Expr:
    """n / d with h, the digits of n before the last 20: (h / d) * 10^20 + ((h % d) * 10^20 + n % 10^20) / d, each cut off.

    A lambda names n and d, so that they are not written, and computed, a dozen times. Read in sqlglot's own dialect: in that
    of Spark it takes CAST for a cast that gives null.
    """
    high = f"CAST((v.n - v.n % {_HALF}) / {_HALF} AS DECIMAL(38, 0))"
    first = f"CAST(({high} - {high} % v.d) / v.d AS DECIMAL(38, 0)) * {_HALF}"
    low = f"(({high} % v.d) * {_HALF} + v.n % {_HALF})"
    second = f"CAST(({low} - {low} % v.d) / v.d AS DECIMAL(38, 0))"
    text = f"TRANSFORM(ARRAY(STRUCT(dividend AS n, divisor AS d)), v -> {first} + {second})[0]"
    return sqlglot.parse_one(text)


def _parsed(text: str) -> exp.Query:
    tree = sqlglot.parse_one(text)
    assert isinstance(tree, exp.Query)
    return tree
