"""Lower the lossless tree to the abstract tree: declarations and statements. Expressions: `lower_expressions.py`."""

from __future__ import annotations

from collections.abc import Callable

from spmlang.diagnostics.diagnostic import Diagnostic, diagnose
from spmlang.diagnostics.text import Span

from . import ast
from .lower_examples import example_plan, given
from .lower_expressions import Lowering, is_expression, lower_expression, lower_literal
from .tree import Node, Parsed, Token

#: The largest number of a version, because outputs store it in 32 bits.
LAST_VERSION = 2_147_483_647
_MONTHS = "January February March April May June July August September October November December".split()
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_TIES = ("SHARE", "HIGHER", "LOWER")
_KINDS = ("COMMISSION", "BONUS", "SPIF")


def lower(parsed: Parsed) -> tuple[ast.File, list[Diagnostic]]:
    """Return the abstract tree of a parsed file, and the problems found while lowering.

    Such problems are, for example, an impossible date, or `and` mixed with `or`.
    """
    context = Lowering(parsed)
    items = tuple(_item(context, item.node, item.damaged) for item in parsed.items)
    return ast.File(items, parsed.lost), context.problems


def _item(context: Lowering, item: Node, damaged: bool) -> ast.TopLevel:
    node = item.nodes()[0]
    span = context.span(node)
    words = node.tokens()
    if node.kind == "use":
        path = tuple(token.text.lstrip(".") for token in words if token.kind in ("NAME", "MEMBER"))
        return ast.Use(span, path)
    statements = tuple(_all_statements(context, node))
    if node.kind == "example":
        title = node.token("STRING")
        assert title is not None
        return ast.Example(span, ast.Name(context.span(title), title.text[1:-1]), statements, damaged)
    name = context.name(node)
    match node.kind:
        case "calendar":
            return ast.Calendar(span, name, statements, damaged)
        case "measure":
            currency = node.token("CURRENCY")
            return ast.Measure(span, name, statements, damaged, currency.text if currency else None)
        case "territory":
            return ast.Territory(span, name, statements, damaged, context.name(node, 1))
        case "table":
            return ast.Table(span, name, statements, damaged, node.token("INTERPOLATED") is not None)
        case "quota":
            return _quota(context, node, damaged)
        case "template":
            names = tuple(context.name(node, at) for at in range(1, _names(node)))
            return ast.Template(span, name, statements, damaged, names)
    versions = [_version(context, token) for token in node.children if isinstance(token, Token) and token.kind == "INT"]
    return ast.Plan(span, name, statements, damaged, versions[0], versions[1] if len(versions) > 1 else None)


def _version(context: Lowering, token: Token) -> int:
    """Return the number of a plan version. A number above LAST_VERSION is reported and read as LAST_VERSION."""
    number = context.whole(token)
    if number > LAST_VERSION:
        context.problems.append(diagnose("version-too-large", context.span(token), most=LAST_VERSION))
    return min(number, LAST_VERSION)


def _is(child: Node | Token, kind: str) -> bool:
    return isinstance(child, Token) and child.kind == kind


def _all_statements(context: Lowering, node: Node) -> list[ast.Statement]:
    statements: list[ast.Statement] = []
    for child in node.nodes():
        if child.kind == "given":
            statements += [given(context, fact) for fact in child.nodes()]
        else:
            statements.append(_statement(context, child))
    return statements


def _statement(context: Lowering, node: Node) -> ast.Statement:
    return _STATEMENTS[node.kind](context, node, context.span(node))


def _grain(context: Lowering, node: Node) -> ast.GrainWord | None:
    found = node.nodes("grain")
    return ast.GrainWord(context.span(found[0]), next(found[0].tokens()).text) if found else None


def _grain_of(context: Lowering, node: Node) -> ast.GrainWord:
    grain = _grain(context, node)
    assert grain is not None, "the grammar requires a grain here"
    return grain


def _dates(context: Lowering, node: Node) -> ast.Dates:
    days = [context.day(token) for token in node.children if isinstance(token, Token) and token.kind == "DATE"]
    return ast.Dates(context.span(node), days[0], days[1] if len(days) > 1 else None)


def _expression(context: Lowering, node: Node) -> ast.Expr:
    return lower_expression(context, next(child for child in node.children if is_expression(child)))


def _names(node: Node) -> int:
    return sum(_is(child, "NAME") for child in node.children)


def _text(node: Node) -> str:
    token = node.token("STRING")
    assert token is not None
    return token.text[1:-1]


def _year_starts(context: Lowering, node: Node, span: Span) -> ast.YearStarts:
    month, day, weekday = node.token("MONTH"), node.token("INT"), node.token("WEEKDAY")
    assert month is not None
    return ast.YearStarts(
        span,
        _MONTHS.index(month.text) + 1,
        context.whole(day) if day else 1,
        _WEEKDAYS.index(weekday.text) if weekday else None,
    )


def _credit(context: Lowering, node: Node, span: Span) -> ast.Credit:
    shares = []
    for share in node.nodes("credit_share"):
        to = _credited(context, share.nodes()[0])
        percent = share.token("PERCENT")
        part = context.percent(percent) if percent else None
        shares.append(ast.CreditShare(context.span(share), to, part, share.token("OVERLAY") is not None))
    return ast.Credit(span, tuple(shares))


def _credited(context: Lowering, node: Node) -> ast.Path | ast.OwnerOf | ast.MembersOf:
    if node.kind == "path":
        return context.path(node)
    path, *by = (context.path(part) for part in node.nodes("path"))
    if node.kind == "owner_of":
        return ast.OwnerOf(context.span(node), path)
    return ast.MembersOf(context.span(node), path, context.name(node), by[0] if by else None)


def _members(context: Lowering, node: Node, span: Span) -> ast.Members:
    assigned = node.nodes("assigned")
    if assigned:
        return ast.Members(span, ast.Assigned(context.span(assigned[0]), context.name(assigned[0])))
    return ast.Members(span, _expression(context, node))


def _watch(context: Lowering, node: Node, span: Span) -> ast.Watch:
    figure = " ".join(token.text for token in node.nodes("figure")[0].tokens())
    operator = node.token("COMPARE")
    assert operator is not None
    last = node.children[-1]
    return ast.Watch(span, context.name(node), figure, operator.text, lower_literal(context, last))


def _tiers(context: Lowering, node: Node, span: Span) -> ast.Tiers:
    words = {token.kind for token in node.children if isinstance(token, Token)}
    basis = next((word.lower() for word in ("ATTAINMENT", "AMOUNT") if word in words), None)
    mode = next((word.lower() for word in ("MARGINAL", "RETROACTIVE") if word in words), None)
    quota = context.name(node) if node.token("OF") is not None else None
    return ast.Tiers(span, basis, mode, quota, tuple(_tier(context, row) for row in node.nodes("tier")))


def _tier(context: Lowering, node: Node) -> ast.Tier:
    colon = next(index for index, child in enumerate(node.children) if _is(child, "COLON"))
    bounds = [
        context.bound(child) for child in node.children[:colon] if isinstance(child, Node) or child.kind == "PERCENT"
    ]
    value = lower_expression(context, node.children[colon + 1])
    return ast.Tier(context.span(node), bounds[0], bounds[1] if len(bounds) > 1 else None, value)


def _rounding(context: Lowering, node: Node, span: Span) -> ast.Rounding:
    step, mode = node.nodes("number"), node.nodes("mode")
    return ast.Rounding(
        span,
        "line" if node.token("LINE") else "payee and period",
        context.number(step[0]) if step else None,
        " ".join(token.text for token in mode[0].tokens()) if mode else None,
    )


def _component_kind(node: Node) -> str:
    return next(child.text for child in node.children if isinstance(child, Token) and child.kind in _KINDS)


def _remove(context: Lowering, node: Node, span: Span) -> ast.Remove:
    own = node.nodes("property_word")
    if own:
        word = next(own[0].tokens()).text
        return ast.Remove(span, word, ast.Name(context.span(own[0]), word), None)
    kind = next(child.text for child in node.children[1:] if isinstance(child, Token))
    part = node.nodes("part_word")
    return ast.Remove(span, kind, context.name(node), next(part[0].tokens()).text if part else None)


def _inner(context: Lowering, node: Node) -> ast.Statement:
    inner = node.nodes()[0]
    return _statement(context, inner)


def _percents(context: Lowering, node: Node) -> tuple[ast.Percent, ...]:
    return tuple(context.percent(token) for token in node.tokens() if token.kind == "PERCENT")


def _ranks(context: Lowering, node: Node, span: Span) -> ast.Ranks:
    ties = next(token.kind for token in node.children if isinstance(token, Token) and token.kind in _TIES)
    rows = tuple(_place(context, row) for row in node.nodes("place"))
    return ast.Ranks(span, _expression(context, node), ties.lower(), rows)


def _place(context: Lowering, node: Node) -> ast.Place:
    low, *high = [context.whole(token) for token in node.children if isinstance(token, Token) and token.kind == "INT"]
    prize = lower_expression(context, node.children[-1]) if node.token("NAME") is None else _parameter(context, node)
    return ast.Place(context.span(node), low, high[0] if high else low, prize)


def _pool(context: Lowering, node: Node, span: Span) -> ast.Pool:
    if node.token("FROM") is not None:
        return ast.Pool(span, None, context.name(node))
    return ast.Pool(span, _amount(context, node), None)


def _amount(context: Lowering, node: Node) -> ast.Expr:
    """Lower the node's amount, or the parameter in its place."""
    amount = node.nodes("money")
    return context.money(amount[0]) if amount else _parameter(context, node)


def _parameter(context: Lowering, node: Node) -> ast.Path:
    """Lower the name of a template's parameter."""
    name = context.name(node)
    return ast.Path(name.span, name, ())


def _window(context: Lowering, node: Node, span: Span) -> ast.Window:
    days: list[ast.Expr] = []
    for child in node.children:
        if isinstance(child, Token) and child.kind == "DATE":
            days.append(context.day(child))
        elif isinstance(child, Token) and child.kind == "NAME":
            name = ast.Name(context.span(child), child.text)
            days.append(ast.Path(name.span, name, ()))
    return ast.Window(span, ast.Dates(span, days[0], days[1] if len(days) > 1 else None))


def _argument(context: Lowering, node: Node) -> ast.Argument:
    return ast.Argument(context.span(node), context.name(node), lower_expression(context, node.children[-1]))


def _periods(context: Lowering, node: Node) -> int | None:
    found = node.nodes("first_periods")
    count = found[0].token("INT") if found else None
    return context.whole(count) if count else None


def _negative(context: Lowering, node: Node, span: Span) -> ast.Negative:
    words = [token.text for token in node.tokens() if token.kind in ("CARRIED", "FORWARD", "FORGIVEN", "CHARGED")]
    most, back = node.nodes("money"), node.token("PERCENT")
    return ast.Negative(
        span, " ".join(words), context.money(most[0]) if most else None, context.percent(back) if back else None
    )


def _draw(context: Lowering, node: Node, span: Span) -> ast.Draw:
    recovery = node.nodes("recovery")
    day = recovery[0].token("DATE") if recovery else None
    most = recovery[0].token("PERCENT") if recovery else None
    return ast.Draw(
        span,
        context.name(node),
        _expression(context, node),
        _periods(context, node),
        context.day(day) if day else None,
        context.percent(most) if most else None,
    )


def _hold(context: Lowering, node: Node, span: Span) -> ast.Hold:
    part = context.percent_in(node)
    if node.token("WHILE") is not None:
        return ast.Hold(span, part, None, lower_expression(context, node.children[-1]))
    day, path = node.token("DATE"), node.nodes("path")
    if path:
        return ast.Hold(span, part, context.path(path[0]), None)
    return ast.Hold(span, part, context.day(day) if day else _grain_of(context, node), None)


def _quota(context: Lowering, node: Node, damaged: bool = False) -> ast.Quota:
    name = context.name(node)
    measure = context.name(node, 1) if node.token("OF") is not None else name
    return ast.Quota(context.span(node), name, tuple(_all_statements(context, node)), damaged, measure)


def _table_row(context: Lowering, node: Node, span: Span) -> ast.TableRow:
    keys = tuple(_table_key(context, key) for key in node.nodes("table_key"))
    return ast.TableRow(span, keys, lower_literal(context, node.children[-1]))


def _table_key(context: Lowering, node: Node) -> ast.TableKey:
    span, text = context.span(node), node.token("STRING")
    bounds = [context.bound(child) for child in node.children if isinstance(child, Node) or child.kind == "PERCENT"]
    if text is not None or not bounds:
        return ast.TableKey(span, None, None, text.text[1:-1] if text else None, False)
    if node.token("BELOW") is not None:
        return ast.TableKey(span, None, bounds[0], None, False)
    point = node.token("TO") is None and node.token("AND") is None
    return ast.TableKey(span, bounds[0], bounds[1] if len(bounds) > 1 else None, None, point)


_STATEMENTS: dict[str, Callable[[Lowering, Node, Span], ast.Statement]] = {
    "label": lambda _, n, s: ast.Label(s, _text(n)),
    "year_starts": _year_starts,
    "pay_frequency": lambda _, n, s: ast.PayFrequency(s, list(n.tokens())[1].text),
    "weeks": lambda _, n, s: ast.Weeks(s, _pattern(list(n.tokens())[1].text)),
    "sum": lambda c, n, s: ast.Sum(s, _expression(c, n)),
    "count_distinct": lambda c, n, s: ast.CountDistinct(s, c.path(n.nodes("path")[0]), _grain_of(c, n)),
    "count": lambda c, n, s: ast.Count(s, c.name(n)),
    "rollup": lambda c, n, s: ast.Rollup(
        s, c.name(n), n.token("OVERLAYS") is not None, n.token("MANAGERS") is not None
    ),
    "where": lambda c, n, s: ast.Where(s, _expression(c, n)),
    "on_date": lambda c, n, s: ast.OnDate(s, c.path(n.nodes("path")[0])),
    "credit": _credit,
    "counts": lambda c, n, s: ast.Counts(s, _dates(c, n)),
    "covers": lambda c, n, s: ast.Covers(s, _expression(c, n)),
    "except": lambda c, n, s: ast.Except(s, tuple(c.name(n, at) for at in range(_names(n)))),
    "owner": lambda c, n, s: ast.Owner(s, _text(n), _dates(c, n)),
    "owners": lambda c, n, s: ast.Owners(s, c.name(n)),
    "code": lambda _, n, s: ast.Code(s, _text(n)),
    "quota_from": lambda c, n, s: ast.QuotaFrom(s, c.name(n), _grain_of(c, n)),
    "target": lambda c, n, s: ast.Target(s, _expression(c, n), _grain_of(c, n)),
    "ramp": lambda c, n, s: ast.Ramp(s, _percents(c, n)),
    "spread": lambda c, n, s: ast.Spread(s, _percents(c, n)),
    "prorate": lambda _, n, s: ast.Prorate(s, n.token("WORKING") is not None, n.token("PLAN") is not None),
    "prorated": lambda _, n, s: ast.Prorate(s, n.token("WORKING") is not None, False),
    "adjust": lambda c, n, s: ast.Adjust(s, c.name(n)),
    "zero": lambda c, n, s: ast.Zero(s, c.percent_in(n)),
    "missing": lambda c, n, s: ast.Missing(s, c.percent_in(n)),
    "effective": lambda c, n, s: ast.Effective(s, _dates(c, n)),
    "members": _members,
    "currency": lambda _, n, s: ast.Currency(s, list(n.tokens())[1].text),
    "reason": lambda _, n, s: ast.Reason(s, _text(n)),
    "gap": lambda _, n, s: ast.Gap(s, _text(n)),
    "threshold": lambda c, n, s: ast.Threshold(s, c.percent_in(n)),
    "revenue": lambda c, n, s: ast.Revenue(s, c.name(n)),
    "watch": _watch,
    "cap": lambda c, n, s: ast.Cap(s, _expression(c, n), _grain(c, n)),
    "on_measure": lambda c, n, s: ast.OnMeasure(s, c.name(n), _grain(c, n)),
    "each": lambda c, n, s: ast.Each(s, _grain_of(c, n)),
    "window": _window,
    "when": lambda c, n, s: ast.When(s, _expression(c, n)),
    "gate": lambda c, n, s: ast.Gate(s, _expression(c, n)),
    "pays": lambda c, n, s: ast.Pays(s, _expression(c, n)),
    "tiers": _tiers,
    "ranks": _ranks,
    "pool": _pool,
    "rounding": _rounding,
    "budget": lambda c, n, s: ast.Budget(s, _amount(c, n), n.token("FIRST") is not None),
    "apply": lambda c, n, s: ast.Apply(s, c.name(n), tuple(_argument(c, item) for item in n.nodes("argument"))),
    "negative": _negative,
    "guarantee": lambda c, n, s: ast.Guarantee(s, _expression(c, n), _periods(c, n)),
    "draw": _draw,
    "hold": _hold,
    "release": lambda c, n, s: ast.Release(s, _percents(c, n), _grain(c, n)),
    "release_with": lambda c, n, s: ast.ReleaseWith(s, *(c.path(path) for path in n.nodes("path"))),
    "component": lambda c, n, s: ast.Component(s, _component_kind(n), c.name(n), tuple(_all_statements(c, n))),
    "component_part": lambda c, n, s: ast.ComponentStatement(
        s, _component_kind(n), c.name(n), _statement(c, n.nodes()[0])
    ),
    "quota": lambda c, n, _: _quota(c, n),
    "table_row": _table_row,
    "replace": lambda c, n, s: ast.Replace(s, _inner(c, n)),
    "add": lambda c, n, s: ast.Add(s, _inner(c, n)),
    "remove": _remove,
    "example_plan": example_plan,
    "expect": lambda c, n, s: ast.Expect(s, c.name(n), c.money(n.nodes("money")[0])),
}


def _pattern(text: str) -> tuple[int, int, int]:
    first, second, third = (int(part) for part in text.split("-"))
    return first, second, third
