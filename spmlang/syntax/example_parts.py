"""Read the parts of an example's statements from the lossless tree, each function one field of a node."""

from __future__ import annotations

from datetime import date

from . import ast
from .lower_expressions import Lowering
from .statement_parts import last_literal
from .tree import Node


def day_or_period(context: Lowering, node: Node) -> date | str:
    """Return the day of an example, or the label of its period."""
    day, period = node.token("DATE"), node.token("PERIOD")
    return context.day(day).value if day else period.text if period else ""


def facts(context: Lowering, node: Node) -> tuple[ast.GivenFact, ...]:
    """Lower the facts of an example."""
    return tuple(_given_fact(context, fact) for fact in node.nodes("given_fact"))


def _given_fact(context: Lowering, node: Node) -> ast.GivenFact:
    """Lower a fact about a measure, a quota, an earning or a column of the roster."""
    span, value, member = context.span(node), last_literal(context, node), node.token("MEMBER")
    if member is not None:
        return ast.GivenFact(span, "payee", context.member(member), value)
    kind = "quota" if node.token("QUOTA") else "earning" if node.token("EARNING") else "measure"
    return ast.GivenFact(span, kind, context.name(node), value)
