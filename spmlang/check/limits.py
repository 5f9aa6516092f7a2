"""Caps and budgets of components and plans, typed against the plan's currency."""

from __future__ import annotations

from spmlang.diagnostics.diagnostic import Label
from spmlang.program.pools_and_contests import Budget
from spmlang.program.program import Cap
from spmlang.program.types import Kind
from spmlang.syntax import ast
from spmlang.values.calendar import Grain

from .allowed_references import AllowedReferences
from .context import Context, only_statement
from .expressions import type_expression
from .grains import read_grain
from .type_rules import constant_amount, money_in


def build_cap(context: Context, node: ast.Cap, currency: str) -> Cap | None:
    """Build a typed cap. Without a grain it holds for each pay period."""
    limit = type_expression(context, node.limit, AllowedReferences(payee=True))
    if limit.type.kind is Kind.UNKNOWN or not money_in(context, limit, currency):
        return None
    word = node.grain or ast.GrainWord(node.span, "period")
    grain = read_grain(context, word)
    return Cap(limit, grain, node.span) if grain else None


def check_one_cap_each(context: Context, caps: tuple[Cap, ...]) -> None:
    """Report a second cap of a component over the same interval."""
    seen: dict[Grain, Cap] = {}
    for cap in caps:
        if cap.grain in seen:
            first = seen[cap.grain]
            words = {"first": first.limit.span.text, "second": cap.limit.span.text}
            context.report("cap-twice", cap.span, [Label(first.span, "the first one")], **words)
        seen.setdefault(cap.grain, cap)


def build_budget(context: Context, node: ast.Component, currency: str) -> Budget | None:
    """Build the typed budget of a component. Returns None without one, or if its limit is reported as wrong."""
    budget = only_statement(context, node.statements, ast.Budget)
    window = only_statement(context, node.statements, ast.Window)
    if budget is None:
        return None
    if window is None and not context.is_damaged(node.span):
        context.report("budget-without-window", budget.span, name=node.name.text)
    limit = constant_amount(context, budget.limit, currency)
    return Budget(limit, budget.first_come, budget.span) if limit is not None else None
