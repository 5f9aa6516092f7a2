"""Check of quotas: targets from a table or from the plan text, and the attainment for a zero or missing quota."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from spmlang.diagnostics.diagnostic import Label
from spmlang.program.expressions import Expr, MeasureBefore, walk
from spmlang.program.quotas import Days, Quota
from spmlang.program.types import DATE, Kind, Type
from spmlang.syntax import ast
from spmlang.values.calendar import Grain
from spmlang.values.money import rate_text

from .allowed_references import AllowedReferences
from .context import Context, only_statement
from .declared_names import measure_type
from .expressions import type_expression
from .grains import read_grain
from .territories import require_columns
from .type_rules import column_type, expect_flag, same


@dataclass(frozen=True, kw_only=True)
class _Targets:
    """The amounts of a quota before they are divided: rows of a table, or an expression."""

    type: Type
    grain: Grain
    table: str | None
    where: Expr | None
    value: Expr | None


@dataclass(frozen=True, kw_only=True)
class _Shares:
    """The shares by which targets are divided, the grain that results, and the decimal places that the shares add."""

    grain: Grain
    ramp: tuple[Fraction, ...]
    spread: tuple[Fraction, ...]
    places: int


def build_quota(context: Context, node: ast.Quota) -> Quota | None:
    """Build a typed quota; None if it has a mistake, which is reported."""
    measure = measure_type(context, node.measure)
    if node.measure.span != node.name.span and node.name.text in context.measures:
        context.report("quota-named-as-measure", node.name.span, name=node.name.text)
        return None
    if node.measure.text not in context.measures:
        context.failed.add("quota of an unknown measure")
    zero = only_statement(context, node.statements, ast.Zero)
    missing = only_statement(context, node.statements, ast.Missing)
    where = only_statement(context, node.statements, ast.Where)
    ramp = only_statement(context, node.statements, ast.Ramp)
    source = _target_source(context, node)
    targets = _typed_targets(context, node, source, where) if source else None
    if source is None or targets is None or measure is None:
        return None
    if not same(measure, targets.type):
        place = source.span if isinstance(source, ast.QuotaFrom) else source.value.span
        context.report("quota-type", place, name=node.name.text, wanted=measure, found=targets.type)
        return None
    prorate = only_statement(context, node.statements, ast.Prorate)
    adjust = only_statement(context, node.statements, ast.Adjust)
    shares = _spread_and_ramp(context, node, ramp, targets.grain)
    adjustment = _adjustment(context, adjust, targets.type) if adjust else None
    if shares is None or (adjust is not None and adjustment is None):
        return None
    scale = targets.type.scale if prorate else targets.type.scale + shares.places
    return Quota(
        name=node.name.text,
        measure=node.measure.text,
        type=replace(targets.type, scale=max(scale, adjustment.scale if adjustment else 0)),
        grain=shares.grain,
        table=targets.table,
        where=targets.where,
        target=targets.value,
        zero=zero.attainment.value if zero else None,
        missing=missing.attainment.value if missing else None,
        ramp=shares.ramp,
        spread=shares.spread,
        given=targets.grain,
        prorated=prorated_by(prorate) if prorate else None,
        on_plan=prorate is not None and prorate.on_plan,
        plan=None,
        adjustments=adjust.table.text if adjust else None,
        places=targets.type.scale,
        span=node.span,
    )


def _target_source(context: Context, node: ast.Quota) -> ast.QuotaFrom | ast.Target | None:
    """Return the statement that gives the targets; report a quota with none or with two of them."""
    source = only_statement(context, node.statements, ast.QuotaFrom)
    target = only_statement(context, node.statements, ast.Target)
    if (source is None) == (target is None) and not node.damaged:
        why = [Label(target.span, "a target is given here")] if target else []
        slug = "quota-twice" if source and target else "quota-without-target"
        context.report(slug, source.span if source else node.name.span, why, name=node.name.text)
        return None
    return source or target


def _typed_targets(
    context: Context, node: ast.Quota, source: ast.QuotaFrom | ast.Target, where: ast.Where | None
) -> _Targets | None:
    """Build the targets of a table or of an expression; None if they have a mistake, which is reported."""
    grain = read_grain(context, source.grain)
    table = value = test = None
    if isinstance(source, ast.QuotaFrom):
        table, kind = source.table.text, _table_type(context, source, node)
        if where is not None and kind is not None:
            test = expect_flag(context, type_expression(context, where.test, AllowedReferences(root=table)))
    else:
        if where is not None:
            context.report("quota-where", where.span, [Label(source.span, "the target is given here")])
        value = type_expression(context, source.value, AllowedReferences(payee=True, earlier=True))
        kind = value.type
        if grain is not None:
            _check_earlier(context, value, grain)
    if kind is None or grain is None or kind.kind is Kind.UNKNOWN:
        return None
    return _Targets(type=kind, grain=grain, table=table, where=test, value=value)


def _spread_and_ramp(context: Context, node: ast.Quota, ramp: ast.Ramp | None, grain: Grain) -> _Shares | None:
    """Build the shares of targets of a grain; None if the spread has a mistake, which is reported."""
    spread = only_statement(context, node.statements, ast.Spread)
    finer = _spread_grain(context, spread, grain) if spread else grain
    if finer is None:
        return None
    places = [max((share.places for share in item.shares), default=0) for item in (ramp, spread) if item is not None]
    return _Shares(
        grain=finer,
        ramp=tuple(share.value for share in ramp.shares) if ramp else (),
        spread=tuple(share.value for share in spread.shares) if spread else (),
        places=sum(places),
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
