"""Values, rows and conditions as sentences of an explanation, with the place of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from spmlang.data.tables import Cell, Row
from spmlang.diagnostics.text import Span
from spmlang.outputs.payouts import place
from spmlang.program.expressions import AllOf, Column, Expr, walk
from spmlang.program.measures import Ownership
from spmlang.program.types import Kind, Type
from spmlang.reference.sources.expressions import EvaluationContext, evaluate_condition
from spmlang.reference.sources.rows import SourceRows
from spmlang.values.money import money_text, number_text, rate_text

from .payouts import Reason


def row_place(row: Row) -> str:
    """Return the place of a row, such as `file, row 5`."""
    return f"{row['_file']}, row {row['_row']}"


def evidence_place(sources: SourceRows, by: Row | Ownership) -> str:
    """Return the place that names a payee: a data row, or the plan line of a territory's owner."""
    return place(sources.program, by.span) if isinstance(by, Ownership) else row_place(by)


def written(span: Span) -> str:
    """Return the plan text of a span on one line."""
    return " ".join(span.text.split())


def cell_text(value: Cell, kind: Type) -> str:
    """Return a value in the notation of plan text."""
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return str(value)
    if isinstance(value, Fraction):
        if kind.currency:
            return money_text(value, kind.currency)
        return rate_text(value) if kind.kind is Kind.RATE else number_text(value)
    return f'"{value}"'


def column_seen(sources: SourceRows, row: Row, column: Column, day: date) -> Reason:
    """Return the value of a column as a reason, such as `orders.status is "cancelled"`.

    The reason names the row that the column's references lead to on `day`. If they lead to no row, it names `row`.
    """
    reached = sources.reach(row, column.steps, day)
    value = None if reached is None else reached[column.name]
    return Reason(
        f"{written(column.span)} is {cell_text(value, column.type)}",
        None,
        row_place(row if reached is None else reached),
    )


def columns_seen(sources: SourceRows, row: Row, node: Expr, day: date) -> tuple[Reason, ...]:
    """Return the value of each column that an expression reads, as reasons."""
    columns = dict.fromkeys(item for item in walk(node) if isinstance(item, Column))
    return tuple(column_seen(sources, row, column, day) for column in columns)


def failed_parts(sources: SourceRows, row: Row, node: Expr, day: date) -> Iterator[Reason]:
    """Yield the operands of a condition that do not hold, each with the values that it read."""
    if isinstance(node, AllOf):
        for operand in node.operands:
            yield from failed_parts(sources, row, operand, day)
    elif not evaluate_condition(node, EvaluationContext(sources=sources, row=row, day=day)):
        seen = columns_seen(sources, row, node, day)
        yield Reason(f"{written(node.span)} does not hold", None, place(sources.program, node.span), seen)
