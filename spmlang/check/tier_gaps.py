"""The bounds of tiers: of the right type, ascending from zero to "and above", without gap or overlap."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import pairwise

from spmlang.diagnostics.diagnostic import Fix, Label
from spmlang.diagnostics.text import Span
from spmlang.program.pay_rules import Basis
from spmlang.program.types import Kind, Type
from spmlang.syntax import ast
from spmlang.values.money import rate_text

from .context import Context
from .number_meanings import bound_of_quota

Bound = ast.Percent | ast.Money | ast.Number


def bounds_of(node: ast.Tiers) -> list[Bound]:
    """Return all bounds in the order in which they are written."""
    return [bound for row in node.rows for bound in (row.low, row.high) if bound is not None]


def bounds_agree(context: Context, node: ast.Tiers, basis: Basis, measure: Type) -> bool:
    """Return True if all bounds have the right type; report the wrong ones once for a table.

    By attainment they are percentages; by amount they have the measure's type.
    """
    bounds = bounds_of(node)
    wrong: list[Bound]
    if basis is Basis.ATTAINMENT:
        wrong = [bound for bound in bounds if not isinstance(bound, ast.Percent)]
        wanted = "percentages of the quota"
    elif measure.kind is Kind.MONEY:
        wrong = [b for b in bounds if not isinstance(b, ast.Money) or b.currency != measure.currency]
        wanted = f"amounts in {measure.currency}"
    else:
        wrong = [bound for bound in bounds if not isinstance(bound, ast.Number)]
        wanted = "numbers"
    if wrong:
        hint, better = _better(wrong, basis, measure)
        fix = combined_fix(better) if better else None
        context.report_mended(fix, "tier-bound", wrong[0].span, basis=basis, wanted=wanted, hint=hint)
    return not wrong


def _better(wrong: list[Bound], basis: Basis, measure: Type) -> tuple[str, dict[Span, str]]:
    """Return the remedy, and the text to write for each bound if that is known."""
    numbers = [bound for bound in wrong if isinstance(bound, ast.Number)]
    if len(numbers) < len(wrong):
        if basis is Basis.ATTAINMENT:
            return "Write percentages such as `100%`, or `tiers by amount` where the letter gives amounts.", {}
        if any(isinstance(bound, ast.Percent) for bound in wrong):
            return "Write `tiers by attainment` where percentages of the quota are meant; else amounts or numbers.", {}
        wanted = f"amounts in {measure.currency}" if measure.currency else "numbers without a currency"
        return f"Write {wanted}.", {}
    last = max(numbers, key=lambda bound: abs(bound.value))
    if basis is Basis.AMOUNT:
        better = {bound.span: f"{bound.span.text} {measure.currency}" for bound in numbers}
        return f"Write `{better[last.span]}`, and every other bound with its currency.", better
    times = bound_of_quota(numbers)
    if times is None:
        whole, part = rate_text(last.value), rate_text(last.value / 100)
        return (
            f"Write `{whole}` if {last.span.text} is so many times the quota, or `{part}` if it is a percentage.",
            {},
        )
    better = {bound.span: rate_text(bound.value * times) for bound in numbers}
    return (
        f"Write `{better[last.span]}` for {last.span.text}, and every other bound that way: bounds are percentages of the quota.",
        better,
    )


def combined_fix(better: Mapping[Span, str]) -> Fix:
    """Combine several replacements in one file into one edit."""
    places = sorted(better, key=lambda span: span.start)
    source, first = places[0].source, places[0].start
    text, last = "", first
    for place in places:
        text += source.text[last : place.start] + better[place]
        last = place.end
    return Fix(Span(source, first, last), text)


def check_tiers(context: Context, node: ast.Tiers, measure: Type) -> bool:
    """Return True if the tiers ascend from zero to "and above" without gap or overlap; report what is wrong."""
    if _backwards(context, node) or _downwards(context, node) or _whole_numbers(context, node, measure):
        return False
    first, last = node.rows[0], node.rows[-1]
    joined = [_joined(context, row, following) for row, following in pairwise(node.rows)]
    if first.low.value != Fraction(0):
        context.report("tier-gap", first.span, low=_zero(first.low), high=first.low.span.text)
        return False
    if last.high is not None and all(joined):
        context.report("tier-end", last.span, high=last.high.span.text)
        return False
    return all(joined)


def _backwards(context: Context, node: ast.Tiers) -> bool:
    """Return True, and report it, if a tier's upper bound is not above its lower one."""
    row = next((row for row in node.rows if row.high is not None and row.high.value <= row.low.value), None)
    if row is None or row.high is None:
        return False
    low, high = row.low.span, row.high.span
    fix = combined_fix({low: high.text, high: low.text}) if row.high.value < row.low.value else None
    context.report_mended(fix, "tier-backwards", row.span, low=low.text, high=high.text)
    return True


def _downwards(context: Context, node: ast.Tiers) -> bool:
    """Return True, and report it, if the highest tier comes first."""
    rows = node.rows
    lows = [row.low.value for row in rows]
    if len(rows) < 2 or lows != sorted(lows, reverse=True):
        return False
    upwards = {row.span: other.span.text for row, other in zip(rows, reversed(rows), strict=True)}
    first = " ".join(rows[-1].span.text.split())
    context.report_mended(combined_fix(upwards), "tiers-downwards", rows[0].span, first=first)
    return True


def _joined(context: Context, row: ast.Tier, following: ast.Tier) -> bool:
    """Return True if a tier starts where the one before it ends; report a gap or an overlap."""
    why = [Label(row.span, "the row before")]
    if row.high is None or following.low.value < row.high.value:
        end = row.high.span.text if row.high else "everything above"
        context.report("tier-overlap", following.span, why, low=following.low.span.text, high=end)
        return False
    if following.low.value > row.high.value:
        context.report("tier-gap", following.span, why, low=row.high.span.text, high=following.low.span.text)
        return False
    return True


def _zero(bound: Bound) -> str:
    return "0%" if isinstance(bound, ast.Percent) else f"0 {bound.currency}" if isinstance(bound, ast.Money) else "0"


def _whole_numbers(context: Context, node: ast.Tiers, measure: Type) -> bool:
    """Return True, and report it, if bounds include both ends: `0 to 4`, `5 to 7`.

    The edit is offered only if the last tier is open, and the measure is a count or all bounds have decimals, because
    only then it is known which value follows the upper bound.
    """
    steps = [
        (row, after) for row, after in pairwise(node.rows) if row.high is not None and _one_apart(row.high, after.low)
    ]
    touching = [row for row, after in pairwise(node.rows) if row.high is not None and row.high.value == after.low.value]
    if not steps or touching or len(steps) < len(node.rows) - 1:
        return False
    row, after = steps[0]
    assert row.high is not None
    better = {row.high.span: after.low.span.text for row, after in steps if row.high is not None}
    decimals = all(_written_places(row.high) > 0 for row, _ in steps if row.high is not None)
    known = node.rows[-1].high is None and (measure.kind is Kind.COUNT or decimals)
    words = {"low": row.low.span.text, "high": after.low.span.text, "written": row.high.span.text}
    why = [Label(after.span, "the next row")]
    context.report_mended(combined_fix(better) if known else None, "tier-both-ends", row.span, why, **words)
    return True


def _one_apart(high: Bound, low: Bound) -> bool:
    """Return True if `low` is the next value after `high`.

    The step is one unit of the last decimal place that is written.
    """
    places = max(_written_places(high), _written_places(low))
    step = Fraction(1, 10**places) / (100 if isinstance(high, ast.Percent) else 1)
    return low.value - high.value == step


def _written_places(bound: Bound) -> int:
    return bound.places - 2 if isinstance(bound, ast.Percent) else bound.places
