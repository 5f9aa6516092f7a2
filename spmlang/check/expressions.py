"""Type expressions of the syntax tree: resolve names, check that types agree, count decimal places."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from spmlang.diagnostics.diagnostic import Fix, Label
from spmlang.program import expressions as typed
from spmlang.program.types import FLAG, UNKNOWN, Kind, money, rate
from spmlang.syntax import ast
from spmlang.values.calendar import Grain
from spmlang.values.money import is_currency, rate_text
from spmlang.values.rounding import Mode

from .allowed_references import AllowedReferences
from .context import Context
from .declared_names import declared_table, measure_type
from .grains import read_grain
from .impossible_texts import agrees_with_contract, text_without_row
from .number_meanings import as_share, how_to_cover, how_to_round, how_to_write
from .type_rules import (
    MOST_PLACES,
    column_type,
    disagreement,
    expect_flag,
    literal,
    product_type,
    same,
    unknown_column,
    walk_path,
)
from .unknown_names import report_comparison_with_null, report_missing_quotes, report_undeclared


def type_expression(context: Context, node: ast.Expr, scope: AllowedReferences) -> typed.Expr:
    """Build the typed expression.

    A mistake is reported and the part gets the unknown type, so that each mistake is reported once.
    """
    return _Typing(context, scope).expression(node)


class _Typing:
    """The typing of one expression."""

    def __init__(self, context: Context, scope: AllowedReferences) -> None:
        self.context = context
        self.scope = scope

    def expression(self, node: ast.Expr) -> typed.Expr:
        match node:
            case ast.Path():
                return self.require_value(self.path(node))
            case ast.AsOf():
                return self.require_value(self.as_of(node))
            case ast.OrElse():
                return self.fallback(node)
            case ast.AttainmentOf() | ast.QuotaOf():
                return self.attainment_or_quota(node)
            case ast.MeasureToDate():
                return self.to_date(node)
            case ast.MeasureBefore():
                return self.before(node)
            case ast.EarningOf():
                return self.earning(node)
            case ast.RatioOf():
                return self.ratio(node)
            case ast.Lookup():
                return self.lookup(node)
            case ast.Rounded():
                return self.rounded(node)
            case ast.Converted():
                return self.converted(node)
            case ast.Binary():
                return self.arithmetic(node)
            case ast.Compare():
                return self.comparison(node)
            case ast.InList():
                return self.membership(node)
            case ast.OnPlanAtEnd():
                return self.still_here(node)
            case ast.IsPresent():
                return self.presence(node)
            case ast.AllOf():
                return typed.AllOf(FLAG, node.span, tuple(self.flag(part) for part in node.operands))
            case ast.AnyOf():
                return typed.AnyOf(FLAG, node.span, tuple(self.flag(part) for part in node.operands))
            case ast.Not():
                return typed.Negation(FLAG, node.span, self.flag(node.operand))
        return literal(node)

    # ---- names ----

    def path(self, node: ast.Path) -> typed.Expr:
        root, members = node.root, node.members
        if root.text == "payee":
            if not self.scope.payee or self.context.project.roster is None or not members:
                return self.report("payee-not-here", node)
            return self.column(node, self.context.project.roster, members)
        if self.scope.measures and not members:
            if root.text in self.context.measures or root.text in self.context.undeclared_after_error:
                kind = measure_type(self.context, root) or UNKNOWN
                return typed.MeasureValue(kind, node.span, root.text)
            return self.undeclared(node, "measure", self.context.measures)
        if self.scope.bare and self.scope.root is not None and root.text != self.scope.root:
            return self.column(node, self.scope.root, (root, *members))
        if root.text not in self.context.contracts:
            return self.undeclared(node, "source", self.context.contracts)
        if self.scope.root is None:
            return self.report("column-not-here", node, name=root.text)
        if root.text != self.scope.root:
            return self.report("other-source", node, name=root.text, root=self.scope.root)
        if not members:
            return self.report("whole-row", node, name=root.text)
        return self.column(node, root.text, members)

    def undeclared(self, node: ast.Path, kind: str, known: Iterable[str]) -> typed.Expr:
        report_undeclared(self.context, self.scope, node, kind=kind, known=known)
        return self.of_unknown_type(node)

    def column(self, node: ast.Path, root: str, members: tuple[ast.Name, ...]) -> typed.Expr:
        """Type a column that is reached from source `root` by references."""
        walked = walk_path(self.context, root, members[:-1])
        if walked is None:
            return self.of_unknown_type(node)
        steps, contract, optional = walked
        last = members[-1]
        column = contract.column(last.text)
        if column is None:
            unknown_column(self.context, last, contract)
            return self.of_unknown_type(node)
        kind = column_type(contract, last.text)
        return typed.Column(
            type=kind, span=node.span, root=root, steps=steps, name=last.text, optional=optional or column.optional
        )

    def as_of(self, node: ast.AsOf) -> typed.Expr:
        """Type a column that a dated table has on the first or last day of an interval."""
        column, grain = self.path(node.path), read_grain(self.context, node.grain)
        if not isinstance(column, typed.Column) or grain is None:
            return column
        dated = [self.context.contracts[step.target].dated is not None for step in column.steps]
        if not self.scope.as_of or not any(dated):
            return self.report("as-of-what", node, found=node.path.span.text)
        day = typed.AsOf(node.end, grain)
        steps = (replace(step, as_of=day) if on else step for step, on in zip(column.steps, dated, strict=True))
        return replace(column, span=node.span, steps=tuple(steps))

    def attainment_or_quota(self, node: ast.AttainmentOf | ast.QuotaOf) -> typed.Expr:
        """Type the attainment or the quota of a measure, or of a quota with a name of its own."""
        name = node.quota
        if not self.scope.measures:
            return self.report("measure-not-here", node, name=name.text)
        quota = self.scope.quotas.get(name.text)
        if quota is None or quota.measure == name.text:
            kind, measure = measure_type(self.context, name), name.text
        else:
            kind, measure = self.context.measure_types.get(quota.measure), quota.measure
        if isinstance(node, ast.AttainmentOf):
            over = read_grain(self.context, node.over) if node.over else None
            result = rate(kind.scale) if kind else UNKNOWN
            return typed.Attainment(
                type=result, span=node.span, measure=measure, quota=name.text, over=over, so_far=node.so_far
            )
        return typed.QuotaValue(kind or UNKNOWN, node.span, name.text)

    def to_date(self, node: ast.MeasureToDate) -> typed.Expr:
        """Type a measure over a longer interval than the component's own."""
        if not self.scope.measures:
            return self.report("measure-not-here", node, name=node.measure.text)
        kind, over = measure_type(self.context, node.measure), read_grain(self.context, node.over)
        return typed.MeasureValue(kind or UNKNOWN, node.span, node.measure.text, over)

    def before(self, node: ast.MeasureBefore) -> typed.Expr:
        if not self.scope.earlier:
            return self.report("earlier-not-here", node, name=node.measure.text)
        kind, back = measure_type(self.context, node.measure), read_grain(self.context, node.back)
        return typed.MeasureBefore(kind if kind and back else UNKNOWN, node.span, node.measure.text, back or Grain.YEAR)

    def earning(self, node: ast.EarningOf) -> typed.Expr:
        if self.scope.component is None:
            return self.report("measure-not-here", node, name=node.component.text)
        kind, so_far = self.scope.component(node.component) or (UNKNOWN, False)
        return (typed.EarnedSoFar if so_far else typed.EarningValue)(kind, node.span, node.component.text)

    def still_here(self, node: ast.OnPlanAtEnd) -> typed.Expr:
        """Type the condition that the payee is on the plan at the end of the interval."""
        return typed.OnPlanAtEnd(FLAG, node.span) if self.scope.component else self.report("end-not-here", node)

    def require_value(self, node: typed.Expr) -> typed.Expr:
        """Return the expression; report an optional column for which the text has no `or else`."""
        if isinstance(node, typed.Column) and node.optional and not self.scope.optional:
            self.context.report("optional-unanswered", node.span, column=node.name)
            return replace(node, type=UNKNOWN)
        return node

    def fallback(self, node: ast.OrElse) -> typed.Expr:
        column = self.as_of(node.path) if isinstance(node.path, ast.AsOf) else self.path(node.path)
        otherwise = literal(node.otherwise)
        if not isinstance(column, typed.Column):
            return self.of_unknown_type(node)
        if not same(column.type, otherwise.type):
            return self.report_disagreement(node, column, otherwise)
        kind = replace(column.type, scale=max(column.type.scale, otherwise.type.scale))
        return typed.Fallback(kind, node.span, column, otherwise)

    def presence(self, node: ast.IsPresent) -> typed.Expr:
        """Type `is present`, which applies only to columns."""
        column = None
        if isinstance(node.value, ast.Path | ast.AsOf):
            column = self.as_of(node.value) if isinstance(node.value, ast.AsOf) else self.path(node.value)
        if isinstance(column, typed.Column):
            return typed.Presence(FLAG, node.span, column)
        return self.of_unknown_type(node) if column is not None else self.report("presence-of-value", node)

    # ---- calculation ----

    def arithmetic(self, node: ast.Binary) -> typed.Expr:
        left, right = self.expression(node.left), self.expression(node.right)
        kinds = (left.type, right.type)
        if any(kind.kind is Kind.UNKNOWN for kind in kinds):
            return self.of_unknown_type(node)
        for side in (left, right):
            if not side.type.numeric:
                return self.report("not-a-number", side, type=side.type)
        if node.operator in ("+", "-", "at most", "at least"):
            if not same(*kinds):
                return self.report_disagreement(node, left, right)
            kind = left.type if left.type.kind is not Kind.COUNT else right.type
            result = replace(kind, scale=max(left.type.scale, right.type.scale))
        else:
            product = product_type(self.context, node, left, right)
            if product is None:
                return self.of_unknown_type(node)
            result = product
        if result.scale > MOST_PLACES:
            return self.report("too-many-places", node, places=result.scale, most=MOST_PLACES)
        return typed.Arithmetic(
            type=result,
            span=node.span,
            operator="*" if node.operator in ("of", "per") else node.operator,
            left=left,
            right=right,
        )

    def ratio(self, node: ast.RatioOf) -> typed.Expr:
        """Type a ratio.

        It is a rate if both sides have the same type, and money if an amount is divided by a count or number.
        """
        top, bottom, otherwise = self.expression(node.top), self.expression(node.bottom), literal(node.otherwise)
        kinds = (top.type, bottom.type)
        if any(kind.kind is Kind.UNKNOWN for kind in kinds):
            return self.of_unknown_type(node)
        if not self.scope.ratios:
            return self.report("ratio-not-here", node)
        each = top.type.kind is Kind.MONEY and bottom.type.kind in (Kind.COUNT, Kind.NUMBER)
        if not each and (not same(*kinds) or not top.type.numeric):
            share = bottom.value if isinstance(bottom, typed.Literal) and top.type.kind is Kind.RATE else None
            if isinstance(share, Fraction) and bottom.type.kind in (Kind.COUNT, Kind.NUMBER):
                return self.report_disagreement(
                    node, top, bottom, remedy=as_share(share), fix=Fix(bottom.span, rate_text(share))
                )
            return self.report_disagreement(node, top, bottom)
        result = top.type if each else rate(top.type.scale)
        if not same(result, otherwise.type):
            self.context.report("ratio-otherwise", otherwise.span, wanted=result, hint=how_to_write(result, otherwise))
            return self.of_unknown_type(node)
        return typed.Ratio(
            type=replace(result, scale=max(result.scale, otherwise.type.scale)),
            span=node.span,
            top=top,
            bottom=bottom,
            otherwise=otherwise,
        )

    def lookup(self, node: ast.Lookup) -> typed.Expr:
        """Type a look-up in a table; report keys that do not fit its dimensions."""
        table = declared_table(self.context, node.table)
        keys = tuple(self.expression(key) for key in node.keys)
        if table is None or any(key.type.kind is Kind.UNKNOWN for key in keys):
            return self.of_unknown_type(node)
        if len(keys) != len(table.dimensions):
            why = [Label(table.span, "the table")]
            self.context.report(
                "lookup-width", node.span, why, name=table.name, wanted=len(table.dimensions), found=len(keys)
            )
            return self.of_unknown_type(node)
        for key, kind in zip(keys, table.dimensions, strict=True):
            if not same(key.type, kind):
                self.context.report(
                    "lookup-type",
                    key.span,
                    [Label(table.span, "the table")],
                    name=table.name,
                    wanted=kind,
                    found=key.type,
                )
                return self.of_unknown_type(node)
        for key, listed in zip(keys, table.listed, strict=True):
            if listed is not None and (missing := text_without_row(self.context, key, listed)):
                why = [Label(table.span, "the table")]
                hint = how_to_cover(missing, texts=True)
                self.context.report("table-gap", key.span, why, name=table.name, missing=missing, hint=hint)
                return self.of_unknown_type(node)
        if table.interpolated and not self.scope.ratios:
            return self.report("ratio-not-here", node)
        self.context.table_keys += [(table.name, at, key) for at, key in enumerate(keys)]
        scale = table.type.scale + keys[0].type.scale if table.interpolated else table.type.scale
        return typed.Lookup(replace(table.type, scale=scale), node.span, table, keys)

    def rounded(self, node: ast.Rounded) -> typed.Expr:
        """Type `rounded to`. The value may have divisions, and its scale is the step's."""
        value = _Typing(self.context, replace(self.scope, ratios=True)).expression(node.value)
        step = literal(node.step)
        if value.type.kind is Kind.UNKNOWN:
            return self.of_unknown_type(node)
        if not value.type.numeric or not same(value.type, step.type):
            places = value.type.kind is Kind.MONEY and step.type.kind is Kind.COUNT
            return self.report_disagreement(
                node, value, step, remedy=how_to_round(value.type, step) if places else None
            )
        if not isinstance(step.value, Fraction) or step.value <= 0:
            return self.report("rounded-step", step)
        kind = replace(value.type, scale=step.type.scale)
        return typed.Rounded(type=kind, span=node.span, value=value, step=step.value, mode=Mode(node.mode or "half up"))

    def converted(self, node: ast.Converted) -> typed.Expr:
        """Type a conversion: an amount (or a number) times a number is an amount in another currency.

        The currency of a number may differ from row to row.
        """
        value, factor = self.expression(node.value), self.expression(node.rate)
        kinds = (value.type.kind, factor.type.kind)
        if Kind.UNKNOWN in kinds:
            return self.of_unknown_type(node)
        if kinds[0] not in (Kind.MONEY, Kind.NUMBER, Kind.COUNT) or kinds[1] not in (Kind.NUMBER, Kind.COUNT):
            return self.report("converted-what", node, value=value.type, rate=factor.type)
        if not is_currency(node.currency):
            self.context.report("unknown-currency", node.span, code=node.currency)
        scale = value.type.scale + factor.type.scale
        if scale > MOST_PLACES:
            return self.report("too-many-places", node, places=scale, most=MOST_PLACES)
        return typed.Arithmetic(
            type=money(node.currency, scale), span=node.span, operator="*", left=value, right=factor
        )

    # ---- conditions ----

    def flag(self, node: ast.Expr) -> typed.Expr:
        return expect_flag(self.context, self.expression(node))

    def comparison(self, node: ast.Compare) -> typed.Expr:
        if report_comparison_with_null(self.context, self.scope, node):
            return self.of_unknown_type(node)
        left = self.expression(node.left)
        if left.type.kind is Kind.TEXT and report_missing_quotes(self.context, self.scope, node.right, left):
            return self.of_unknown_type(node)
        right = self.expression(node.right)
        if not same(left.type, right.type):
            return self.report_disagreement(node, left, right)
        if node.operator not in ("==", "!=") and left.type.kind in (Kind.TEXT, Kind.FLAG):
            return self.report("no-order", node, type=left.type, operator=node.operator)
        agrees_with_contract(self.context, left, right)
        agrees_with_contract(self.context, right, left)
        return typed.Comparison(type=FLAG, span=node.span, operator=node.operator, left=left, right=right)

    def membership(self, node: ast.InList) -> typed.Expr:
        value = self.expression(node.value)
        if isinstance(value, typed.Attainment):
            return self.report("attainment-in-list", node, name=value.quota)
        options = tuple(literal(option) for option in node.options)
        for option in options:
            if not same(value.type, option.type):
                return self.report_disagreement(node, value, option)
            agrees_with_contract(self.context, value, option)
        return typed.Membership(type=FLAG, span=node.span, value=value, options=options, negated=node.negated)

    # ---- mistakes ----

    def of_unknown_type(self, node: ast.Ast) -> typed.Expr:
        """Return an expression of unknown type for a mistake that was reported already."""
        return typed.Literal(UNKNOWN, node.span, Fraction(0))

    def report(self, slug: str, node: ast.Ast | typed.Node, **words: object) -> typed.Expr:
        """Report a mistake and return an expression of unknown type."""
        self.context.report(slug, node.span, (), **words)
        return typed.Literal(UNKNOWN, node.span, Fraction(0))

    def report_disagreement(
        self, node: ast.Ast, left: typed.Expr, right: typed.Expr, *, remedy: str | None = None, fix: Fix | None = None
    ) -> typed.Expr:
        """Report two types that do not agree, and return an expression of unknown type."""
        why = [Label(left.span, f"this is {left.type}"), Label(right.span, f"this is {right.type}")]
        hint = remedy or disagreement(left, right)
        self.context.report_mended(fix, "types-disagree", node.span, why, left=left.type, right=right.type, hint=hint)
        return typed.Literal(UNKNOWN, node.span, Fraction(0))
