"""The words for intervals, read by the project's calendar."""

from __future__ import annotations

from spmlang.syntax import ast
from spmlang.values.calendar import Grain

from .context import Context


def read_grain(context: Context, word: ast.GrainWord) -> Grain | None:
    """Return the calendar's grain for a word; `period` is the pay period.

    A grain shorter than the pay period is reported, and the pay period is returned. The result is None without a
    calendar.
    """
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
