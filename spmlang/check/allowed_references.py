"""The names that an expression may use where it stands in a plan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from spmlang.program.quotas import Quota
from spmlang.program.types import Type
from spmlang.syntax import ast


@dataclass(frozen=True, kw_only=True)
class AllowedReferences:
    """The names that an expression may use, and their meaning.

    Attributes:
        root: The source whose rows are read (row expressions).
        bare: The columns of `root` may be named without it.
        payee: `payee.column` is a column of the roster row.
        measures: Measures, attainment and quotas may be named.
        earlier: Results of earlier intervals may be named.
        as_of: A dated table may be read as of another day.
        ratios: Divisions are allowed, because the result is rounded later.
        optional: Optional columns are allowed without `or else`.
        quotas: The plan's quotas by name.
        component: A function for the earning of a component of the plan. It returns the type, and True if it is the sum
            earned so far in shorter intervals. It reports a component that may not be read, and returns None.
    """

    root: str | None = None
    bare: bool = False
    payee: bool = False
    measures: bool = False
    earlier: bool = False
    as_of: bool = False
    ratios: bool = False
    optional: bool = False
    quotas: Mapping[str, Quota] = field(default_factory=dict)
    component: Callable[[ast.Name], tuple[Type, bool] | None] | None = None
