"""Read the parts of statements from the lossless tree, each function one field of a node of the abstract tree.

The rows of `statements.py` say which parts make which statement. Those of components alone: `component_parts.py`; of
examples: `example_parts.py`.
"""

from __future__ import annotations

from collections.abc import Callable

from . import ast
from .lower_expressions import Lowering, is_expression, lower_expression, lower_literal
from .tree import Node, Token

_MONTHS = "January February March April May June July August September October November December".split()
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

# ---- parts of many statements -----------------------------------------------------------------


def has(terminal: str) -> Callable[[Lowering, Node], bool]:
    """Return a function that tells if a statement has a token of the terminal."""

    def read(_: Lowering, node: Node) -> bool:
        return node.token(terminal) is not None

    return read


def text(_: Lowering, node: Node) -> str:
    """Return the statement's text without its quotes."""
    token = node.token("STRING")
    assert token is not None
    return token.text[1:-1]


def second_word(_: Lowering, node: Node) -> str:
    """Return the word behind the keyword, as in `pay monthly`."""
    return list(node.tokens())[1].text


def name(context: Lowering, node: Node) -> ast.Name:
    """Lower the statement's first name."""
    return context.name(node)


def names(context: Lowering, node: Node) -> tuple[ast.Name, ...]:
    """Lower all names of a list."""
    return tuple(context.name(node, at) for at in range(count_names(node)))


def count_names(node: Node) -> int:
    """Return the number of the node's direct names."""
    return sum(isinstance(child, Token) and child.kind == "NAME" for child in node.children)


def expression(context: Lowering, node: Node) -> ast.Expr:
    """Lower the statement's first expression."""
    return lower_expression(context, next(child for child in node.children if is_expression(child)))


def last_expression(context: Lowering, node: Node) -> ast.Expr:
    """Lower the expression at the end of the statement."""
    return lower_expression(context, node.children[-1])


def last_literal(context: Lowering, node: Node) -> ast.Literal:
    """Lower the constant at the end of the statement."""
    return lower_literal(context, node.children[-1])


def path(context: Lowering, node: Node) -> ast.Path:
    """Lower the statement's first path."""
    return context.path(node.nodes("path")[0])


def second_path(context: Lowering, node: Node) -> ast.Path:
    """Lower the statement's second path."""
    return context.path(node.nodes("path")[1])


def third_path(context: Lowering, node: Node) -> ast.Path:
    """Lower the statement's third path."""
    return context.path(node.nodes("path")[2])


def percent(context: Lowering, node: Node) -> ast.Percent:
    """Lower the statement's percentage."""
    return context.percent_in(node)


def optional_percent(context: Lowering, node: Node) -> ast.Percent | None:
    """Lower the statement's percentage, if it has one."""
    return None if node.token("PERCENT") is None else context.percent_in(node)


def percents(context: Lowering, node: Node) -> tuple[ast.Percent, ...]:
    """Lower all percentages of a list."""
    return tuple(context.percent(token) for token in node.tokens() if token.kind == "PERCENT")


def money(context: Lowering, node: Node) -> ast.Money:
    """Lower the statement's amount."""
    return context.money(node.nodes("money")[0])


def optional_money(context: Lowering, node: Node) -> ast.Money | None:
    """Lower the statement's amount, if it has one."""
    return money(context, node) if node.nodes("money") else None


def money_or_parameter(context: Lowering, node: Node) -> ast.Expr:
    """Lower the statement's amount, or the template's parameter in its place."""
    return optional_money(context, node) or parameter(context, node)


def parameter(context: Lowering, node: Node) -> ast.Path:
    """Lower the name of a template's parameter."""
    found = context.name(node)
    return ast.Path(found.span, found, ())


def optional_grain(context: Lowering, node: Node) -> ast.GrainWord | None:
    """Lower the statement's grain, if it has one."""
    found = node.nodes("grain")
    return ast.GrainWord(context.span(found[0]), next(found[0].tokens()).text) if found else None


def grain(context: Lowering, node: Node) -> ast.GrainWord:
    """Lower the statement's grain."""
    found = optional_grain(context, node)
    assert found is not None, "the grammar requires a grain here"
    return found


def dates(context: Lowering, node: Node) -> ast.Dates:
    """Lower `from D [through D]`."""
    days = [context.day(child) for child in node.children if isinstance(child, Token) and child.kind == "DATE"]
    return ast.Dates(context.span(node), days[0], days[1] if len(days) > 1 else None)


def first_periods(context: Lowering, node: Node) -> int | None:
    """Return the number in `for first 3 periods`, if the statement has it."""
    found = node.nodes("first_periods")
    count = found[0].token("INT") if found else None
    return context.whole(count) if count else None


# ---- calendar ---------------------------------------------------------------------------------


def month(_: Lowering, node: Node) -> int:
    """Return the month's number, from 1."""
    token = node.token("MONTH")
    assert token is not None
    return _MONTHS.index(token.text) + 1


def day_of_month(context: Lowering, node: Node) -> int:
    """Return the day of the month, by default the first."""
    token = node.token("INT")
    return context.whole(token) if token else 1


def weekday(_: Lowering, node: Node) -> int | None:
    """Return the weekday's number, from 0 for Monday, if there is one."""
    token = node.token("WEEKDAY")
    return _WEEKDAYS.index(token.text) if token else None


def week_pattern(context: Lowering, node: Node) -> tuple[int, int, int]:
    """Return the weeks of a quarter's three periods, as in `4-4-5`."""
    first, second, third = (int(part) for part in second_word(context, node).split("-"))
    return first, second, third


# ---- measure ----------------------------------------------------------------------------------


def credit_shares(context: Lowering, node: Node) -> tuple[ast.CreditShare, ...]:
    """Lower the shares of a credit clause."""
    return tuple(_credit_share(context, share) for share in node.nodes("credit_share"))


def _credit_share(context: Lowering, node: Node) -> ast.CreditShare:
    to = _credited(context, node.nodes()[0])
    return ast.CreditShare(context.span(node), to, optional_percent(context, node), node.token("OVERLAY") is not None)


def _credited(context: Lowering, node: Node) -> ast.Path | ast.OwnerOf | ast.MembersOf:
    if node.kind == "path":
        return context.path(node)
    first, *by = (context.path(part) for part in node.nodes("path"))
    if node.kind == "owner_of":
        return ast.OwnerOf(context.span(node), first)
    return ast.MembersOf(context.span(node), first, context.name(node), by[0] if by else None)


# ---- table ------------------------------------------------------------------------------------


def table_keys(context: Lowering, node: Node) -> tuple[ast.TableKey, ...]:
    """Lower the keys of a table's row."""
    return tuple(_table_key(context, key) for key in node.nodes("table_key"))


def _table_key(context: Lowering, node: Node) -> ast.TableKey:
    span, quoted = context.span(node), node.token("STRING")
    bounds = [context.bound(child) for child in node.children if isinstance(child, Node) or child.kind == "PERCENT"]
    if quoted is not None or not bounds:
        return ast.TableKey(span=span, low=None, high=None, text=quoted.text[1:-1] if quoted else None, point=False)
    if node.token("BELOW") is not None:
        return ast.TableKey(span=span, low=None, high=bounds[0], text=None, point=False)
    point = node.token("TO") is None and node.token("AND") is None
    return ast.TableKey(span=span, low=bounds[0], high=bounds[1] if len(bounds) > 1 else None, text=None, point=point)


# ---- plan -------------------------------------------------------------------------------------


def members_test(context: Lowering, node: Node) -> ast.Expr | ast.Assigned:
    """Lower the condition for members, or the table that assigns them."""
    assigned = node.nodes("assigned")
    if assigned:
        return ast.Assigned(context.span(assigned[0]), context.name(assigned[0]))
    return expression(context, node)


def watched_figure(_: Lowering, node: Node) -> str:
    """Return the words of the watched figure, joined by spaces."""
    return " ".join(token.text for token in node.nodes("figure")[0].tokens())


def comparison_sign(_: Lowering, node: Node) -> str:
    """Return the sign of a comparison, such as `<=`."""
    token = node.token("COMPARE")
    assert token is not None
    return token.text


def negative_rule(_: Lowering, node: Node) -> str:
    """Return `carried forward`, `forgiven` or `charged`."""
    return " ".join(
        token.text for token in node.tokens() if token.kind in ("CARRIED", "FORWARD", "FORGIVEN", "CHARGED")
    )


def recovered_from(context: Lowering, node: Node) -> ast.Day | None:
    """Lower the first day on which a draw is recovered, if it is written."""
    recovery = node.nodes("recovery")
    token = recovery[0].token("DATE") if recovery else None
    return context.day(token) if token else None


def most_recovered(context: Lowering, node: Node) -> ast.Percent | None:
    """Lower the largest share of a payout that recovers a draw, if it is written."""
    recovery = node.nodes("recovery")
    return optional_percent(context, recovery[0]) if recovery else None


def arguments(context: Lowering, node: Node) -> tuple[ast.Argument, ...]:
    """Lower the arguments of a template."""
    return tuple(
        ast.Argument(context.span(item), context.name(item), last_expression(context, item))
        for item in node.nodes("argument")
    )


def quota_measure(context: Lowering, node: Node) -> ast.Name:
    """Lower the measure in `quota stretch of bookings`; by default the quota is named as its measure."""
    return context.name(node, 1 if node.token("OF") is not None else 0)


def not_damaged(_: Lowering, __: Node) -> bool:
    """Return False: a mistake in a plan's quota damages the plan."""
    return False


# ---- statements in statements -----------------------------------------------------------------


def statements(context: Lowering, node: Node) -> tuple[ast.Statement, ...]:
    """Lower the statements of a block."""
    return tuple(context.lower_statement(context, child) for child in node.nodes())


def inner_statement(context: Lowering, node: Node) -> ast.Statement:
    """Lower the statement in a change of a version."""
    return context.lower_statement(context, node.nodes()[0])


def removed_kind(_: Lowering, node: Node) -> str:
    """Return what is removed: the word of a property of the plan, or the first word of a named declaration."""
    own = node.nodes("property_word")
    return next(own[0].tokens()).text if own else list(node.tokens())[1].text


def removed_name(context: Lowering, node: Node) -> ast.Name:
    """Lower the name of what is removed; for a property of the plan it is the property's word."""
    own = node.nodes("property_word")
    return ast.Name(context.span(own[0]), next(own[0].tokens()).text) if own else context.name(node)


def removed_part(_: Lowering, node: Node) -> str | None:
    """Return the keyword of the component's statement that is removed, if only a statement is removed."""
    part = node.nodes("part_word")
    return next(part[0].tokens()).text if part else None
