"""Values that can be computed for every row, whether it counts or not."""

from __future__ import annotations

from .expressions import Column, Expr, walk
from .program import Program


def reads_no_dated_table(program: Program, value: Expr | None) -> bool:
    """Return True if the value reads no dated table.

    Such a value can also be computed for a row that counts on no day.
    """
    columns = (node for node in walk(value) if isinstance(node, Column)) if value is not None else ()
    return not any(program.contracts[step.target].dated is not None for node in columns for step in node.steps)
