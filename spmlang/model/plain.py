"""Values that can be told of every row, whether it counts or not."""

from __future__ import annotations

from .expressions import Arithmetic, Column, Expr, Literal
from .program import Program


def is_plain(program: Program, value: Expr) -> bool:
    """Whether a value is a sum or product of columns that no dated table holds: nothing but an empty column can be missing."""
    match value:
        case Literal():
            return value.type.numeric
        case Column():
            return not any(program.contracts[step.target].dated is not None for step in value.steps)
        case Arithmetic(operator="+" | "-" | "*"):
            return is_plain(program, value.left) and is_plain(program, value.right)
    return False
