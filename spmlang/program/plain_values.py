"""Values that can be told of every row, whether it counts or not."""

from __future__ import annotations

from .expressions import Column, Expr, walk
from .program import Program


def is_plain(program: Program, value: Expr | None) -> bool:
    """Whether a value reads no dated table: it can be told of a row that counts on no day, too."""
    columns = (node for node in walk(value) if isinstance(node, Column)) if value is not None else ()
    return not any(program.contracts[step.target].dated is not None for node in columns for step in node.steps)
