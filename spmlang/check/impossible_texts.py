"""Report texts that a column can never have by its contract, so that they match nothing."""

from __future__ import annotations

from difflib import get_close_matches

from spmlang.diagnostics.diagnostic import Fix
from spmlang.diagnostics.text import Span
from spmlang.program import expressions as typed
from spmlang.project.contract import Column

from .context import Context


def agrees_with_contract(context: Context, value: typed.Expr, text: typed.Expr) -> None:
    """Report a text compared with a column that can never have it.

    Such a text has blanks at its ends, or is not one of the column's values.
    """
    allowed = values_of(context, value)
    if allowed is not None and isinstance(text, typed.Literal) and isinstance(text.value, str):
        _check(context, text.value, text.span, column=_name(value), allowed=allowed)


def fact_agrees_with_contract(context: Context, column: Column, fact: typed.Literal) -> None:
    """Report a text of an example's fact that the column can never have."""
    if isinstance(fact.value, str):
        _check(context, fact.value, fact.span, column=column.name, allowed=column.values)


def tables_agree_with_contracts(context: Context) -> None:
    """Report texts in rows of tables that none of the columns used in look-ups can have."""
    for name, table in context.known_tables.items():
        for at in range(len(table.dimensions)):
            keys = [key for asked, number, key in context.table_keys if (asked, number) == (name, at)]
            allowed = [values_of(context, key) for key in keys]
            if not keys or any(values is None for values in allowed):
                continue
            known = tuple(dict.fromkeys(value for values in allowed for value in values or ()))
            if not all(allowed):
                known = ()
            for row in table.rows:
                text = row.keys[at].text
                if text is not None:
                    _check(context, text, _place(row.span, text), column=_name(keys[0]), allowed=known)


def values_of(context: Context, value: typed.Expr) -> tuple[str, ...] | None:
    """Return the values that a column may have (empty: any text); None if the expression is no column."""
    if isinstance(value, typed.Fallback):
        held = values_of(context, value.column)
        otherwise = value.otherwise.value
        return (*held, otherwise) if held and isinstance(otherwise, str) else held
    if not isinstance(value, typed.Column):
        return None
    contract = context.contracts[value.steps[-1].target if value.steps else value.root]
    column = contract.column(value.name)
    return column.values if column is not None else None


def _name(value: typed.Expr) -> str:
    column = value.column if isinstance(value, typed.Fallback) else value
    return column.name if isinstance(column, typed.Column) else ""


def _check(context: Context, text: str, where: Span, *, column: str, allowed: tuple[str, ...]) -> None:
    stripped = text.strip()
    if allowed and text not in allowed:
        near = next((value for value in allowed if value.casefold() == stripped.casefold()), None)
        close = get_close_matches(stripped, allowed, n=1, cutoff=0.6)
        fix = Fix(where, f'"{near}"') if near is not None else None
        better = near or (close[0] if close else None)
        hint = f' Did you mean `"{better}"`?' if better else ""
        known = ", ".join(f'"{value}"' for value in allowed)
        context.report_mended(fix, "text-outside-values", where, text=text, column=column, known=known, hint=hint)
    elif text != stripped:
        fix = Fix(where, f'"{stripped}"') if not allowed else None
        context.report_mended(fix, "text-with-blanks", where, text=text, better=stripped)


def _place(row: Span, text: str) -> Span:
    """Return the place of a text in a row."""
    at = row.text.find(f'"{text}"')
    return row if at < 0 else Span(row.source, row.start + at, row.start + at + len(text) + 2)


def text_without_row(context: Context, key: typed.Expr, listed: frozenset[str]) -> str:
    """Return a text, in quotes, that a table's key may have but no row names.

    Returns "else" if any text is possible, and an empty text if all possible texts have a row.
    """
    texts: set[str] = set()
    if isinstance(key, typed.Literal):
        texts = {str(key.value)}
    elif isinstance(key, typed.Column):
        declared = context.contracts[key.steps[-1].target if key.steps else key.root].column(key.name)
        texts = set(declared.values) if declared is not None else set()
    missing = sorted(texts - listed)
    return f'"{missing[0]}"' if missing else "" if texts else "else"
