"""Check of tier tables: typed rows, proven disjoint and complete."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from spmlang.diagnostics.diagnostic import Fix
from spmlang.program.expressions import Expr, Literal
from spmlang.program.pay_rules import Basis, Tier, TierMode, Tiers
from spmlang.program.quotas import Quota
from spmlang.program.types import Kind, Type
from spmlang.syntax import ast

from .allowed_references import AllowedReferences
from .context import Context
from .expressions import type_expression
from .number_meanings import as_rate_up_to_one, is_percent, written_number
from .tier_gaps import bounds_agree, check_tiers
from .type_rules import MOST_PLACES
from .unknown_names import report_no_quota


def build_tiers(
    context: Context, node: ast.Tiers, on: ast.OnMeasure, *, currency: str, quotas: Mapping[str, Quota]
) -> Tiers | None:
    """Build the tiers of the component's measure; None if they have a mistake, which is reported.

    Args:
        context: The state of the check.
        node: The tiers as written.
        on: The component's measure.
        currency: The plan's currency.
        quotas: The quotas that the component may use, by name.
    """
    measure = context.measure_types.get(on.measure.text)
    if measure is not None and measure.currency not in (None, currency):
        context.report("wrong-currency", on.span, found=measure.currency, wanted=currency)
        return None
    if node.basis is None or node.mode is None:
        context.report("tiers-by-what", node.span)
        return None
    if measure is None or context.is_damaged(node.span):
        return None
    basis = Basis(node.basis)
    rows = _rows(context, node, basis, measure=measure, currency=currency, name=on.measure.text)
    if rows is None or not _quota_fits(context, node, on, quotas):
        return None
    name = node.quota.text if node.quota else on.measure.text
    if not _has_room(context, node, rows, measure=measure, quota=quotas.get(name)):
        return None
    return Tiers(measure=on.measure.text, quota=name, basis=basis, mode=TierMode(node.mode), rows=rows, span=node.span)


def _rows(
    context: Context, node: ast.Tiers, basis: Basis, *, measure: Type, currency: str, name: str
) -> tuple[Tier, ...] | None:
    """Build the rows of the tiers of the measure `name`; None if they have a mistake, which is reported."""
    ok = bounds_agree(context, node, basis, measure)
    values = [_value(context, row, measure, currency=currency, name=name) for row in node.rows]
    proven = ok and (not node.rows or check_tiers(context, node, measure))
    if not node.rows:
        context.report("tiers-empty", node.span)
    rows = tuple(
        Tier(row.low.value, row.high.value if row.high else None, value, row.span)
        for row, value in zip(node.rows, values, strict=True)
        if value is not None
    )
    return rows if proven and rows and len(rows) == len(node.rows) else None


def _quota_fits(context: Context, node: ast.Tiers, on: ast.OnMeasure, quotas: Mapping[str, Quota]) -> bool:
    """Return True if a quota that the tiers name exists and is one of their measure; report any other."""
    if node.quota is None:
        return True
    quota = quotas.get(node.quota.text)
    if quota is None:
        report_no_quota(context, node.quota.text, node.quota.span)
        return False
    if quota.measure != on.measure.text:
        words = {"name": quota.name, "measure": quota.measure, "on": on.measure.text}
        context.report("tiers-other-quota", node.quota.span, (), **words)
        return False
    return True


def _has_room(context: Context, node: ast.Tiers, rows: tuple[Tier, ...], *, measure: Type, quota: Quota | None) -> bool:
    """Return True if the products of tiers have no more decimal places than the engines can hold."""
    bound_scale = max(_places(row) for row in node.rows) + (quota.type.scale if quota else 0)
    scale = max(measure.scale, bound_scale) + max(row.value.type.scale for row in rows)
    if scale > MOST_PLACES:
        context.report("too-many-places", node.span, places=scale, most=MOST_PLACES)
    return scale <= MOST_PLACES


def _places(row: ast.Tier) -> int:
    return max(row.low.places, row.high.places if row.high else 0)


def _value(context: Context, row: ast.Tier, measure: Type, *, currency: str, name: str) -> Expr | None:
    """Return the typed value of a tier: a rate if the measure is money, else an amount for each unit."""
    if _names_its_measure(context, row, name):
        return None
    value = type_expression(context, row.value, AllowedReferences(payee=True))
    found = value.type
    if found.kind is Kind.UNKNOWN:
        return None
    if measure.kind is Kind.MONEY and found.kind is not Kind.RATE:
        _report_no_rate(context, value)
        return None
    if measure.kind is not Kind.MONEY and found.kind is not Kind.MONEY:
        hint = f"Write an amount such as 5.00 {currency}."
        context.report("tier-value", value.span, found=found, wanted="an amount for each unit", hint=hint)
        return None
    if found.currency not in (None, currency):
        context.report("wrong-currency", value.span, found=found.currency, wanted=currency)
        return None
    return value


def _names_its_measure(context: Context, row: ast.Tier, name: str) -> bool:
    """Return True, and report it, if a tier writes `5% of bookings`, because tiers are of their measure anyway."""
    pay = row.value
    if not (isinstance(pay, ast.Binary) and pay.operator in ("of", "per") and isinstance(pay.right, ast.Path)):
        return False
    if pay.right.span.text != name:
        return False
    better = pay.left.span.text
    line = f"{row.span.text.split(':')[0].strip()} : {better}"
    words = {"found": f"{pay.operator} {name}", "line": line}
    context.report_mended(Fix(pay.span, better), "word-too-many", pay.span, (), **words)
    return True


def _report_no_rate(context: Context, value: Expr) -> None:
    """Report a value that is no rate, in tiers of money."""
    found = value.type
    number = value.value if isinstance(value, Literal) and found.kind in (Kind.COUNT, Kind.NUMBER) else None
    hint, fix = "Write a percentage such as `5%`.", None
    if isinstance(value, Literal) and isinstance(number, Fraction):
        written = written_number(value)
        hint = as_rate_up_to_one(written, number)
        fix = Fix(value.span, f"{written}%") if is_percent(number) else None
    elif found.kind is Kind.MONEY:
        hint += " A fixed amount for each step is a `table` of amounts, and `pays name at attainment of …`."
    words = {"found": found, "wanted": "a rate of the measure", "hint": hint}
    context.report_mended(fix, "tier-value", value.span, (), **words)
