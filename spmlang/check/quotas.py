"""Check of quotas: targets from a table or from the plan text, and the attainment for a zero or missing quota."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from spmlang.diagnostics.diagnostic import Label
from spmlang.program.expressions import Expr, MeasureBefore, walk
from spmlang.program.quotas import Days, Quota
from spmlang.program.types import DATE, Kind, Type
from spmlang.syntax import ast
from spmlang.values.calendar import Grain
from spmlang.values.money import rate_text

from .allowed_references import AllowedReferences
from .context import Context, single
from .expressions import type_expression
from .grains import read_grain
from .territories import require_columns
from .type_rules import column_type, expect_flag, same


def build_quota(context: Context, node: ast.Quota) -> Quota | None:
    """Build a typed quota; None if it has a mistake, which is reported."""
    measure = context.measure(node.measure)
    if node.measure.span != node.name.span and node.name.text in context.measures:
        context.report("quota-named-as-measure", node.name.span, name=node.name.text)
        return None
    if node.measure.text not in context.measures:
        context.broken.add("quota of an unknown measure")
    source, target = single(context, node.statements, ast.QuotaFrom), single(context, node.statements, ast.Target)
    zero, missing = single(context, node.statements, ast.Zero), single(context, node.statements, ast.Missing)
    where, ramp = single(context, node.statements, ast.Where), single(context, node.statements, ast.Ramp)
    if (source is None) == (target is None) and not node.damaged:
        why = [Label(target.span, "a target is given here")] if target else []
        slug = "quota-twice" if source and target else "quota-without-target"
        context.report(slug, source.span if source else node.name.span, why, name=node.name.text)
        return None
    grain_word = source.grain if source else target.grain if target else None
    if grain_word is None:
        return None
    grain = read_grain(context, grain_word)
    value = None
    kind: Type | None = None
    test = None
    if source is not None:
        kind = _table_type(context, source, node)
        if where is not None and kind is not None:
            test = expect_flag(context, type_expression(context, where.test, AllowedReferences(root=source.table.text)))
    elif target is not None:
        if where is not None:
            context.report("quota-where", where.span, [Label(target.span, "the target is given here")])
        value = type_expression(context, target.value, AllowedReferences(payee=True, earlier=True))
        kind = value.type
        if grain is not None:
            _check_earlier(context, value, grain)
    if measure is None or kind is None or grain is None or kind.kind is Kind.UNKNOWN:
        return None
    if not same(measure, kind):
        place = source.span if source else node.name.span if target is None else target.value.span
        context.report("quota-type", place, name=node.name.text, wanted=measure, found=kind)
        return None
    spread, prorate = single(context, node.statements, ast.Spread), single(context, node.statements, ast.Prorate)
    adjust = single(context, node.statements, ast.Adjust)
    finer = _spread_grain(context, spread, grain) if spread else grain
    adjustment = _adjustment(context, adjust, kind) if adjust else None
    if finer is None or (adjust is not None and adjustment is None):
        return None
    shares = tuple(share.value for share in ramp.shares) if ramp else ()
    factors = [max((share.places for share in item.shares), default=0) for item in (ramp, spread) if item is not None]
    scale = kind.scale if prorate else kind.scale + sum(factors)
    return Quota(
        node.name.text,
        node.measure.text,
        replace(kind, scale=max(scale, adjustment.scale if adjustment else 0)),
        finer,
        source.table.text if source else None,
        test,
        value,
        zero.attainment.value if zero else None,
        missing.attainment.value if missing else None,
        shares,
        tuple(share.value for share in spread.shares) if spread else (),
        grain,
        prorated_by(prorate) if prorate else None,
        prorate is not None and prorate.on_plan,
        None,
        adjust.table.text if adjust else None,
        kind.scale,
        node.span,
    )


def prorated_by(node: ast.Prorate) -> Days:
    """Return the kind of days that count."""
    return Days.WORKING if node.working else Days.CALENDAR


def _check_earlier(context: Context, target: Expr, grain: Grain) -> None:
    """Report a `back` that is shorter than the target's interval, because it must span whole intervals."""
    for node in walk(target):
        if isinstance(node, MeasureBefore) and node.back.months < grain.months:
            context.report("earlier-shorter", node.span, back=node.back, grain=grain)


def _table_type(context: Context, source: ast.QuotaFrom, node: ast.Quota) -> Type | None:
    if not require_columns(context, source.table, ("payee", "period", "target"), dated=False):
        return None
    contract = context.contracts[source.table.text]
    if column_type(contract, "period") != DATE:
        context.report("quota-period-not-date", source.table.span, table=contract.name)
        return None
    kind = column_type(contract, "target")
    if not kind.numeric:
        context.report("quota-type", source.span, name=node.name.text, wanted="a number or money", found=kind)
        return None
    return kind


def _spread_grain(context: Context, spread: ast.Spread, grain: Grain) -> Grain | None:
    """Return the grain of the intervals over which a target is spread.

    There must be one share for each of these intervals in the target's interval. A wrong sum or number of shares is
    reported.
    """
    total = sum((share.value for share in spread.shares), Fraction(0))
    if total != 1:
        context.report("spread-total", spread.span, total=rate_text(total))
        return None
    assert context.calendar is not None
    shortest = context.calendar.pay.months
    finer = [item for item in Grain if shortest <= item.months < grain.months]
    found = next((item for item in finer if grain.months == item.months * len(spread.shares)), None)
    if found is None:
        ways = " or ".join(f"{grain.months // item.months} (one for each {item})" for item in finer)
        words = {"count": len(spread.shares), "grain": grain, "ways": ways or "none: it is as short as a pay period"}
        context.report("spread-count", spread.span, (), **words)
    return found


def _adjustment(context: Context, node: ast.Adjust, kind: Type) -> Type | None:
    """Return the type of the amounts in a table of adjustments."""
    if not require_columns(context, node.table, ("payee", "period", "amount"), dated=False):
        return None
    contract = context.contracts[node.table.text]
    found = column_type(contract, "amount")
    if column_type(contract, "period") != DATE:
        context.report("quota-period-not-date", node.table.span, table=contract.name)
        return None
    if not same(kind, found):
        context.report("quota-type", node.span, name=node.table.text, wanted=kind, found=found)
        return None
    return found
