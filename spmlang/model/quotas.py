"""Quotas: targets from a table or from the plan text, and the answers for a zero or missing one."""

from __future__ import annotations

from dataclasses import replace

from spmlang.source.diagnostics import Label
from spmlang.syntax import ast

from .context import Context, single
from .grains import read_grain
from .program import Quota
from .territories import require_columns
from .types import DATE, Kind, Type
from .typing import Scope, column_type, expect_flag, same, type_expression


def build_quota(context: Context, node: ast.Quota) -> Quota | None:
    """A typed quota; None where it could not be understood (and was reported)."""
    measure = context.measure(node.measure)
    if node.measure is not node.name and node.name.text in context.measures:
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
            test = expect_flag(context, type_expression(context, where.test, Scope(root=source.table.text)))
    elif target is not None:
        if where is not None:
            context.report("quota-where", where.span, [Label(target.span, "the target is given here")])
        value = type_expression(context, target.value, Scope(payee=True))
        kind = value.type
    if measure is None or kind is None or grain is None or kind.kind is Kind.UNKNOWN:
        return None
    if not same(measure, kind):
        place = source.span if source else node.name.span if target is None else target.value.span
        context.report("quota-type", place, name=node.name.text, wanted=measure, found=kind)
        return None
    shares = tuple(share.value for share in ramp.shares) if ramp else ()
    places = max((share.places for share in ramp.shares), default=0) if ramp else 0
    return Quota(
        node.name.text,
        node.measure.text,
        replace(kind, scale=kind.scale + places),
        grain,
        source.table.text if source else None,
        test,
        value,
        zero.attainment.value if zero else None,
        missing.attainment.value if missing else None,
        shares,
        node.span,
    )


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
