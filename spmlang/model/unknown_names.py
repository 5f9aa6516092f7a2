"""Names that mean nothing where they stand: often a column without what it is a column of."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spmlang.source.diagnostics import Fix
from spmlang.syntax import ast

from .context import Context

if TYPE_CHECKING:
    from .typing import Scope


def report_nameless(context: Context, scope: Scope, node: ast.Path, kind: str, known: Iterable[str]) -> None:
    """Report a name that is no `kind` (of `known`), with the column or the measure that may be meant."""
    root, roster = node.root, context.project.roster
    alone = not node.members
    holds = [name for name, contract in context.contracts.items() if contract.column(root.text) is not None]
    if scope.payee and alone and roster in holds:
        fix = Fix(root.span, f"payee.{root.text}")
        context.report_mended(fix, "payee-missing", root.span, name=root.text)
    elif not scope.payee and alone and scope.root in holds:
        fix = Fix(root.span, f"{scope.root}.{root.text}")
        context.report_mended(fix, "source-missing", root.span, name=root.text, better=fix.text)
    elif not scope.measures and root.text in context.measures:
        context.report("measure-not-read", root.span, name=root.text)
    elif scope.payee and not scope.measures and alone and roster in context.contracts:
        columns = [column.name for column in context.contracts[roster].columns]
        context.unknown("column of the roster", root, columns)
    else:
        context.unknown(kind, root, known)
