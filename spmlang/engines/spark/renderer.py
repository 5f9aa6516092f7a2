"""The SQL of Spark where it differs from that of other engines.

Whole numbers are DECIMAL(38, 0), whose overflow is an error under ANSI rules.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import sqlglot
from sqlglot import exp

from spmlang.engines.sql_nodes import cast_to
from spmlang.engines.sql_renderer import Renderer
from spmlang.relations import nodes

#: 10^20. A quotient of two DECIMAL(38, 0) has 18 places, so 20 digits before the point. A larger one is made from two.
_HALF = "CAST(100000000000000000000 AS DECIMAL(38, 0))"


class SparkRenderer(Renderer):
    """The renderer of relations as Spark queries. docs/decisions/0006-spark.md has the measurements."""

    dialect = "spark"
    types = {"index": "INT", "whole": "DECIMAL(38, 0)", "text": "STRING", "date": "DATE", "flag": "BOOLEAN"}  # noqa: RUF012

    def constant(self, value: int | str | date | bool) -> exp.Expr:
        """Render a constant, a number with the wide type.

        Spark would sum and multiply small literals in 32 or 64 bits.
        """
        found = super().constant(value)
        return self.typed(found, "whole") if isinstance(value, int) and not isinstance(value, bool) else found

    def size(self, value: exp.Expr) -> exp.Expr:
        """Render the absolute value as the greater of x and 0 - x, which is exact.

        Spark's `abs` and unary minus round to 34 digits without an error.
        """
        negative = exp.Paren(this=exp.Sub(this=self.constant(0), expression=value.copy()))
        return exp.Greatest(this=value, expressions=[negative], ignore_nulls=True)

    def remainder(self, dividend: exp.Expr, divisor: exp.Expr) -> exp.Expr:
        """Render a remainder, absent if the divisor is 0.

        Under ANSI rules Spark stops at a divisor of 0, even in a row that a later stage drops.
        """
        return super().remainder(dividend, _not_zero(divisor))

    def quotient(self, dividend: exp.Expr, divisor: exp.Expr) -> exp.Expr:
        """Render a quotient in two halves, exact for 38 digits.

        Spark's `div` wraps at 64 bits, and its `/` ends at 20 digits before the point.
        """
        tree = _quotient().copy()
        for column, side in zip(list(tree.find_all(exp.Column)), (dividend, _not_zero(divisor)), strict=True):
            column.replace(side)
        return tree

    def pairs(self, relation: nodes.ManagerChain) -> exp.Query:
        """Return a query for the pairs that a manager chain starts from, each once."""
        query = _parsed("SELECT DISTINCT payee, manager, base, first_slice, slice FROM lines")
        next(query.find_all(exp.Table)).replace(self.part(relation.relation))
        return query

    def next_round(self, line: str) -> exp.Query:
        """Return a query for all pairs of view `line`, and for all pairs made of two of them that share a manager.

        The manager of the lower pair is the payee of the upper one. Each round reaches twice as far. Spark has no
        recursion with UNION, so the runner repeats this query.
        """
        return _parsed(
            f'SELECT payee, manager, base, first_slice, slice FROM "{line}" UNION '
            f"SELECT below.payee, above.manager, below.base, below.first_slice, below.slice "
            f'FROM "{line}" AS below JOIN "{line}" AS above ON above.payee = below.manager AND above.base = below.base '
            f"AND below.slice BETWEEN above.first_slice AND above.slice"
        )

    def _manager_chain(self, relation: nodes.ManagerChain) -> exp.Query:
        raise AssertionError("lines of managers are a stage of their own, made in rounds")

    def _window_column(self, over: nodes.WindowColumn) -> exp.Expr:
        """Render a window column.

        Spark numbers rows only in an order. Without one the partition's columns are used, which are equal within a
        partition and so order nothing.
        """
        if over.function == "row_number" and not over.order:
            over = replace(over, order=tuple((name, False) for name in over.partition))
        return super()._window_column(over)

    def units(self, value: exp.Expr, scale: int) -> exp.Expr:
        """Render a decimal as whole units by removing the point from its text.

        A product would keep the scale, and so have less room for digits.
        """
        wide: exp.Expr = cast_to(value, f"DECIMAL(38, {scale})", self.dialect)
        if scale:
            wide = exp.func("replace", self.typed(wide, "text"), exp.Literal.string("."), exp.Literal.string(""))
        return self.typed(wide, "whole")

    def day_number(self, day: exp.Expr) -> exp.Expr:
        """Render the number of a day as the days since 0001-01-01."""
        return exp.Anonymous(this="DATEDIFF", expressions=[day, self.constant(date.min)])

    def every_day(self, first: exp.Expr, last: exp.Expr) -> exp.Expr:
        """Render a row for each day; an empty array if the last day is before the first.

        Spark raises an error for a sequence that would run backward.
        """
        step = exp.Interval(this=exp.Literal.string("1"), unit=exp.Var(this="DAY"))
        days = exp.Anonymous(this="SEQUENCE", expressions=[first, last, step])
        none = cast_to(exp.Array(expressions=[]), "ARRAY<DATE>", self.dialect)
        forward = exp.LTE(this=first.copy(), expression=last.copy())
        return exp.Anonymous(this="EXPLODE", expressions=[exp.If(this=forward, true=days, false=none)])


def _not_zero(divisor: exp.Expr) -> exp.Expr:
    """Return the divisor, absent if it is 0."""
    return exp.Nullif(this=divisor, expression=exp.Literal.number(0))


@cache
def _quotient() -> exp.Expr:
    """Return the expression of n / d for n of up to 38 digits, each step cut off towards zero.

    With h, the digits of n before the last 20, it is (h / d) * 10^20 + ((h % d) * 10^20 + n % 10^20) / d (decision 6).

    A lambda names n and d, so that they are not written and computed a dozen times. The text is parsed in sqlglot's own
    dialect, because in Spark's dialect sqlglot takes CAST for a cast that gives null.
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
