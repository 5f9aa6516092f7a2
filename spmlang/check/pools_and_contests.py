"""Check of contests and pools: amounts that depend on the results of other payees."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from spmlang.diagnostics.diagnostic import Label
from spmlang.program.expressions import Arithmetic, Expr, Literal
from spmlang.program.pay_rules import Formula
from spmlang.program.pools_and_contests import Contest, Pool, Prize, Ties
from spmlang.program.types import Kind, money
from spmlang.syntax import ast

from .allowed_references import AllowedReferences
from .context import Context, only_statement
from .expressions import type_expression
from .type_rules import constant_amount, money_in
from .unknown_names import report_unknown

#: The units of currency that a score of 1 becomes if the score is not money. Contests rank by exact scores.
_FINE = 10**6


def build_score(context: Context, node: ast.Ranks, currency: str, scope: AllowedReferences) -> Formula | None:
    """Build the score of a contest as money, so that scores are compared like amounts."""
    value = type_expression(context, node.value, scope)
    if value.type.kind is Kind.UNKNOWN:
        return None
    if not value.type.numeric:
        context.report("ranks-what", value.span, found=value.type)
        return None
    if value.type.kind is Kind.MONEY:
        return Formula(value, node.span) if money_in(context, value, currency) else None
    return Formula(_as_money(value, currency), node.span)


def _as_money(value: Expr, currency: str) -> Expr:
    unit = Literal(money(currency, 0), value.span, Fraction(_FINE))
    return Arithmetic(type=money(currency, value.type.scale), span=value.span, operator="*", left=value, right=unit)


def build_contest(context: Context, node: ast.Ranks, on: ast.OnMeasure | None, currency: str) -> Contest | None:
    """Build a contest. Its prizes must begin with the first place and have no gap."""
    rows = sorted(node.rows, key=lambda row: row.low)
    fine = bool(rows) and rows[0].low == 1
    if not fine:
        context.report("ranks-first", node.span)
    for row in rows:
        if row.high < row.low:
            context.report("tier-backwards", row.span, low=row.low, high=row.high)
            fine = False
        if isinstance(row.prize, ast.Percent):
            fine = _pays_on_money(context, row.prize, on, currency) and fine
        elif constant_amount(context, row.prize, currency) is None:
            fine = False
    for row, following in pairwise(rows):
        if following.low != row.high + 1 and fine:
            context.report("ranks-gap", following.span, [Label(row.span, "the row before")], place=row.high + 1)
            fine = False
    if not fine:
        return None
    return Contest(Ties(node.ties), tuple(_prize(row) for row in rows), node.span)


def _prize(row: ast.Place) -> Prize:
    assert isinstance(row.prize, ast.Money | ast.Percent)
    amount, rate = (
        (row.prize.value, Fraction(0)) if isinstance(row.prize, ast.Money) else (Fraction(0), row.prize.value)
    )
    return Prize(row.low, row.high, amount, rate)


def _pays_on_money(context: Context, prize: ast.Percent, on: ast.OnMeasure | None, currency: str) -> bool:
    """Return True if a percentage applies to the measure that the component is `on`.

    That measure must be money in the plan's currency. Anything else is reported.
    """
    kind = context.measure_types.get(on.measure.text) if on is not None else None
    if on is not None and (kind is None or (kind.kind is Kind.MONEY and kind.currency == currency)):
        return True
    why = [Label(on.span, f"it is {kind}")] if on is not None else []
    context.report("ranks-rate", prize.span, why, currency=currency)
    return False


def build_pool(context: Context, node: ast.Component, currency: str, known: dict[str, ast.Component]) -> Pool | None:
    """Build the pool of a component; None without a pool, or if it has a mistake, which is reported."""
    pool = only_statement(context, node.statements, ast.Pool)
    if pool is None:
        return None
    if pool.amount is not None:
        amount = constant_amount(context, pool.amount, currency)
        return Pool(amount, None, pool.span) if amount is not None else None
    assert pool.component is not None
    other = known.get(pool.component.text)
    if other is None or other is node:
        report_unknown(context, "component", pool.component, (name for name in known if name != node.name.text))
        return None
    if any(isinstance(statement, ast.Pool | ast.Ranks) for statement in other.statements):
        context.report("pool-of-shared", pool.component.span, [Label(other.name.span, "it is shared itself")])
    return Pool(None, pool.component.text, pool.span)
