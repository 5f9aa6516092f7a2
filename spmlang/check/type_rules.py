"""Types of columns and constants, and messages about types that do not agree."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from spmlang.diagnostics.diagnostic import Fix
from spmlang.diagnostics.suggest import did_you_mean
from spmlang.program import expressions as typed
from spmlang.program.types import COUNT, DATE, FLAG, TEXT, Kind, Type, money, rate
from spmlang.project.contract import ColumnKind, Contract
from spmlang.syntax import ast
from spmlang.values.money import minor_places

from .context import Context
from .number_meanings import as_rate_of, how_to_write, written_number

#: With more decimal places than this, fewer than 20 of the engines' 38 digits are left before the point.
MOST_PLACES = 18


def column_type(contract: Contract, name: str) -> Type:
    """Return the type of a contract's column."""
    column = contract.column(name)
    assert column is not None
    match column.kind:
        case ColumnKind.MONEY:
            return money(column.currency or "", column.scale)
        case ColumnKind.COUNT:
            return COUNT
        case ColumnKind.DATE:
            return DATE
        case ColumnKind.TEXT:
            return TEXT
        case ColumnKind.FLAG:
            return FLAG
    return Type(Kind(column.kind.value), None, column.scale)


def same(left: Type, right: Type) -> bool:
    """Return True if two values may be compared or added: same kind and currency, or a count and a number.

    An unknown type agrees with every type.
    """
    if Kind.UNKNOWN in (left.kind, right.kind):
        return True
    if {left.kind, right.kind} == {Kind.COUNT, Kind.NUMBER}:
        return True
    return left.kind == right.kind and left.currency == right.currency


def literal(node: ast.Literal) -> typed.Literal:
    """Build a typed constant."""
    match node:
        case ast.Text():
            return typed.Literal(TEXT, node.span, node.value)
        case ast.Percent():
            return typed.Literal(rate(node.places), node.span, node.value)
        case ast.Money():
            return typed.Literal(money(node.currency, node.places), node.span, node.value)
        case ast.Number():
            kind = COUNT if node.places == 0 else Type(Kind.NUMBER, None, node.places)
            return typed.Literal(kind, node.span, node.value)
        case ast.Day():
            return typed.Literal(DATE, node.span, node.value)
    return typed.Literal(FLAG, node.span, node.value)


def disagreement(left: typed.Expr, right: typed.Expr) -> str:
    """Return the remedy for two values of different types."""
    kinds = {left.type.kind, right.type.kind}
    plain = next((side for side in (left, right) if side.type.kind in (Kind.COUNT, Kind.NUMBER)), None)
    if kinds == {Kind.MONEY}:
        return "Amounts in different currencies do not mix: use one currency."
    if plain is not None and (Kind.RATE in kinds or Kind.MONEY in kinds):
        return how_to_write(right.type if plain is left else left.type, plain)
    if kinds == {Kind.MONEY, Kind.RATE}:
        return "A rate applies to money by `of`: `5% of bookings`."
    written = next((side.value for side in (left, right) if isinstance(side, typed.Literal)), None)
    if (
        Kind.TEXT in kinds
        and isinstance(written, str)
        and kinds & {Kind.DATE, Kind.MONEY, Kind.RATE, Kind.NUMBER, Kind.COUNT}
    ):
        return f"Only texts have quotes. Write `{written}` without them, as the contract in spm.yaml says."
    if Kind.TEXT in kinds:
        return 'A text stands in quotes ("…"), a number does not; write both sides as the contract in spm.yaml says.'
    return "Make both sides the same kind of value."


def money_in(context: Context, value: typed.Expr, currency: str) -> bool:
    """Report an expression that is not money in the plan's currency.

    Returns True if it is, or if the expression was reported already.
    """
    if value.type.kind is Kind.UNKNOWN:
        return True
    if value.type.kind is not Kind.MONEY:
        hint = f"Write an amount such as `500.00 {currency}`, without quotes."
        if value.type.kind is Kind.RATE:
            hint = "Say what the rate applies to: `5% of bookings`."
        if value.type.kind is Kind.FLAG:
            hint = "Write the condition on a line of its own, `when …`, and here the amount that is paid."
        if value.type.kind in (Kind.COUNT, Kind.NUMBER):
            hint = (
                f"Write the amount with its currency: `{written_number(value)} {currency}`."
                if isinstance(value, typed.Literal)
                else f"Multiply it with an amount: `… * 50.00 {currency}`."
            )
        context.report("not-money", value.span, found=value.type, hint=hint)
        return False
    if value.type.currency != currency:
        context.report("wrong-currency", value.span, found=value.type.currency, wanted=currency)
        return False
    return True


def constant_amount(context: Context, node: ast.Expr, currency: str) -> Fraction | None:
    """Return an amount that is written out: not below zero, and in whole minor units of the currency.

    Any other expression is reported, and None is returned.
    """
    if not isinstance(node, ast.Money):
        context.report("constant-needed", node.span, wanted=f"an amount in {currency}", found=node.span.text)
        return None
    if node.currency != currency:
        context.report("wrong-currency", node.span, found=node.currency, wanted=currency)
        return None
    if node.value < 0 or node.places > minor_places(currency):
        context.report("budget-amount", node.span, currency=currency)
        return None
    return node.value


def expect_flag(context: Context, node: typed.Expr) -> typed.Expr:
    """Return the expression; report it if it is not a condition."""
    if node.type.kind not in (Kind.FLAG, Kind.UNKNOWN):
        hint = "Compare it with something."
        if node.type.kind is Kind.TEXT and isinstance(node, typed.Literal):
            hint = 'Each condition is complete in itself; of several texts ask `column in ("…", "…")`.'
        context.report("not-a-condition", node.span, type=node.type, hint=hint)
    return node


def walk_path(
    context: Context, root: str, members: tuple[ast.Name, ...]
) -> tuple[tuple[typed.Step, ...], Contract, bool] | None:
    """Follow references from the source `root`.

    Returns the steps, the contract reached, and whether a reference on the way may be empty. A name that is no column
    or no reference is reported, and the result is None.
    """
    contract = context.contracts[root]
    steps: list[typed.Step] = []
    optional = False
    for member in members:
        column = contract.column(member.text)
        if column is None:
            unknown_column(context, member, contract)
            return None
        if column.references is None:
            context.report("not-a-reference", member.span, column=member.text, source=contract.name)
            return None
        steps.append(typed.Step(member.text, column.references))
        optional = optional or column.optional
        contract = context.contracts[column.references]
    return tuple(steps), contract, optional


def unknown_column(context: Context, name: ast.Name, contract: Contract) -> None:
    """Report a column that a source does not declare."""
    names = [column.name for column in contract.columns]
    hint = did_you_mean(name.text, names)
    known = ", ".join(names)
    context.report("unknown-column", name.span, source=contract.name, name=name.text, hint=hint, known=known)


def product_type(context: Context, node: ast.Binary, left: typed.Expr, right: typed.Expr) -> Type | None:
    """Return the type of a product; report factors that do not fit the operator `*`, `of` or `per`."""
    if node.operator == "of" and left.type.kind is not Kind.RATE:
        hint, better = as_rate_of(left, node.right.span)
        fix = Fix(*better) if better else None
        context.report_mended(fix, "of-wants-rate", left.span, found=left.span.text, type=left.type, hint=hint)
        return None
    if node.operator == "per" and (
        left.type.kind is not Kind.MONEY or right.type.kind not in (Kind.COUNT, Kind.NUMBER)
    ):
        context.report("per-wants-count", node.span, left=left.type, right=right.type)
        return None
    scale = left.type.scale + right.type.scale
    amounts = [kind for kind in (left.type, right.type) if kind.kind is Kind.MONEY]
    if len(amounts) == 2:
        context.report("money-times-money", node.span)
        return None
    if amounts:
        return replace(amounts[0], scale=scale)
    kinds = {left.type.kind, right.type.kind}
    kind = Kind.RATE if kinds == {Kind.RATE} else Kind.COUNT if kinds == {Kind.COUNT} else Kind.NUMBER
    return Type(kind, None, scale)
