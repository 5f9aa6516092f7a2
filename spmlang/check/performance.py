"""Find statements that make a run process single rows.

Without them, sums for each payee and day would suffice. `spm check --cost` shows these statements.
"""

from __future__ import annotations

from collections.abc import Iterator

from spmlang.diagnostics.diagnostic import Diagnostic, diagnose
from spmlang.diagnostics.text import Span
from spmlang.program.measures import Measure
from spmlang.program.pay_rules import RoundPer
from spmlang.program.program import Component, Program

_ROW_BY_ROW = "every credit of its measures is put in order and walked one by one"


def row_level_statements(program: Program) -> list[Diagnostic]:
    """Return one warning for each such statement, in the order of files and lines."""
    found: dict[tuple[str, int, str], Diagnostic] = {}
    used: set[str] = set()
    for plan in program.plans:
        for component in plan.components:
            used |= set(component.measures)
            for span, what, instead in _of_component(component):
                found[_place(span, what)] = diagnose("costly", span, (), what=what, instead=instead)
    for name in sorted(used):
        for span, what, instead in _of_measure(program.measures[name]):
            found[_place(span, what)] = diagnose("costly", span, (), what=what, instead=instead)
    return [found[at] for at in sorted(found)]


def _place(span: Span, what: str) -> tuple[str, int, str]:
    return span.source.path, span.start, what


def _of_component(component: Component) -> Iterator[tuple[Span, str, str]]:
    if component.rounding.per is RoundPer.LINE:
        yield component.rounding.span, _ROW_BY_ROW, "`round per payee and period` needs sums only"
    if component.budget is not None and component.budget.first_come:
        yield (
            component.budget.span,
            f"{_ROW_BY_ROW}, for all payees together",
            "a budget that is shared pro rata needs sums only",
        )
    if component.paid_by_line and component.release is not None:
        what = f"{_ROW_BY_ROW}, and kept until its row is paid"
        yield component.release.span, what, "a hold until a day of the calendar needs sums only"


def _of_measure(measure: Measure) -> Iterator[tuple[Span, str, str]]:
    if measure.distinct is not None:
        yield measure.span, "rows with the same value are put in order to find the first one", "`count` needs sums only"
