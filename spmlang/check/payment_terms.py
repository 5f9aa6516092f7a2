"""Check of the terms of payment, typed for the plan's currency."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from spmlang.diagnostics.diagnostic import Label
from spmlang.program.expressions import Column, Expr
from spmlang.program.payment_terms import Draw, Guarantee, Hold, Negative, Release, ReleaseWith, Terms
from spmlang.program.types import DATE, Kind
from spmlang.syntax import ast
from spmlang.values.money import rate_text

from .allowed_references import AllowedReferences
from .context import Context, only_statement, statements_of
from .expressions import type_expression
from .grains import read_grain
from .type_rules import constant_amount, expect_flag, money_in, same


def build_terms(context: Context, statements: tuple[ast.Statement, ...], currency: str) -> Terms:
    """Build the terms of a plan version. The default for an amount below zero is to carry it forward."""
    negative = only_statement(context, statements, ast.Negative)
    guarantee = only_statement(context, statements, ast.Guarantee)
    return Terms(
        negative=Negative(negative.rule) if negative else Negative.CARRIED,
        negative_most=constant_amount(context, negative.most, currency) if negative and negative.most else None,
        negative_recover_most=negative.recover_most.value if negative and negative.recover_most else None,
        guarantee=_guarantee(context, guarantee, currency) if guarantee else None,
        draws=tuple(sorted(_draws(context, statements_of(statements, ast.Draw), currency), key=lambda draw: draw.name)),
    )


def build_release(
    context: Context, node: ast.Component, sources: set[str] | None
) -> Hold | Release | ReleaseWith | None:
    """Build the hold, instalments or payment with cash of a component; None if its amounts are paid at once.

    `sources` are the sources of the component's lines, or None if they are unknown.
    """
    hold = only_statement(context, node.statements, ast.Hold)
    release = only_statement(context, node.statements, ast.Release)
    cash = only_statement(context, node.statements, ast.ReleaseWith)
    said = [item for item in (hold, release, cash) if item is not None]
    for extra in said[1:]:
        context.report("hold-and-release", extra.span, [Label(said[0].span, "it is said here when amounts are paid")])
    if hold is not None:
        return _hold(context, hold, sources)
    if cash is not None:
        return _with_cash(context, cash, sources)
    return _release(context, release) if release else None


def _with_cash(context: Context, node: ast.ReleaseWith, sources: set[str] | None) -> ReleaseWith | None:
    root = node.cash.root
    scope = AllowedReferences(root=root.text)
    found = [type_expression(context, path, scope) for path in (node.cash, node.of, node.on)]
    if any(item.type.kind is Kind.UNKNOWN for item in found):
        return None
    cash, of, on = found
    if not (isinstance(cash, Column) and isinstance(of, Column) and isinstance(on, Column)):
        return None
    if len(of.steps) != 1 or cash.steps or on.steps or not _is_undated_source(context, sources, of.steps[0].target):
        context.report("cash-of-what", of.span, (), root=root.text, known=_named(sources))
        return None
    if not same(cash.type, of.type) or not cash.type.numeric or on.type != DATE:
        context.report("cash-kinds", node.span, (), cash=cash.type, of=of.type, on=on.type)
        return None
    return ReleaseWith(cash, of, on, node.span)


def _amount(context: Context, value: ast.Expr, currency: str) -> Expr | None:
    typed = type_expression(context, value, AllowedReferences(payee=True))
    return typed if typed.type.kind is not Kind.UNKNOWN and money_in(context, typed, currency) else None


def _guarantee(context: Context, node: ast.Guarantee, currency: str) -> Guarantee | None:
    amount = _amount(context, node.amount, currency)
    return Guarantee(amount, node.periods, node.span) if amount is not None else None


def _draws(context: Context, nodes: Iterable[ast.Draw], currency: str) -> Iterable[Draw]:
    seen: dict[str, ast.Draw] = {}
    for node in nodes:
        first = seen.setdefault(node.name.text, node)
        if first is not node:
            why = [Label(first.name.span, "it is declared here first")]
            context.report("declared-twice", node.name.span, why, name=node.name.text)
        amount = _amount(context, node.amount, currency)
        if amount is not None:
            day, most = node.recover_from, node.recover_most
            yield Draw(
                name=node.name.text,
                amount=amount,
                periods=node.periods,
                recover_from=day.value if day else None,
                recover_most=most.value if most else None,
                span=node.span,
            )


def _is_undated_source(context: Context, sources: set[str] | None, name: str) -> bool:
    """Return True if the source is one of the lines' sources and not dated.

    Then a key names one row. The result is also True if the lines' sources are unknown.
    """
    return sources is None or (name in sources and context.contracts[name].dated is None)


def _named(sources: set[str] | None) -> str:
    """Write the sources of a component's lines for a message."""
    return (
        " or ".join(f"`{name}`" for name in sorted(sources or ()))
        or "the table whose rows the component's measure counts"
    )


def _hold(context: Context, node: ast.Hold, sources: set[str] | None) -> Hold | None:
    if node.part.value > 1:
        context.report("hold-part", node.part.span, part=rate_text(node.part.value))
    if node.test is not None:
        test = expect_flag(context, type_expression(context, node.test, AllowedReferences(payee=True)))
        return Hold(part=node.part.value, grain=None, day=None, test=test, column=None, span=node.span)
    if isinstance(node.until, ast.Path):
        return _until_column(context, node, node.until, sources)
    if isinstance(node.until, ast.Day):
        return Hold(part=node.part.value, grain=None, day=node.until.value, test=None, column=None, span=node.span)
    assert node.until is not None
    grain = read_grain(context, node.until)
    return Hold(part=node.part.value, grain=grain, day=None, test=None, column=None, span=node.span) if grain else None


def _until_column(context: Context, node: ast.Hold, path: ast.Path, sources: set[str] | None) -> Hold | None:
    """Build a hold until a day that a column of the component's lines states."""
    if not _is_undated_source(context, sources, path.root.text):
        context.report("hold-until-what", path.span, (), found=path.span.text, known=_named(sources))
        return None
    column = type_expression(context, path, AllowedReferences(root=path.root.text, optional=True))
    if not isinstance(column, Column):
        return None
    if column.type != DATE or any(context.contracts[step.target].dated is not None for step in column.steps):
        context.report("hold-until-what", path.span, (), found=path.span.text, known=_named(sources))
        return None
    return Hold(part=node.part.value, grain=None, day=None, test=None, column=column, span=node.span)


def _release(context: Context, node: ast.Release) -> Release | None:
    total = sum((part.value for part in node.parts), Fraction(0))
    if total != 1:
        context.report("release-total", node.span, total=rate_text(total))
        return None
    grain = read_grain(context, node.each or ast.GrainWord(node.span, "period"))
    return Release(tuple(part.value for part in node.parts), grain, node.span) if grain else None
