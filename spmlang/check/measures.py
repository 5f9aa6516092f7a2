"""Check of measures: the counted rows, their date, and the credit shares."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from spmlang.diagnostics.diagnostic import Label
from spmlang.program.expressions import AllOf, Column, Expr, Presence
from spmlang.program.measures import (
    CountDistinct,
    CreditRule,
    DateRange,
    DirectCredit,
    GroupCredit,
    Measure,
    Rollup,
    TerritoryCredit,
)
from spmlang.program.types import COUNT, Kind, Type
from spmlang.project.contract import Contract
from spmlang.syntax import ast
from spmlang.values.money import rate_text

from .allowed_references import AllowedReferences
from .context import Context, label_of, only_statement
from .declared_names import declared_source, measure_type
from .expressions import type_expression
from .grains import read_grain
from .type_rules import column_type, expect_flag, same, unknown_column, walk_path
from .unknown_names import report_unknown


def build_measures(context: Context) -> dict[str, Measure]:
    """Build all measures by name, each rollup after the measure it rolls up.

    Fills `context.measure_types`.
    """
    measures: dict[str, Measure] = {}
    for node in _rollups_last(context):
        measure = _rollup(context, node) if _rollup_of(node) else _sourced(context, node)
        if measure is not None:
            measures[measure.name] = measure
            context.measure_types[measure.name] = measure.type
    return measures


def date_range(context: Context, dates: ast.Dates) -> DateRange:
    """Build a range of days. A range that ends before it starts is reported."""
    assert isinstance(dates.start, ast.Day), "only the days of a window may be a template's parameters"
    start, through = dates.start.value, dates.through.value if isinstance(dates.through, ast.Day) else None
    if through is not None and through < start:
        context.report("backward-dates", dates.span, start=start, through=through)
        through = None
    return DateRange(start, through)


def source_of(context: Context, name: str) -> str | None:
    """Return the source whose rows a measure counts, itself or through its rollup.

    Returns None if the measure could not be understood.
    """
    seen: set[str] = set()
    while name in context.measures and name not in seen:
        seen.add(name)
        statements = context.measures[name].statements
        on = next((item for item in statements if isinstance(item, ast.OnDate)), None)
        if on is not None:
            return on.path.root.text
        rollup = next((item for item in statements if isinstance(item, ast.Rollup)), None)
        name = rollup.measure.text if rollup is not None else ""
    return None


def _rollup_of(node: ast.Measure) -> ast.Rollup | None:
    return next((statement for statement in node.statements if isinstance(statement, ast.Rollup)), None)


def _rollups_last(context: Context) -> list[ast.Measure]:
    """Sort rollups after the measures they roll up.

    A circle of rollups is reported. `build_measures` drops its measures, because they have no type.
    """
    ordered: dict[str, ast.Measure] = {}

    def visit(name: str, trail: tuple[str, ...]) -> None:
        node = context.measures.get(name)
        if node is None or name in ordered:
            return
        if name in trail:
            circle = " -> ".join((*trail[trail.index(name) :], name))
            context.report("rollup-circle", node.name.span, circle=circle)
            return
        rollup = _rollup_of(node)
        if rollup is not None and not context.is_too_long(trail, node.name.span):
            visit(rollup.measure.text, (*trail, name))
        ordered.setdefault(name, node)

    for name in context.measures:
        visit(name, ())
    return list(ordered.values())


def _rollup(context: Context, node: ast.Measure) -> Measure | None:
    """Build a measure that is a rollup; None if it has a mistake, which is reported."""
    rollup = only_statement(context, node.statements, ast.Rollup)
    assert rollup is not None
    for other in node.statements:
        if not isinstance(other, ast.Rollup | ast.Label):
            why = [Label(rollup.span, "the measure is a rollup")]
            context.report("rollup-alone", other.span, why, name=node.name.text)
    kind = measure_type(context, rollup.measure)
    if context.project.managers is None:
        context.report("no-managers", rollup.span)
        return None
    if kind is None:
        return None
    _declared_currency(context, node, kind)
    return Measure(
        name=node.name.text,
        label=label_of(context, node.statements, node.name.text),
        type=kind,
        source=None,
        value=None,
        where=None,
        on=None,
        credits=(),
        counts=None,
        rollup=Rollup(rollup.measure.text, rollup.overlays, rollup.all_levels),
        distinct=None,
        span=node.span,
    )


def _sourced(context: Context, node: ast.Measure) -> Measure | None:
    """Build a measure that counts rows of a source; None if it has a mistake, which is reported."""
    counted = _counted(context, node)
    on = only_statement(context, node.statements, ast.OnDate)
    credit = only_statement(context, node.statements, ast.Credit)
    where = only_statement(context, node.statements, ast.Where)
    counts = only_statement(context, node.statements, ast.Counts)
    missing = [word for word, found in (("sum", counted), ("on", on), ("credit", credit)) if not found]
    if missing and not node.damaged:
        context.report("measure-lacks", node.name.span, name=node.name.text, word="`, `".join(missing))
    total = next((item for item in counted if isinstance(item, ast.Sum)), None)
    unlike = next((item for item in counted if isinstance(item, ast.CountDistinct)), None)
    root = _root(context, on, next((item for item in counted if isinstance(item, ast.Count)), None))
    if root is None:
        return None
    scope = AllowedReferences(root=root.name, as_of=True)
    value = type_expression(context, total.value, scope) if total else None
    test = expect_flag(context, type_expression(context, where.test, scope)) if where else None
    day = _day(context, on, scope, test) if on else None
    shares = _credits(context, credit, root) if credit else ()
    kind = _type(context, node, value, shares) if counted else None
    distinct = _distinct(context, unlike, scope) if unlike else None
    if missing or day is None or kind is None or len(counted) > 1 or (unlike is not None and distinct is None):
        return None
    return Measure(
        name=node.name.text,
        label=label_of(context, node.statements, node.name.text),
        type=kind,
        source=root.name,
        value=value,
        where=test,
        on=day,
        credits=shares,
        counts=date_range(context, counts.dates) if counts else None,
        rollup=None,
        distinct=distinct,
        span=node.span,
    )


def _counted(context: Context, node: ast.Measure) -> list[ast.Sum | ast.Count | ast.CountDistinct]:
    """Return the statements that say what is summed or counted; report all but the first."""
    total = only_statement(context, node.statements, ast.Sum)
    count = only_statement(context, node.statements, ast.Count)
    distinct = only_statement(context, node.statements, ast.CountDistinct)
    counted = [item for item in (total, count, distinct) if item is not None]
    for extra in counted[1:]:
        why = [Label(counted[0].span, "what it counts is said here")]
        context.report("sum-and-count", extra.span, why)
    return counted


def _root(context: Context, on: ast.OnDate | None, count: ast.Count | None) -> Contract | None:
    """Return the source whose rows are counted.

    The source of the date and the source that is counted must be the same one, and it must have a key.
    """
    counted = declared_source(context, count.source) if count else None
    dated = declared_source(context, on.path.root) if on else None
    if count is not None and on is not None and counted and dated and counted.name != dated.name:
        context.report("other-source", on.path.span, name=dated.name, root=counted.name)
        return None
    found = dated or counted
    if found is not None and not found.key:
        context.report("source-without-key", (count or on).span, source=found.name)  # type: ignore[union-attr]
    return found


def _day(context: Context, on: ast.OnDate, scope: AllowedReferences, where: Expr | None) -> Column | None:
    """Return the column that dates the rows.

    An optional column needs a `where` that excludes rows in which it is empty.
    """
    day = type_expression(context, on.path, replace(scope, optional=True))
    if day.type.kind is Kind.UNKNOWN:
        return None
    if not isinstance(day, Column) or day.type.kind is not Kind.DATE:
        context.report("not-a-date", on.path.span, type=day.type)
        return None
    if any(context.contracts[step.target].dated for step in day.steps):
        context.report("date-through-dated", on.path.span)
        return None
    tests = where.operands if isinstance(where, AllOf) else (where,)
    if day.optional and not any(isinstance(test, Presence) and test.column == day for test in tests):
        context.report("date-optional", on.path.span, column=on.path.span.text)
        return None
    return day


def _distinct(context: Context, node: ast.CountDistinct, scope: AllowedReferences) -> CountDistinct | None:
    column, grain = type_expression(context, node.path, scope), read_grain(context, node.grain)
    if column.type.kind is Kind.UNKNOWN or grain is None:
        return None
    assert isinstance(column, Column)
    return CountDistinct(column, grain)


def _type(context: Context, node: ast.Measure, value: Expr | None, shares: tuple[CreditRule, ...]) -> Type | None:
    """Return the type of the measure: that of its value, with decimal places for the shares of its credits."""
    kind = COUNT if value is None else value.type
    if kind.kind is Kind.UNKNOWN:
        return None
    if kind.kind not in (Kind.MONEY, Kind.COUNT, Kind.NUMBER):
        context.report("sum-of-what", value.span if value else node.span, type=kind)
        return None
    _declared_currency(context, node, kind)
    places = max((_places(share) for share in shares), default=0)
    return Type(kind.kind, kind.currency, kind.scale + places)


def _places(share: CreditRule) -> int:
    """Return the decimal places that a credit share adds to a value."""
    places = share.by.type.scale if isinstance(share, GroupCredit) and share.by is not None else 0
    least = 0
    while (share.share * 10**least).denominator != 1:
        least += 1
    return places + least


def _declared_currency(context: Context, node: ast.Measure, kind: Type) -> None:
    """Report a measure whose declared currency differs from that of its value."""
    if kind.currency != node.currency:
        if kind.currency is None:
            context.report("currency-of-count", node.name.span, name=node.name.text, currency=node.currency, type=kind)
        elif node.currency is None:
            context.report("measure-currency-missing", node.name.span, name=node.name.text, currency=kind.currency)
        else:
            found, wanted = kind.currency, node.currency
            context.report("measure-currency-wrong", node.name.span, name=node.name.text, found=found, wanted=wanted)


def _credits(context: Context, credit: ast.Credit, root: Contract) -> tuple[CreditRule, ...]:
    """Build the credit shares of a measure. Shares that are no overlay must add up to 100%."""
    shares: list[CreditRule] = []
    for node in credit.shares:
        found = _share(context, node, root)
        if found is None:
            return ()
        shares.append(found)
    total = sum((share.share for share in shares if not share.overlay), Fraction(0))
    if all(share.overlay for share in shares):
        context.report("overlay-alone", credit.span)
    elif total != 1:
        context.report("split-total", credit.span, total=rate_text(total))
    return tuple(shares)


def _share(context: Context, node: ast.CreditShare, root: Contract) -> CreditRule | None:
    part, overlay = node.share.value if node.share else Fraction(1), node.overlay
    match node.to:
        case ast.OwnerOf():
            return _owner(context, node.to, root, part=part, overlay=overlay)
        case ast.MembersOf():
            return _members(context, node.to, root, part=part, overlay=overlay)
        case ast.Path():
            return _direct(context, node.to, root, part=part, overlay=overlay)


def _direct(context: Context, path: ast.Path, root: Contract, *, part: Fraction, overlay: bool) -> DirectCredit | None:
    if path.root.text not in context.contracts:
        report_unknown(context, "source", path.root, context.contracts)
        return None
    if path.root.text != root.name:
        context.report("other-source", path.span, name=path.root.text, root=root.name)
        return None
    if not path.members:
        context.report("whole-row", path.span, name=path.root.text)
        return None
    walked = walk_path(context, root.name, path.members[:-1])
    if walked is None:
        return None
    steps, contract, optional = walked
    column = contract.column(path.members[-1].text)
    if column is None:
        unknown_column(context, path.members[-1], contract)
        return None
    if column.references != context.project.roster:
        context.report("credit-not-payee", path.span, column=column.name, roster=context.project.roster)
        return None
    kind = Type(Kind.TEXT)
    return DirectCredit(
        Column(
            type=kind,
            span=path.span,
            root=root.name,
            steps=steps,
            name=column.name,
            optional=optional or column.optional,
        ),
        part,
        overlay,
        path.span,
    )


def _owner(
    context: Context, node: ast.OwnerOf, root: Contract, *, part: Fraction, overlay: bool
) -> TerritoryCredit | None:
    path = node.path
    if path.root.text != root.name:
        context.report("other-source", path.span, name=path.root.text, root=root.name)
        return None
    walked = walk_path(context, root.name, path.members)
    if walked is None:
        return None
    steps, contract, _ = walked
    sources = [item.source.text for item in context.territories.values()]
    understood = not context.undeclared_after_error and all(source in context.contracts for source in sources)
    if contract.name not in sources and understood:
        context.report("no-territories", path.span, source=contract.name)
        return None
    return TerritoryCredit(
        root=root.name, steps=steps, source=contract.name, share=part, overlay=overlay, span=node.span
    )


def _members(
    context: Context, node: ast.MembersOf, root: Contract, *, part: Fraction, overlay: bool
) -> GroupCredit | None:
    """Build the credit share of a group; None if its table does not suit, which is reported."""
    group = type_expression(context, node.path, AllowedReferences(root=root.name, optional=True))
    contract = declared_source(context, node.table)
    if contract is None or group.type.kind is Kind.UNKNOWN:
        return None
    assert isinstance(group, Column)
    key, payee = contract.column(contract.key[0]) if contract.key else None, contract.column("payee")
    fits = key is not None and same(column_type(contract, key.name), group.type)
    if key is None or payee is None or payee.references != context.project.roster or not fits:
        words = {"table": node.table.text, "roster": context.project.roster, "group": group.type}
        context.report("members-table", node.table.span, [Label(contract.span, "the table")], **words)
        return None
    by = None
    if node.by is not None:
        found = type_expression(context, node.by, AllowedReferences(root=contract.name))
        if found.type.kind is Kind.UNKNOWN:
            return None
        if not isinstance(found, Column) or found.steps or found.type.kind is not Kind.RATE:
            context.report("members-share", node.by.span, [Label(contract.span, "the table")], column=node.by.span.text)
            return None
        by = found
    elif not overlay:
        context.report("members-without-share", node.span)
        return None
    return GroupCredit(
        group=group, table=contract.name, key=key.name, by=by, share=part, overlay=overlay, span=node.span
    )
