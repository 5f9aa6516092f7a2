"""Lower the lossless tree to the abstract tree: files and declarations.

Statements: `statements.py`; expressions: `lower_expressions.py`.
"""

from __future__ import annotations

from spmlang.diagnostics.diagnostic import Diagnostic, diagnose

from . import ast
from .lower_expressions import Lowering
from .statement_parts import count_names, quota_measure, statements
from .statements import lower_statement
from .tree import Node, Parsed, Token

#: The largest number of a version, because outputs store it in 32 bits.
LAST_VERSION = 2_147_483_647


def lower(parsed: Parsed) -> tuple[ast.File, list[Diagnostic]]:
    """Return the abstract tree of a parsed file, and the problems found while lowering.

    Such problems are, for example, an impossible date, or `and` mixed with `or`.
    """
    context = Lowering(parsed, lower_statement)
    items = tuple(_item(context, item.node, item.damaged) for item in parsed.items)
    return ast.File(items, parsed.undeclared_after_error), context.problems


def _item(context: Lowering, item: Node, damaged: bool) -> ast.TopLevel:
    node = item.nodes()[0]
    span = context.span(node)
    words = node.tokens()
    if node.kind == "use":
        path = tuple(token.text.lstrip(".") for token in words if token.kind in ("NAME", "MEMBER"))
        return ast.Use(span, path)
    inner = statements(context, node)
    if node.kind == "example":
        title = node.token("STRING")
        assert title is not None
        return ast.Example(span, ast.Name(context.span(title), title.text[1:-1]), inner, damaged)
    name = context.name(node)
    match node.kind:
        case "calendar":
            return ast.Calendar(span, name, inner, damaged)
        case "measure":
            currency = node.token("CURRENCY")
            return ast.Measure(
                span=span, name=name, statements=inner, damaged=damaged, currency=currency.text if currency else None
            )
        case "territory":
            return ast.Territory(span=span, name=name, statements=inner, damaged=damaged, source=context.name(node, 1))
        case "table":
            return ast.Table(
                span=span,
                name=name,
                statements=inner,
                damaged=damaged,
                interpolated=node.token("INTERPOLATED") is not None,
            )
        case "quota":
            return ast.Quota(
                span=span, name=name, statements=inner, damaged=damaged, measure=quota_measure(context, node)
            )
        case "template":
            names = tuple(context.name(node, at) for at in range(1, count_names(node)))
            return ast.Template(span=span, name=name, statements=inner, damaged=damaged, parameters=names)
    versions = [_version(context, token) for token in node.children if isinstance(token, Token) and token.kind == "INT"]
    return ast.Plan(
        span=span,
        name=name,
        statements=inner,
        damaged=damaged,
        version=versions[0],
        changes=versions[1] if len(versions) > 1 else None,
    )


def _version(context: Lowering, token: Token) -> int:
    """Return the number of a plan version. A number above LAST_VERSION is reported and read as LAST_VERSION."""
    number = context.whole(token)
    if number > LAST_VERSION:
        context.problems.append(diagnose("version-too-large", context.span(token), most=LAST_VERSION))
    return min(number, LAST_VERSION)
