"""Tier tables: typed rows, proven disjoint and complete."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise

from spmlang.source.diagnostics import Label
from spmlang.syntax import ast

from .context import Context
from .expressions import Expr
from .program import Basis, Tier, TierMode, Tiers
from .targets import Quota
from .types import Kind, Type
from .typing import MOST_PLACES, Scope, type_expression


def build_tiers(
    context: Context, node: ast.Tiers, on: ast.OnMeasure, currency: str, quotas: Mapping[str, Quota]
) -> Tiers | None:
    """A typed tier table on the component's measure; None where it could not be understood (and was reported)."""
    measure = context.measure_types.get(on.measure.text)
    if measure is not None and measure.currency not in (None, currency):
        context.report("wrong-currency", on.span, found=measure.currency, wanted=currency)
        return None
    if node.basis is None or node.mode is None:
        context.report("tiers-by-what", node.span)
        return None
    if measure is None or context.is_damaged(node.span):
        return None
    basis, mode = Basis(node.basis), TierMode(node.mode)
    ok = all(_bound_agrees(context, bound, basis, measure) for bound in _bounds(node))
    values = [_value(context, row, measure, currency) for row in node.rows]
    proven = ok and (not node.rows or _prove(context, node))
    if not node.rows:
        context.report("tiers-empty", node.span)
    rows = tuple(
        Tier(row.low.value, row.high.value if row.high else None, value, row.span)
        for row, value in zip(node.rows, values, strict=True)
        if value is not None
    )
    if not proven or len(rows) != len(node.rows) or not rows:
        return None
    name = node.quota.text if node.quota else on.measure.text
    quota = quotas.get(name)
    if node.quota is not None and quota is None:
        context.no_quota(name, node.quota.span)
        return None
    if quota is not None and quota.measure != on.measure.text:
        assert node.quota is not None
        context.report("tiers-other-quota", node.quota.span, name=name, measure=quota.measure, on=on.measure.text)
        return None
    bound_scale = max(_places(row) for row in node.rows) + (quota.type.scale if quota else 0)
    scale = max(measure.scale, bound_scale) + max(row.value.type.scale for row in rows)
    if scale > MOST_PLACES:
        context.report("too-many-places", node.span, places=scale, most=MOST_PLACES)
        return None
    return Tiers(on.measure.text, name, basis, mode, rows, node.span)


def _places(row: ast.Tier) -> int:
    return max(row.low.places, row.high.places if row.high else 0)


def _bounds(node: ast.Tiers) -> list[ast.Percent | ast.Money | ast.Number]:
    return [bound for row in node.rows for bound in (row.low, row.high) if bound is not None]


def _bound_agrees(context: Context, bound: ast.Percent | ast.Money | ast.Number, basis: Basis, measure: Type) -> bool:
    """Bounds are percentages by attainment, and the measure's kind of value by amount."""
    digits = bound.span.text.split()[0].rstrip("%")
    if basis is Basis.ATTAINMENT:
        agrees = isinstance(bound, ast.Percent)
        wanted, better = "percentages of the quota", f"{digits}%"
    elif measure.kind is Kind.MONEY:
        agrees = isinstance(bound, ast.Money) and bound.currency == measure.currency
        wanted, better = f"amounts in {measure.currency}", f"{digits} {measure.currency}"
    else:
        agrees = isinstance(bound, ast.Number)
        wanted, better = "numbers", digits
    if not agrees:
        context.report("tier-bound", bound.span, basis=basis, wanted=wanted, better=better)
    return agrees


def _value(context: Context, row: ast.Tier, measure: Type, currency: str) -> Expr | None:
    """A tier pays a rate on money, and an amount for each unit of a count."""
    value = type_expression(context, row.value, Scope(payee=True))
    found = value.type
    if found.kind is Kind.UNKNOWN:
        return None
    if measure.kind is Kind.MONEY and found.kind is not Kind.RATE:
        written = row.value.span.text
        hint = f"Write {written}%." if found.kind in (Kind.COUNT, Kind.NUMBER) else "Write a percentage such as 5%."
        context.report("tier-value", value.span, found=found, wanted="a rate of the measure", hint=hint)
        return None
    if measure.kind is not Kind.MONEY and found.kind is not Kind.MONEY:
        hint = f"Write an amount such as 5.00 {currency}."
        context.report("tier-value", value.span, found=found, wanted="an amount for each unit", hint=hint)
        return None
    if found.currency not in (None, currency):
        context.report("wrong-currency", value.span, found=found.currency, wanted=currency)
        return None
    return value


def _zero(bound: ast.Percent | ast.Money | ast.Number) -> str:
    return "0%" if isinstance(bound, ast.Percent) else f"0 {bound.currency}" if isinstance(bound, ast.Money) else "0"


def _prove(context: Context, node: ast.Tiers) -> bool:
    """Rows ascend from zero to "and above" and touch each other."""
    fine = True
    first, last = node.rows[0], node.rows[-1]
    for row in node.rows:
        if row.high is not None and row.high.value <= row.low.value:
            context.report("tier-backwards", row.span, low=row.low.span.text, high=row.high.span.text)
            return False
    if first.low.value != Fraction(0):
        context.report("tier-gap", first.span, low=_zero(first.low), high=first.low.span.text)
        fine = False
    for row, following in pairwise(node.rows):
        why = [Label(row.span, "the row before")]
        if row.high is None or following.low.value < row.high.value:
            end = row.high.span.text if row.high else "everything above"
            context.report("tier-overlap", following.span, why, low=following.low.span.text, high=end)
            fine = False
        elif following.low.value > row.high.value:
            context.report("tier-gap", following.span, why, low=row.high.span.text, high=following.low.span.text)
            fine = False
    if last.high is not None and fine:
        context.report("tier-end", last.span, high=last.high.span.text)
        fine = False
    return fine
