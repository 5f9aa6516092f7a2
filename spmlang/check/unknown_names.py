"""Messages about undeclared names. Often such a name is a column without its source."""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction

from spmlang.diagnostics.diagnostic import Fix
from spmlang.diagnostics.suggest import did_you_mean, listed
from spmlang.diagnostics.text import Span
from spmlang.program import expressions as typed
from spmlang.syntax import ast
from spmlang.values.money import rate_text

from .allowed_references import AllowedReferences
from .context import Context
from .impossible_texts import values_of

#: Words of databases for an empty value.
_EMPTY = frozenset(("null", "none", "nil", "empty", "blank", "undefined"))
#: A rate in words, such as `5 per cent`.
_PER_CENT = re.compile(r"(?<![\w.])(\d[\d_]*(?:\.\d+)?)[ \t]+per[ \t]+(cent|mille)$")
#: Words for the current day.
_TODAY = frozenset(("today", "now", "yesterday", "tomorrow"))


def report_unknown(context: Context, kind: str, name: ast.Name, known: Iterable[str]) -> None:
    """Report an undeclared name, with the most similar declared one.

    Args:
        context: The state of the check.
        kind: The kind of declaration that is expected, in words.
        name: The name as written.
        known: The declared names of this kind.
    """
    if name.text not in context.undeclared_after_error:
        declared = sorted(set(known))
        hint = did_you_mean(name.text, declared)
        if not hint and declared:
            hint = f" There is {listed(declared)}."
        context.report("unknown-name", name.span, kind=kind, name=name.text, hint=hint)


def report_unknown_component(
    context: Context, plan: str, name: ast.Name, known: Iterable[str], *, kind: str = "component"
) -> None:
    """Report a component that a plan does not have; not if it may be missing because a statement was cut out."""
    if f"component {name.text}" not in context.failed and f"plan {plan}" not in context.failed:
        report_unknown(context, kind, name, known)


def report_no_quota(context: Context, name: str, where: Span) -> None:
    """Report a measure without a quota, once; not if a quota for it could not be read."""
    if name not in context.undeclared_after_error and not context.failed & {
        f"quota {name}",
        "quota of an unknown measure",
    }:
        context.report("no-quota", where, name=name)
        context.failed.add(f"quota {name}")


def report_undeclared(
    context: Context, scope: AllowedReferences, node: ast.Path, *, kind: str, known: Iterable[str]
) -> None:
    """Report a name that is not a declared `kind`, with the name that may be meant.

    Args:
        context: The state of the check.
        scope: The names that the expression may use.
        node: The name as written.
        kind: The kind of declaration that is expected, in words.
        known: The declared names of this kind.
    """
    root, roster = node.root, context.project.roster
    alone = not node.members
    holds = [name for name, contract in context.contracts.items() if contract.column(root.text) is not None]
    if alone and root.text in _TODAY:
        context.report("day-of-run", root.span, found=root.text)
    elif alone and root.text in ("cent", "mille") and (rate := _in_words(root.span)) is not None:
        context.report_mended(rate, "loose-percent", rate.span, found=rate.span.text, better=rate.text)
    elif scope.payee and alone and roster in holds:
        fix = Fix(root.span, f"payee.{root.text}")
        context.report_mended(fix, "payee-missing", root.span, name=root.text)
    elif not scope.payee and alone and scope.root in holds:
        fix = Fix(root.span, f"{scope.root}.{root.text}")
        context.report_mended(fix, "source-missing", root.span, name=root.text, better=fix.text)
    elif not scope.measures and root.text in context.measures:
        context.report("measure-not-read", root.span, name=root.text)
    elif scope.payee and not scope.measures and alone and roster in context.contracts:
        columns = [column.name for column in context.contracts[roster].columns]
        report_unknown(context, "column of the roster", root, columns)
    else:
        report_unknown(context, kind, root, known)


def report_comparison_with_null(context: Context, scope: AllowedReferences, node: ast.Compare) -> bool:
    """Report a comparison such as `column == null`, because only `is present` tests for an empty value.

    Returns False for any other comparison.
    """
    right, column = node.right, node.left.span.text
    if not isinstance(right, ast.Path) or right.root.text not in _EMPTY or not _names_nothing(context, scope, right):
        return False
    better = {"==": f"not {column} is present", "!=": f"{column} is present"}.get(node.operator)
    fix = Fix(node.span, better) if better else None
    words = {"found": right.root.text, "line": better or f"{column} is present"}
    context.report_mended(fix, "other-word", right.span, (), **words)
    return True


def report_missing_quotes(context: Context, scope: AllowedReferences, node: ast.Expr, column: typed.Expr) -> bool:
    """Report an undeclared word compared with a text column, because it is a text without quotes.

    Returns False for any other value.
    """
    if not isinstance(node, ast.Path) or not _names_nothing(context, scope, node):
        return False
    word, known = node.root.text, values_of(context, column) or ()
    near = next((value for value in known if value.casefold() == word.casefold()), None)
    fix = Fix(node.span, f'"{near}"') if near else None
    values = ", ".join(f'`"{value}"`' for value in known)
    listed = f", or one of the column's values: {values}" if values and not near else ""
    words = {"name": word, "better": near or word, "known": listed}
    context.report_mended(fix, "text-without-quotes", node.span, (), **words)
    return True


def _names_nothing(context: Context, scope: AllowedReferences, node: ast.Path) -> bool:
    """Return True for a single word that no measure, source or column in scope is called."""
    name = node.root.text
    columns = context.contracts[scope.root] if scope.bare and scope.root else None
    known = (
        name in context.measures
        or name in context.contracts
        or name in context.undeclared_after_error
        or name == "payee"
    )
    return not (node.members or known or (columns is not None and columns.column(name)))


def _in_words(name: Span) -> Fix | None:
    """Return the edit that writes `5 per cent` or `5 per mille` as a rate.

    The result is None if `name` does not end such a phrase.
    """
    text = name.source.text
    found = _PER_CENT.search(text, 0, name.end)
    if found is None:
        return None
    value = Fraction(found[1].replace("_", "")) / (100 if found[2] == "cent" else 1000)
    return Fix(Span(name.source, found.start(), found.end()), rate_text(value))
