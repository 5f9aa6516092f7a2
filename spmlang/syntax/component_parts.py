"""Read the parts of a component's statements from the lossless tree, each function one field of a node."""

from __future__ import annotations

from . import ast
from .lower_expressions import Lowering, lower_expression
from .statement_parts import grain, last_expression, money_or_parameter, parameter, path
from .tree import Node, Token

_KINDS = ("COMMISSION", "BONUS", "SPIF")


def kind(_: Lowering, node: Node) -> str:
    """Return `commission`, `bonus` or `spif`."""
    return next(child.text for child in node.children if isinstance(child, Token) and child.kind in _KINDS)


def window_dates(context: Lowering, node: Node) -> ast.Dates:
    """Lower the days of a window, which may be a template's parameters."""
    days: list[ast.Expr] = []
    for child in node.children:
        if isinstance(child, Token) and child.kind == "DATE":
            days.append(context.day(child))
        elif isinstance(child, Token) and child.kind == "NAME":
            name = ast.Name(context.span(child), child.text)
            days.append(ast.Path(name.span, name, ()))
    return ast.Dates(context.span(node), days[0], days[1] if len(days) > 1 else None)


def tiers_basis(_: Lowering, node: Node) -> str | None:
    """Return `attainment` or `amount`, if it is written."""
    return _word_among(node, "ATTAINMENT", "AMOUNT")


def tiers_mode(_: Lowering, node: Node) -> str | None:
    """Return `marginal` or `retroactive`, if it is written."""
    return _word_among(node, "MARGINAL", "RETROACTIVE")


def tiers_quota(context: Lowering, node: Node) -> ast.Name | None:
    """Lower the quota in `by attainment of stretch`, if it is written."""
    return context.name(node) if node.token("OF") is not None else None


def tiers_rows(context: Lowering, node: Node) -> tuple[ast.Tier, ...]:
    """Lower the rows of a tier table."""
    return tuple(_tier(context, row) for row in node.nodes("tier"))


def _tier(context: Lowering, node: Node) -> ast.Tier:
    colon = next(
        index for index, child in enumerate(node.children) if isinstance(child, Token) and child.kind == "COLON"
    )
    bounds = [
        context.bound(child) for child in node.children[:colon] if isinstance(child, Node) or child.kind == "PERCENT"
    ]
    value = lower_expression(context, node.children[colon + 1])
    return ast.Tier(context.span(node), bounds[0], bounds[1] if len(bounds) > 1 else None, value)


def ties(_: Lowering, node: Node) -> str:
    """Return `share`, `higher` or `lower`."""
    word = _word_among(node, "SHARE", "HIGHER", "LOWER")
    assert word is not None
    return word


def contest_places(context: Lowering, node: Node) -> tuple[ast.Place, ...]:
    """Lower the rows of a contest."""
    return tuple(_place(context, row) for row in node.nodes("place"))


def _place(context: Lowering, node: Node) -> ast.Place:
    low, *high = [context.whole(token) for token in node.children if isinstance(token, Token) and token.kind == "INT"]
    prize = last_expression(context, node) if node.token("NAME") is None else parameter(context, node)
    return ast.Place(context.span(node), low, high[0] if high else low, prize)


def pool_amount(context: Lowering, node: Node) -> ast.Expr | None:
    """Lower the amount of a pool, unless a component fills the pool."""
    return money_or_parameter(context, node) if node.token("FROM") is None else None


def pool_component(context: Lowering, node: Node) -> ast.Name | None:
    """Lower the component that fills the pool, if there is one."""
    return context.name(node) if node.token("FROM") is not None else None


def rounded_per(_: Lowering, node: Node) -> str:
    """Return what is rounded: `line`, or `payee and period`."""
    return "line" if node.token("LINE") else "payee and period"


def rounding_step(context: Lowering, node: Node) -> ast.Number | None:
    """Lower the amount to whose multiples is rounded, if it is written."""
    step = node.nodes("number")
    return context.number(step[0]) if step else None


def rounding_mode(_: Lowering, node: Node) -> str | None:
    """Return the words of the rounding mode, if it is written."""
    mode = node.nodes("mode")
    return " ".join(token.text for token in mode[0].tokens()) if mode else None


def held_until(context: Lowering, node: Node) -> ast.GrainWord | ast.Day | ast.Path | None:
    """Lower the end of a hold; None if it lasts while a condition is true."""
    day = node.token("DATE")
    if node.token("WHILE") is not None:
        return None
    if day is not None:
        return context.day(day)
    return path(context, node) if node.nodes("path") else grain(context, node)


def held_while(context: Lowering, node: Node) -> ast.Expr | None:
    """Lower the condition of a hold, if it has one."""
    return last_expression(context, node) if node.token("WHILE") is not None else None


def _word_among(node: Node, *terminals: str) -> str | None:
    """Return the node's direct token of one of the terminals, in lower case."""
    return next((kind.lower() for kind in terminals if node.token(kind) is not None), None)
