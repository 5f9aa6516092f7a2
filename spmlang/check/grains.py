"""The words for intervals, as the calendar has them."""

from __future__ import annotations

from spmlang.syntax import ast
from spmlang.values.calendar import Grain

from .context import Context


def read_grain(context: Context, word: ast.GrainWord) -> Grain | None:
    """The calendar's grain; `period` is the pay period. Reports one shorter than the pay period."""
    if context.calendar is None:
        return None
    pay = context.calendar.pay
    if word.word == "period":
        return pay
    grain = Grain(word.word)
    order = list(Grain)
    if order.index(grain) < order.index(pay):
        context.report("shorter-than-pay-period", word.span, word=word.word, pay=pay)
        return pay
    return grain
