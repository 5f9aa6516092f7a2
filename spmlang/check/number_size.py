"""Warnings about amounts that may need more than the 38 digits of the tables.

Constants and columns with more declared digits than usual can cause them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from spmlang.diagnostics.diagnostic import Diagnostic, diagnose
from spmlang.program.expressions import Arithmetic, Column, Expr, Literal, MeasureBefore, MeasureValue, Rounded
from spmlang.program.measures import Measure
from spmlang.program.pay_rules import Formula
from spmlang.program.program import Component, Program
from spmlang.project.contract import Contract
from spmlang.values.money import minor_places

_LARGEST = 10**38

#: The default digits of a column. A column with no more digits declares nothing about the size of its values.
_USUAL_DIGITS = 18


def warn_of_overflow(program: Program) -> Iterator[Diagnostic]:
    """Yield a warning for each component whose amount may need more than 38 digits.

    One row of its measures is enough for that; no number of rows is assumed.
    """
    for plan in program.plans:
        cents = 10 ** minor_places(plan.currency)
        for component in plan.components:
            for value, factor in _paid(component):
                size = _largest_value(value, program.measures, program.contracts)
                if factor is not None:
                    size *= _of_measure(program.measures[factor], program.measures, program.contracts)
                if size * cents >= _LARGEST:
                    yield diagnose(
                        "no-room", value.span, (), component=component.name, digits=len(str(int(size * cents)))
                    )
                    break


def _paid(component: Component) -> Iterator[tuple[Expr, str | None]]:
    """Yield each value that the component pays, and the measure that it is multiplied by."""
    if isinstance(component.pay, Formula):
        yield component.pay.value, None
        return
    for tier in component.pay.rows:
        yield tier.value, component.pay.measure


def _largest_value(node: Expr, measures: Mapping[str, Measure], contracts: Mapping[str, Contract]) -> Fraction:
    """Return the largest value of an expression by its declarations; 1 for a part that declares nothing."""
    match node:
        case Literal(value=Fraction() as value):
            return abs(value)
        case Column():
            source = node.steps[-1].target if node.steps else node.root
            column = contracts[source].column(node.name)
            if column is not None and column.digits > _USUAL_DIGITS:
                return Fraction(10 ** (column.digits - column.scale))
        case MeasureValue() | MeasureBefore():
            return _of_measure(measures[node.measure], measures, contracts)
        case Rounded():
            return _largest_value(node.value, measures, contracts)
        case Arithmetic():
            left, right = (_largest_value(side, measures, contracts) for side in (node.left, node.right))
            return {"*": left * right, "at most": min(left, right)}.get(node.operator, max(left, right))
    return Fraction(1)


def _of_measure(measure: Measure, measures: Mapping[str, Measure], contracts: Mapping[str, Contract]) -> Fraction:
    if measure.rollup is not None:
        return _of_measure(measures[measure.rollup.measure], measures, contracts)
    return Fraction(1) if measure.value is None else _largest_value(measure.value, measures, contracts)
