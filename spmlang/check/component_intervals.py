"""Check of a component's interval: stated by `each`, `… to date` or `window`, and what depends on it."""

from __future__ import annotations

from dataclasses import dataclass

from spmlang.diagnostics.diagnostic import Label
from spmlang.program.expressions import Attainment, Expr, MeasureValue
from spmlang.program.measures import DateRange
from spmlang.program.pay_rules import Rounding, RoundPer
from spmlang.program.quotas import Days
from spmlang.syntax import ast
from spmlang.values.calendar import Grain

from .context import Context, only_statement
from .grains import read_grain
from .measures import date_range
from .quotas import prorated_by


@dataclass(frozen=True)
class Interval:
    """The interval over which a component accumulates, and the one at whose end it is due."""

    accumulates: Grain
    due: Grain
    window: DateRange | None


def build_interval(context: Context, node: ast.Component) -> Interval | None:
    """Return the interval that a component states, by `each`, `… to date` or `window`; the pay period by default.

    The result is None without a calendar, or if the window has a mistake, which is reported.
    """
    if context.calendar is None:
        return None
    pay = context.calendar.pay
    on = only_statement(context, node.statements, ast.OnMeasure)
    each = only_statement(context, node.statements, ast.Each)
    window = only_statement(context, node.statements, ast.Window)
    to_date = on.to_date if on else None
    said = [word for word in (to_date, each, window) if word is not None]
    for extra in said[1:]:
        context.report("two-intervals", extra.span, [Label(said[0].span, "the interval is given here")])
    if window is not None:
        dates = _window_dates(context, window)
        return Interval(pay, pay, dates) if dates else None
    if node.kind == "spif" and not context.is_damaged(node.span):
        context.report("spif-window", node.name.span, name=node.name.text)
    if to_date is not None:
        grain = read_grain(context, to_date)
        if grain == pay:
            context.report("to-date-of-period", to_date.span, word=to_date.word, pay=pay)
        return Interval(grain or pay, pay, None)
    grain = read_grain(context, each.grain) if each else pay
    return Interval(grain or pay, grain or pay, None)


def _window_dates(context: Context, window: ast.Window) -> DateRange | None:
    """Build the dates of a window; None if one is missing or is a parameter without a value, which is reported."""
    days = [day for day in (window.dates.start, window.dates.through) if day is not None]
    wrong = [day for day in days if not isinstance(day, ast.Day)]
    for day in wrong:
        context.report("constant-needed", day.span, wanted="a date", found=day.span.text)
    if wrong:
        return None
    dates = date_range(context, window.dates)
    if dates.through is None:
        context.report("open-window", window.span)
        return None
    return dates


def build_proration(
    context: Context, node: ast.Component, interval: Interval | None, rounding: Rounding | None
) -> Days | None:
    """Return the kind of days by which a component is prorated; report an interval or rounding that does not allow it."""
    prorate = only_statement(context, node.statements, ast.Prorate)
    if prorate is None or interval is None:
        return None
    if interval.window is not None or interval.due is not interval.accumulates:
        own = "a window" if interval.window is not None else f"the {interval.accumulates} to date"
        context.report("prorate-interval", prorate.span, own=own)
    if rounding is not None and rounding.per is RoundPer.LINE:
        context.report("prorate-per-line", prorate.span, [Label(rounding.span, "each line is rounded here")])
    return prorated_by(prorate)


def check_longer(context: Context, interval: Interval, expressions: list[Expr]) -> None:
    """Report a `year to date` in an expression that is not longer than the component's interval.

    In a component with a window every such expression is reported.
    """
    for item in expressions:
        if not isinstance(item, MeasureValue | Attainment) or item.over is None:
            continue
        if interval.window is not None or item.over.months <= interval.accumulates.months:
            own = "a window" if interval.window else f"the {interval.accumulates}"
            context.report("to-date-not-longer", item.span, over=item.over, own=own)
