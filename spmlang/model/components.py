"""Components: interval, pay, conditions, limits and rounding, typed against the plan's currency."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from spmlang.source.diagnostics import Label
from spmlang.syntax import ast
from spmlang.values.calendar import Grain
from spmlang.values.money import minor_places
from spmlang.values.rounding import Mode

from .context import Context, every, label_of, single
from .expressions import Attainment, Expr, MeasureValue, QuotaValue, walk
from .measures import date_range
from .program import (
    Budget,
    Cap,
    Component,
    ComponentKind,
    Condition,
    DateRange,
    Formula,
    Quota,
    Rounding,
    RoundPer,
    Tiers,
)
from .quotas import read_grain
from .tiers import build_tiers
from .types import Kind
from .typing import Scope, expect_flag, type_expression

PAY = Scope(payee=True, measures=True)


@dataclass(frozen=True)
class Interval:
    """Over what a component accumulates and when it is due."""

    accumulates: Grain
    due: Grain
    window: DateRange | None


def build_component(context: Context, node: ast.Component, currency: str, quotas: dict[str, Quota]) -> Component | None:
    """A typed component; None where it could not be understood (and was reported)."""
    interval = _interval(context, node)
    on = single(context, node.statements, ast.OnMeasure)
    if on is not None:
        context.measure(on.measure)
    pay = _pay(context, node, on, currency, quotas)
    conditions = _conditions(context, node)
    caps = tuple(
        cap for cap in (build_cap(context, cap, currency) for cap in every(node.statements, ast.Cap)) if cap is not None
    )
    _one_cap_each(context, node, caps)
    budget = _budget(context, node, currency)
    rounding = _rounding(context, node, currency)
    if pay is None or interval is None or rounding is None or context.is_damaged(node.span):
        return None
    expressions = _expressions(pay, conditions)
    _check_quotas(context, node, interval, pay, expressions, quotas)
    measures = _measures(on, expressions)
    main = on.measure.text if on else _only(_measures(None, _expressions(pay, ()))) or _only(measures)
    return Component(
        ComponentKind(node.kind),
        node.name.text,
        label_of(context, node.statements, node.name.text),
        interval.accumulates,
        interval.due,
        interval.window,
        pay,
        conditions,
        tuple(sorted(caps, key=lambda cap: list(Grain).index(cap.grain))),
        budget,
        rounding,
        measures,
        main,
        node.span,
    )


def _interval(context: Context, node: ast.Component) -> Interval | None:
    if context.calendar is None:
        return None
    pay = context.calendar.pay
    on = single(context, node.statements, ast.OnMeasure)
    each, window = single(context, node.statements, ast.Each), single(context, node.statements, ast.Window)
    to_date = on.to_date if on else None
    said = [word for word in (to_date, each, window) if word is not None]
    for extra in said[1:]:
        context.report("two-intervals", extra.span, [Label(said[0].span, "the interval is given here")])
    if window is not None:
        dates = date_range(context, window.dates)
        if dates.through is None:
            context.report("open-window", window.span)
            return None
        return Interval(pay, pay, dates)
    if node.kind == "spif" and not context.is_damaged(node.span):
        context.report("spif-window", node.name.span, name=node.name.text)
    if to_date is not None:
        grain = read_grain(context, to_date)
        if grain == pay:
            context.report("to-date-of-period", to_date.span, word=to_date.word, pay=pay)
        return Interval(grain or pay, pay, None)
    grain = read_grain(context, each.grain) if each else pay
    return Interval(grain or pay, grain or pay, None)


def _pay(
    context: Context, node: ast.Component, on: ast.OnMeasure | None, currency: str, quotas: dict[str, Quota]
) -> Tiers | Formula | None:
    pays, tiers = single(context, node.statements, ast.Pays), single(context, node.statements, ast.Tiers)
    if pays is not None and tiers is not None:
        context.report("pays-twice", tiers.span, [Label(pays.span, "what it pays is given here")])
        return None
    if tiers is not None:
        damaged = context.is_damaged(node.span)
        if on is None and not damaged:
            context.report("tiers-without-measure", node.name.span)
        if on is None or (tiers.basis is None and damaged):
            return None
        return build_tiers(context, tiers, on, currency, quotas)
    if pays is None:
        if context.is_damaged(node.span):
            return None
        context.report("pays-nothing", node.name.span, name=node.name.text, kind=node.kind)
        return None
    value = type_expression(context, pays.value, PAY)
    if value.type.kind is Kind.UNKNOWN or not money_in(context, value, currency):
        return None
    return Formula(value, pays.span)


def money_in(context: Context, value: Expr, currency: str) -> bool:
    """Report an expression that is not money in the plan's currency. True when it is, or was reported already."""
    if value.type.kind is Kind.UNKNOWN:
        return True
    if value.type.kind is not Kind.MONEY:
        hint = "Say what the rate applies to: `5% of bookings`." if value.type.kind is Kind.RATE else ""
        if value.type.kind in (Kind.COUNT, Kind.NUMBER):
            hint = f"Write the amount with its currency: {value.span.text} {currency}."
        context.report("not-money", value.span, found=value.type, hint=hint)
        return False
    if value.type.currency != currency:
        context.report("wrong-currency", value.span, found=value.type.currency, wanted=currency)
        return False
    return True


def _conditions(context: Context, node: ast.Component) -> tuple[Condition, ...]:
    conditions = []
    for statement in node.statements:
        if isinstance(statement, ast.When | ast.Gate):
            test = expect_flag(context, type_expression(context, statement.test, PAY))
            conditions.append(Condition("gate" if isinstance(statement, ast.Gate) else "when", test, statement.span))
    return tuple(conditions)


def build_cap(context: Context, node: ast.Cap, currency: str) -> Cap | None:
    """A typed cap; without a grain it holds for each pay period."""
    limit = type_expression(context, node.limit, Scope(payee=True))
    if limit.type.kind is Kind.UNKNOWN or not money_in(context, limit, currency):
        return None
    word = node.grain or ast.GrainWord(node.span, "period")
    grain = read_grain(context, word)
    return Cap(limit, grain, node.span) if grain else None


def _one_cap_each(context: Context, node: ast.Component, caps: tuple[Cap, ...]) -> None:
    seen: dict[Grain, Cap] = {}
    for cap in caps:
        if cap.grain in seen:
            context.report("said-twice", cap.span, [Label(seen[cap.grain].span, "it is said here first")])
        seen.setdefault(cap.grain, cap)


def _budget(context: Context, node: ast.Component, currency: str) -> Budget | None:
    budget, window = single(context, node.statements, ast.Budget), single(context, node.statements, ast.Window)
    if budget is None:
        return None
    if window is None and not context.is_damaged(node.span):
        context.report("budget-without-window", budget.span, name=node.name.text)
    if budget.limit.currency != currency:
        context.report("wrong-currency", budget.limit.span, found=budget.limit.currency, wanted=currency)
    if budget.limit.value < 0 or budget.limit.places > minor_places(currency):
        context.report("budget-amount", budget.limit.span, currency=currency)
    return Budget(budget.limit.value, budget.span)


def _rounding(context: Context, node: ast.Component, currency: str) -> Rounding | None:
    rounding = single(context, node.statements, ast.Rounding)
    cent = Fraction(1, 10 ** minor_places(currency))
    if rounding is None:
        return Rounding(RoundPer.PERIOD, cent, Mode.HALF_UP, node.span)
    step = rounding.step.value if rounding.step else cent
    if step <= 0 or (step / cent).denominator != 1:
        context.report("rounding-step", rounding.span, currency=currency, places=minor_places(currency))
        return None
    return Rounding(RoundPer(rounding.per), step, Mode(rounding.mode or "half up"), rounding.span)


def _expressions(pay: Tiers | Formula, conditions: tuple[Condition, ...]) -> list[Expr]:
    values = [pay.value] if isinstance(pay, Formula) else [row.value for row in pay.rows]
    return [node for top in (*values, *(condition.test for condition in conditions)) for node in walk(top)]


def _measures(on: ast.OnMeasure | None, expressions: list[Expr]) -> tuple[str, ...]:
    named = [on.measure.text] if on else []
    named += [node.measure for node in expressions if isinstance(node, MeasureValue | Attainment)]
    return tuple(dict.fromkeys(named))


def _only(names: tuple[str, ...]) -> str | None:
    return names[0] if len(names) == 1 else None


def _check_quotas(
    context: Context,
    node: ast.Component,
    interval: Interval,
    pay: Tiers | Formula,
    expressions: list[Expr],
    quotas: dict[str, Quota],
) -> None:
    """Every attainment or quota asked for exists, in intervals that add up to the component's."""
    asked = [(item.measure, item.span) for item in expressions if isinstance(item, Attainment | QuotaValue)]
    if isinstance(pay, Tiers) and pay.basis == "attainment":
        asked.append((pay.measure, pay.span))
    for name, span in asked:
        if name not in context.measure_types:
            continue
        quota = quotas.get(name)
        if quota is None:
            context.no_quota(name, span)
        elif interval.window is not None:
            context.report("quota-in-window", span, [Label(quota.span, "the quota")], name=name)
        elif list(Grain).index(quota.grain) > list(Grain).index(interval.accumulates):
            why = [Label(quota.span, f"the quota is per {quota.grain}")]
            context.report("quota-too-long", span, why, name=name, quota=quota.grain, interval=interval.accumulates)
