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
_RULES = {
    "any_of",
    "all_of",
    "negation",
    "comparison",
    "membership",
    "presence",
    "still_here",
    "addition",
    "multiplication",
    "path",
    "as_of",
    "bounded",
    "fallback",
    "attainment",
    "measure_to_date",
    "measure_before",
    "quota_of",
    "earning_of",
    "ratio",
    "lookup",
    "rounded",
    "converted",
    "parenthesis",
    "money",
    "number",
    "below_zero",
}


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
    return child.kind in (_LITERALS if isinstance(child, Token) else _RULES)


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
    if isinstance(child, Token) or child.kind in ("money", "number", "below_zero"):
        return lower_literal(context, child)
    span = context.span(child)
    operands = [part for part in child.children if is_expression(part)]
    match child.kind:
        case "parenthesis":
            return lower_expression(context, operands[0])
        case "path":
            return context.path(child)
        case "as_of":
            return _as_of(context, child)
        case "attainment":
            return ast.AttainmentOf(span, context.name(child), _over(context, child), bool(child.nodes("so_far")))
        case "measure_to_date":
            over = _over(context, child)
            assert over is not None
            return ast.MeasureToDate(span, context.name(child), over)
        case "measure_before":
            return ast.MeasureBefore(span, context.name(child), _back(context, child))
        case "quota_of":
            return ast.QuotaOf(span, context.name(child))
        case "earning_of":
            return ast.EarningOf(span, context.name(child))
        case "ratio":
            top, bottom = (lower_expression(context, part) for part in operands[:2])
            return ast.RatioOf(span, top, bottom, lower_literal(context, operands[2]))
        case "lookup":
            keys = next((part for part in child.nodes("keys")), None)
            parts = [part for part in keys.children if is_expression(part)] if keys else operands
            return ast.Lookup(span, context.name(child), tuple(lower_expression(context, part) for part in parts))
        case "rounded":
            mode = next((" ".join(token.text for token in part.tokens()) for part in child.nodes("mode")), None)
            return ast.Rounded(span, lower_expression(context, operands[0]), mode, lower_literal(context, operands[1]))
        case "converted":
            value, rate = (lower_expression(context, part) for part in operands)
            currency = child.token("CURRENCY")
            assert currency is not None
            return ast.Converted(span, value, currency.text, rate)
        case "all_of":
            return ast.AllOf(span, tuple(lower_expression(context, part) for part in operands))
        case "any_of":
            _report_mixed_and_or(context, operands)
            return ast.AnyOf(span, tuple(lower_expression(context, part) for part in operands))
        case "negation":
            return ast.Not(span, lower_expression(context, operands[0]))
        case "still_here":
            return ast.OnPlanAtEnd(span)
        case "presence":
            return ast.IsPresent(span, lower_expression(context, operands[0]))
        case "membership":
            options = tuple(lower_literal(context, part) for part in operands[1:])
            return ast.InList(span, lower_expression(context, operands[0]), options, child.token("NOT") is not None)
        case "fallback":
            path = lower_expression(context, operands[0])
            assert isinstance(path, ast.Path | ast.AsOf)
            return ast.OrElse(span, path, lower_literal(context, operands[1]))
    left, right = (lower_expression(context, part) for part in operands)
    operator = next(part for part in child.children if isinstance(part, Token) and not is_expression(part)).text
    operator = " ".join(operator.split())
    if child.kind == "comparison":
        return ast.Compare(span, operator, left, right)
    return ast.Binary(span, operator, left, right)


def _over(context: Lowering, node: Node) -> ast.GrainWord | None:
    """Return the interval of `year to date` or `year so far`, or None."""
    found = node.nodes("to_date") or node.nodes("so_far")
    grain = found[0].nodes("grain")[0] if found else None
    return ast.GrainWord(context.span(grain), next(grain.tokens()).text) if grain else None


def _as_of(context: Lowering, node: Node) -> ast.AsOf:
    path, grain = node.nodes("path")[0], node.nodes("grain")[0]
    word = ast.GrainWord(context.span(grain), next(grain.tokens()).text)
    return ast.AsOf(context.span(node), context.path(path), node.token("AS_OF_END") is not None, word)


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
