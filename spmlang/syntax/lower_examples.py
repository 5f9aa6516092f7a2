"""Lower the statements of examples from the lossless tree to the abstract tree."""

from __future__ import annotations

from spmlang.diagnostics.text import Span

from . import ast
from .lower_expressions import Lowering, lower_literal
from .tree import Node


def example_plan(context: Lowering, node: Node, span: Span) -> ast.ExamplePlan:
    """Lower the plan and the day or period of an example."""
    day, period = node.token("DATE"), node.token("PERIOD")
    on = context.day(day).value if day else period.text if period else ""
    return ast.ExamplePlan(span, context.name(node), on)


def given(context: Lowering, node: Node) -> ast.Given:
    """Lower a fact of an example about a measure, a quota, an earning or a column of the roster."""
    span = context.span(node)
    value = lower_literal(context, node.children[-1])
    member = node.token("MEMBER")
    if member is not None:
        return ast.Given(span, "payee", context.member(member), value)
    kind = "quota" if node.token("QUOTA") else "earning" if node.token("EARNING") else "measure"
    return ast.Given(span, kind, context.name(node), value)
