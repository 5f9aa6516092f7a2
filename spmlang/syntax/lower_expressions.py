"""Lower names, values and expressions from the lossless tree to the abstract tree."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from fractions import Fraction

from spmlang.diagnostics.diagnostic import Diagnostic, Label, diagnose
from spmlang.diagnostics.text import Span

from . import ast
from .tree import Node, Parsed, Token

#: The largest number of digits that a column can hold.
MOST_DIGITS = 38
_LITERALS = {"STRING", "PERCENT", "DATE", "TRUE", "FALSE"}
_LITERAL_RULES = ("money", "number", "below_zero")

#: An amount like `1.500`: one and a half or, in many countries, fifteen hundred. `0.125` and `1.5000` are clear.
_GROUPED = re.compile(r"[1-9]\d{0,2}\.\d{3}")
#: Currencies whose amounts have three decimals, so that a point before three digits groups no thousands.
THREE_DECIMALS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])


class Lowering:
    """The parsed file, the function that lowers a statement within another, and the problems found so far."""

    def __init__(self, parsed: Parsed, lower_statement: Callable[[Lowering, Node], ast.Statement]) -> None:
        self.parsed = parsed
        self.lower_statement = lower_statement
        self.problems: list[Diagnostic] = []

    def span(self, node: Node | Token) -> Span:
        """Return the span of a node or token."""
        return Span(self.parsed.source, node.start, node.end)

    def name(self, node: Node, index: int = 0) -> ast.Name:
        """Return the node's direct name with the given index, from 0."""
        tokens = [child for child in node.children if isinstance(child, Token) and child.kind == "NAME"]
        return ast.Name(self.span(tokens[index]), tokens[index].text)

    def member(self, token: Token) -> ast.Name:
        """Return a `.name` without its dot."""
        return ast.Name(Span(self.parsed.source, token.start + 1, token.end), token.text[1:])

    def path(self, node: Node) -> ast.Path:
        """Lower `root.member.member`."""
        first, *members = node.tokens()
        root = ast.Name(self.span(first), first.text)
        return ast.Path(self.span(node), root, tuple([self.member(token) for token in members]))

    def day(self, token: Token) -> ast.Day:
        """Lower a date. An impossible one is reported and read as January 1 of its year."""
        try:
            value = date.fromisoformat(token.text)
        except ValueError:
            self.problems.append(diagnose("impossible-date", self.span(token), found=token.text))
            value = date(max(1, int(token.text[:4])), 1, 1)
        return ast.Day(self.span(token), value)

    def percent(self, token: Token) -> ast.Percent:
        """Lower `6.5%` to 0.065."""
        value, places = self.digits(token)
        return ast.Percent(self.span(token), value / 100, places + 2)

    def percent_in(self, node: Node) -> ast.Percent:
        """Lower the node's percentage."""
        token = node.token("PERCENT")
        assert token is not None
        return self.percent(token)

    def number(self, node: Node) -> ast.Number:
        """Lower a number, which may be negative."""
        value, places = self._signed(node)
        return ast.Number(self.span(node), value, places)

    def money(self, node: Node) -> ast.Money:
        """Lower an amount with its currency, which may be negative. An ambiguous point is reported."""
        value, places = self._signed(node)
        currency = node.token("CURRENCY")
        assert currency is not None
        digits = node.token("NUMBER")
        has_three = currency.text in THREE_DECIMALS
        if digits is not None and not has_three and _GROUPED.fullmatch(digits.text):
            grouped, point = digits.text.replace(".", "_"), f"{digits.text}0"
            self.problems.append(
                diagnose("point-ambiguous", self.span(node), found=digits.text, grouped=grouped, point=point)
            )
        return ast.Money(self.span(node), value, places, currency.text)

    def bound(self, child: Node | Token) -> ast.Percent | ast.Money | ast.Number:
        """Lower a tier's bound."""
        return self.percent(child) if isinstance(child, Token) else self.signed(child)

    def signed(self, node: Node) -> ast.Percent | ast.Money | ast.Number:
        """Lower a percentage below zero, or an amount or a number of either sign."""
        if node.kind == "below_zero":
            found = self.percent_in(node)
            return ast.Percent(self.span(node), -found.value, found.places)
        return self.money(node) if node.kind == "money" else self.number(node)

    def whole(self, token: Token) -> int:
        """Return the value of a whole number."""
        return int(self.digits(token)[0])

    def digits(self, token: Token) -> tuple[Fraction, int]:
        """Return a token's number and its decimal places.

        A number with too many digits is reported and read as 1.
        """
        text = token.text.rstrip("%").replace("_", "")
        if len(text) > MOST_DIGITS + 1:
            self.problems.append(
                diagnose("too-many-digits", self.span(token), found=sum(map(str.isdigit, text)), most=MOST_DIGITS)
            )
            text = "1"
        whole, _, places = text.partition(".")
        return Fraction(int(whole + places), 10 ** len(places)), len(places)

    def _signed(self, node: Node) -> tuple[Fraction, int]:
        token = node.token("NUMBER") or node.token("INT")
        assert token is not None
        value, places = self.digits(token)
        return (-value if node.token("MINUS") else value), places


def is_expression(child: Node | Token) -> bool:
    """Return True if the node or token may be an operand."""
    if isinstance(child, Token):
        return child.kind in _LITERALS
    return child.kind in _EXPRESSIONS or child.kind in _LITERAL_RULES


def lower_literal(context: Lowering, child: Node | Token) -> ast.Literal:
    """Lower a constant."""
    span = context.span(child)
    if isinstance(child, Node):
        return context.signed(child)
    match child.kind:
        case "STRING":
            return ast.Text(span, child.text[1:-1])
        case "PERCENT":
            return context.percent(child)
        case "DATE":
            return context.day(child)
    return ast.Flag(span, child.kind == "TRUE")


def lower_expression(context: Lowering, child: Node | Token) -> ast.Expr:
    """Lower an expression."""
    if isinstance(child, Token) or child.kind in _LITERAL_RULES:
        return lower_literal(context, child)
    return _EXPRESSIONS[child.kind](context, child, context.span(child))


def _operands(child: Node) -> list[Node | Token]:
    return [part for part in child.children if is_expression(part)]


def _lower_operands(context: Lowering, child: Node) -> tuple[ast.Expr, ...]:
    return tuple(lower_expression(context, part) for part in _operands(child))


def _first_operand(context: Lowering, child: Node) -> ast.Expr:
    return lower_expression(context, _operands(child)[0])


def _measure_to_date(context: Lowering, node: Node, span: Span) -> ast.MeasureToDate:
    over = _over(context, node)
    assert over is not None
    return ast.MeasureToDate(span, context.name(node), over)


def _ratio(context: Lowering, node: Node, span: Span) -> ast.RatioOf:
    top, bottom, otherwise = _operands(node)
    return ast.RatioOf(
        span, lower_expression(context, top), lower_expression(context, bottom), lower_literal(context, otherwise)
    )


def _lookup(context: Lowering, node: Node, span: Span) -> ast.Lookup:
    keys = node.nodes("keys")
    return ast.Lookup(span, context.name(node), _lower_operands(context, keys[0] if keys else node))


def _rounded(context: Lowering, node: Node, span: Span) -> ast.Rounded:
    mode = next((" ".join(token.text for token in part.tokens()) for part in node.nodes("mode")), None)
    value, step = _operands(node)
    return ast.Rounded(span, lower_expression(context, value), mode, lower_literal(context, step))


def _converted(context: Lowering, node: Node, span: Span) -> ast.Converted:
    value, rate = _lower_operands(context, node)
    currency = node.token("CURRENCY")
    assert currency is not None
    return ast.Converted(span, value, currency.text, rate)


def _any_of(context: Lowering, node: Node, span: Span) -> ast.AnyOf:
    _report_mixed_and_or(context, _operands(node))
    return ast.AnyOf(span, _lower_operands(context, node))


def _membership(context: Lowering, node: Node, span: Span) -> ast.InList:
    value, *options = _operands(node)
    listed = tuple(lower_literal(context, part) for part in options)
    return ast.InList(span, lower_expression(context, value), listed, node.token("NOT") is not None)


def _fallback(context: Lowering, node: Node, span: Span) -> ast.OrElse:
    first, otherwise = _operands(node)
    path = lower_expression(context, first)
    assert isinstance(path, ast.Path | ast.AsOf)
    return ast.OrElse(span, path, lower_literal(context, otherwise))


def _comparison(context: Lowering, node: Node, span: Span) -> ast.Compare:
    left, right = _lower_operands(context, node)
    return ast.Compare(span, _operator(node), left, right)


def _binary(context: Lowering, node: Node, span: Span) -> ast.Binary:
    left, right = _lower_operands(context, node)
    return ast.Binary(span, _operator(node), left, right)


def _operator(node: Node) -> str:
    """Return the words or the sign between two operands."""
    token = next(part for part in node.children if isinstance(part, Token) and not is_expression(part))
    return " ".join(token.text.split())


def _over(context: Lowering, node: Node) -> ast.GrainWord | None:
    """Return the interval of `year to date` or `year so far`, or None."""
    found = node.nodes("to_date") or node.nodes("so_far")
    grain = found[0].nodes("grain")[0] if found else None
    return ast.GrainWord(context.span(grain), next(grain.tokens()).text) if grain else None


def _as_of(context: Lowering, node: Node, span: Span) -> ast.AsOf:
    path, grain = node.nodes("path")[0], node.nodes("grain")[0]
    word = ast.GrainWord(context.span(grain), next(grain.tokens()).text)
    return ast.AsOf(span, context.path(path), node.token("AS_OF_END") is not None, word)


def _back(context: Lowering, node: Node) -> ast.GrainWord:
    """Return the grain in `a year before`."""
    token = node.token("EARLIER")
    assert token is not None
    return ast.GrainWord(context.span(token), token.text.split()[1])


def _report_mixed_and_or(context: Lowering, operands: list[Node | Token]) -> None:
    """Report an `and` beside an `or` without parentheses."""
    mixed = next((part for part in operands if part.kind == "all_of"), None)
    if mixed is not None:
        or_word = Label(context.span(mixed), "this `and` is beside an `or`")
        context.problems.append(diagnose("mixed-and-or", context.span(mixed), why=[or_word]))


#: The functions that lower the rules of expressions. A rule with a value of its own is a literal.
_EXPRESSIONS: dict[str, Callable[[Lowering, Node, Span], ast.Expr]] = {
    "parenthesis": lambda context, node, _: _first_operand(context, node),
    "path": lambda context, node, _: context.path(node),
    "as_of": _as_of,
    "attainment": lambda context, node, span: ast.AttainmentOf(
        span, context.name(node), _over(context, node), bool(node.nodes("so_far"))
    ),
    "measure_to_date": _measure_to_date,
    "measure_before": lambda context, node, span: ast.MeasureBefore(span, context.name(node), _back(context, node)),
    "quota_of": lambda context, node, span: ast.QuotaOf(span, context.name(node)),
    "earning_of": lambda context, node, span: ast.EarningOf(span, context.name(node)),
    "ratio": _ratio,
    "lookup": _lookup,
    "rounded": _rounded,
    "converted": _converted,
    "all_of": lambda context, node, span: ast.AllOf(span, _lower_operands(context, node)),
    "any_of": _any_of,
    "negation": lambda context, node, span: ast.Not(span, _first_operand(context, node)),
    "still_here": lambda _, __, span: ast.OnPlanAtEnd(span),
    "presence": lambda context, node, span: ast.IsPresent(span, _first_operand(context, node)),
    "membership": _membership,
    "fallback": _fallback,
    "comparison": _comparison,
    "addition": _binary,
    "bounded": _binary,
    "multiplication": _binary,
}
