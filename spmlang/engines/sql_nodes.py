"""SQL trees made of nodes that are not copied, because sqlglot's convenient builders copy the whole tree at every step."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlglot import exp


def select(columns: Sequence[exp.Expr], source: exp.Expr) -> exp.Select:
    """Return a query of columns of one source."""
    return exp.Select(expressions=list(columns)).from_(source, copy=False)


def aliased(value: exp.Expr, name: str) -> exp.Alias:
    """Return a value with a column name."""
    return exp.Alias(this=value, alias=identifier(name))


def paren(value: exp.Expr) -> exp.Paren:
    """Return a value in parentheses."""
    return exp.Paren(this=value)


def bare(value: exp.Expr) -> exp.Expr:
    """Return a value without its parentheses, for a place that needs none.

    Fewer words make a query faster to read.
    """
    return value.this if isinstance(value, exp.Paren) else value


def cast_to(value: exp.Expr, type_: str, dialect: str) -> exp.Cast:
    """Return a cast of a value.

    The type is a finished word in the tree, because building thousands of trees of types would take longer than
    everything else. For Spark this word is wrapped in a type, because Spark's generator looks into it.
    """
    word = _type_word(type_, dialect)
    spark = dialect == "spark"
    finished = exp.DataType(this=exp.DType.USERDEFINED, kind=word) if spark else exp.Var(this=word)
    return exp.Cast(this=bare(value), to=finished)


@cache
def _type_word(type_: str, dialect: str) -> str:
    return exp.DataType.build(type_, dialect=dialect).sql(dialect=dialect)


def quoted_column(name: str) -> exp.Column:
    """Return a column by its name, quoted."""
    return exp.Column(this=identifier(name))


def quoted_table(name: str) -> exp.Table:
    """Return a table by its name, quoted."""
    return exp.Table(this=identifier(name))


def identifier(name: str) -> exp.Identifier:
    """Return a name, quoted."""
    return exp.Identifier(this=name, quoted=True)


def subquery(query: exp.Query, name: str) -> exp.Subquery:
    """Return a query as a table with a name."""
    return exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(name)))
