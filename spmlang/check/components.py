"""Check of components: interval, pay, conditions, limits and rounding, typed for the plan's currency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from spmlang.diagnostics.diagnostic import Label
from spmlang.program.expressions import Attainment, EarnedSoFar, Expr, MeasureValue, OnPlanAtEnd, QuotaValue, walk
from spmlang.program.pay_rules import Formula, Rounding, RoundPer, Tiers
from spmlang.program.pools_and_contests import Contest, Pool
from spmlang.program.program import Cap, Component, ComponentKind, Condition
from spmlang.program.quotas import Quota
from spmlang.program.reads import own_expressions
from spmlang.program.types import Kind, Type, money
from spmlang.syntax import ast
from spmlang.values.calendar import Grain
from spmlang.values.money import minor_places
from spmlang.values.rounding import Mode

from .allowed_references import AllowedReferences
from .component_intervals import Interval, build_interval, build_proration, check_longer
from .context import Context, label_of, only_statement, statements_of
from .declared_names import measure_type
from .expressions import type_expression
from .limits import build_budget, build_cap, check_one_cap_each
from .measures import source_of
from .payment_terms import build_release
from .pools_and_contests import build_contest, build_pool, build_score
from .tiers import build_tiers
from .type_rules import expect_flag, money_in
from .unknown_names import report_no_quota, report_unknown_component


class Components:
    """A builder of the components of a plan version. Each one is built when it, or its earning, is first read."""

    def __init__(
        self,
        context: Context,
        plan: str,
        nodes: Mapping[str, ast.Component],
        *,
        currency: str,
        quotas: dict[str, Quota],
    ) -> None:
        self.context = context
        self.plan = plan
        self.nodes = nodes
        self.currency = currency
        self.quotas = quotas
        self._built: dict[str, Component | None] = {}
        self._building: list[str] = []

    def get(self, name: str) -> Component | None:
        """Return the component; None if it has a mistake, which is reported."""
        if name not in self._built:
            self._building.append(name)
            self._built[name] = _build(self, self.nodes[name])
            self._building.pop()
        return self._built[name]

    def is_building(self, name: str) -> bool:
        """Return True if the component is still being built; it may be waiting for one that it reads."""
        return name in self._building

    def read_by(self, node: ast.Component, interval: Interval | None, used: dict[str, Component]) -> AllowedReferences:
        """Return the names that the expressions of `node` may use.

        The result also adds the components whose earnings `node` reads to `used`.
        """

        def earning(name: ast.Name) -> tuple[Type, bool] | None:
            if name.text not in self.nodes:
                report_unknown_component(self.context, self.plan, name, self.nodes)
                return None
            if name.text in self._building:
                circle = " reads ".join([*self._building[self._building.index(name.text) :], name.text])
                self.context.report("earning-circle", name.span, (), circle=circle)
                return None
            if self.context.is_too_long(self._building, name.span):
                return None
            found = self.get(name.text)
            if found is None or interval is None:
                return None
            if (
                found.window is None
                and interval.window is None
                and found.accumulates.months < interval.accumulates.months
            ):
                return money(self.currency, minor_places(self.currency)), True
            if (found.accumulates, found.window) != (interval.accumulates, interval.window):
                why = [Label(found.span, "the other component")]
                self.context.report("earning-interval", name.span, why, name=name.text, own=node.name.text)
                return None
            used[found.name] = found
            return money(self.currency, _places(found)), False

        return AllowedReferences(payee=True, measures=True, ratios=True, quotas=self.quotas, component=earning)


def _places(component: Component) -> int:
    values = [component.pay.value] if isinstance(component.pay, Formula) else [row.value for row in component.pay.rows]
    return max(value.type.scale for value in values)


@dataclass(frozen=True, kw_only=True)
class _Reads:
    """The reads of a component: its own, and those of the components whose earnings it reads.

    The fields are those of the same names of `Component`.
    """

    measures: tuple[str, ...]
    longer: tuple[tuple[str, Grain], ...]
    earlier: tuple[str, ...]
    at_end: bool
    main: str | None
    quota: str | None


def _build(components: Components, node: ast.Component) -> Component | None:
    """Build a component; None if it has a mistake, which is reported."""
    context, currency = components.context, components.currency
    interval = build_interval(context, node)
    used: dict[str, Component] = {}
    scope = components.read_by(node, interval, used)
    on = only_statement(context, node.statements, ast.OnMeasure)
    if on is not None:
        measure_type(context, on.measure)
    pay = _pay(components, node, on, scope)
    conditions = _conditions(context, node, scope)
    shared = _shared(components, node)
    caps = _caps(context, node, currency)
    budget = build_budget(context, node, currency)
    rounding = _rounding(context, node, currency)
    prorated = build_proration(context, node, interval, rounding)
    release = build_release(context, node, _line_sources(context, on, pay, conditions))
    code = only_statement(context, node.statements, ast.Code)
    if pay is None or interval is None or rounding is None or context.is_damaged(node.span):
        return None
    expressions = expressions_of(pay, conditions)
    _check_quotas(components, interval, pay, expressions)
    check_longer(context, interval, expressions)
    _check_pot(components, interval, shared)
    reads = _reads(on, pay, expressions, tuple(used.values()))
    if rounding.per is RoundPer.LINE and reads.earlier:
        context.report("earned-per-line", rounding.span, name=reads.earlier[0])
    return Component(
        kind=ComponentKind(node.kind),
        name=node.name.text,
        label=label_of(context, node.statements, node.name.text),
        accumulates=interval.accumulates,
        due=interval.due,
        window=interval.window,
        prorated=prorated,
        pay=pay,
        conditions=conditions,
        caps=caps,
        budget=budget,
        shared=shared,
        rounding=rounding,
        release=release,
        code=code.text if code else None,
        measures=reads.measures,
        longer=reads.longer,
        uses=tuple(used.values()),
        earlier=reads.earlier,
        at_end=reads.at_end,
        main=reads.main,
        quota=reads.quota,
        span=node.span,
    )


def _reads(
    on: ast.OnMeasure | None, pay: Tiers | Formula, expressions: list[Expr], used: tuple[Component, ...]
) -> _Reads:
    """Return what a component reads by its expressions and through the components `used`."""
    own = _measures(on, expressions)
    longer = {
        (item.measure, item.over) for item in expressions if isinstance(item, MeasureValue | Attainment) and item.over
    }
    longer |= {pair for item in used for pair in item.longer}
    earlier = [item.component for item in expressions if isinstance(item, EarnedSoFar)]
    earlier += [name for item in used for name in item.earlier]
    main = on.measure.text if on else _single_or_none(_measures(None, expressions_of(pay, ()))) or _single_or_none(own)
    return _Reads(
        measures=tuple(dict.fromkeys([*own, *(name for item in used for name in item.measures)])),
        longer=tuple(sorted((name, grain) for name, grain in longer if grain is not None)),
        earlier=tuple(dict.fromkeys(earlier)),
        at_end=any(isinstance(item, OnPlanAtEnd) for item in expressions) or any(item.at_end for item in used),
        main=main,
        quota=_shown_quota(pay, expressions, main),
    )


def _caps(context: Context, node: ast.Component, currency: str) -> tuple[Cap, ...]:
    """Build the caps of a component, from the shortest interval to the longest; report two over one interval."""
    built = [build_cap(context, cap, currency) for cap in statements_of(node.statements, ast.Cap)]
    caps = tuple(cap for cap in built if cap is not None)
    check_one_cap_each(context, caps)
    return tuple(sorted(caps, key=lambda cap: list(Grain).index(cap.grain)))


def _check_pot(components: Components, interval: Interval, shared: Contest | Pool | None) -> None:
    """Report a pool whose pot is due at another time than the pool.

    The pot's amount would be lost otherwise.
    """
    if not isinstance(shared, Pool) or shared.component is None or components.is_building(shared.component):
        return
    other = components.get(shared.component)
    if other is not None and (other.due, other.window) != (interval.due, interval.window):
        why = [Label(other.span, "the other component")]
        components.context.report("pool-due", shared.span, why, name=other.name)


def _line_sources(
    context: Context, on: ast.OnMeasure | None, pay: Tiers | Formula | None, conditions: tuple[Condition, ...]
) -> set[str] | None:
    """Return the sources of the rows in the component's lines; None if its pay has a mistake."""
    if pay is None:
        return None
    names = _measures(on, expressions_of(pay, conditions))
    return {source for name in names if (source := source_of(context, name)) is not None}


def _pay(
    components: Components, node: ast.Component, on: ast.OnMeasure | None, scope: AllowedReferences
) -> Tiers | Formula | None:
    """Build the tiers or the formula of a component; None if there is none or a mistake, which is reported.

    For a contest the formula is the score.
    """
    context, currency = components.context, components.currency
    pays = only_statement(context, node.statements, ast.Pays)
    tiers = only_statement(context, node.statements, ast.Tiers)
    if pays is not None and tiers is not None:
        context.report("pays-twice", tiers.span, [Label(pays.span, "what it pays is given here")])
        return None
    ranks = only_statement(context, node.statements, ast.Ranks)
    if ranks is not None:
        for other in (pays, tiers):
            if other is not None:
                context.report("pays-twice", other.span, [Label(ranks.span, "what it pays is given here")])
        return build_score(context, ranks, currency, scope)
    if tiers is not None:
        damaged = context.is_damaged(node.span)
        if on is None and not damaged:
            context.report("tiers-without-measure", node.name.span)
        if on is None or (tiers.basis is None and damaged):
            return None
        return build_tiers(context, tiers, on, currency=currency, quotas=scope.quotas)
    if pays is None:
        if context.is_damaged(node.span):
            return None
        context.report("pays-nothing", node.name.span, name=node.name.text, kind=node.kind)
        return None
    value = type_expression(context, pays.value, scope)
    if value.type.kind is Kind.UNKNOWN or not money_in(context, value, currency):
        return None
    return Formula(value, pays.span)


def _shared(components: Components, node: ast.Component) -> Contest | Pool | None:
    """Build the component's contest or pool; report a component with both."""
    context = components.context
    ranks = only_statement(context, node.statements, ast.Ranks)
    pool = only_statement(context, node.statements, ast.Pool)
    if ranks is not None and pool is not None:
        context.report("pays-twice", pool.span, [Label(ranks.span, "what it pays is given here")])
    if ranks is not None:
        on = only_statement(context, node.statements, ast.OnMeasure)
        return build_contest(context, ranks, on, components.currency)
    return build_pool(context, node, components.currency, dict(components.nodes))


def _conditions(context: Context, node: ast.Component, scope: AllowedReferences) -> tuple[Condition, ...]:
    conditions = []
    for statement in node.statements:
        if isinstance(statement, ast.When | ast.Gate):
            test = expect_flag(context, type_expression(context, statement.test, scope))
            conditions.append(Condition("gate" if isinstance(statement, ast.Gate) else "when", test, statement.span))
    return tuple(conditions)


def _rounding(context: Context, node: ast.Component, currency: str) -> Rounding | None:
    rounding = only_statement(context, node.statements, ast.Rounding)
    cent = Fraction(1, 10 ** minor_places(currency))
    if rounding is None:
        return Rounding(RoundPer.PERIOD, cent, Mode.HALF_UP, node.span)
    step = rounding.step.value if rounding.step else cent
    if step <= 0 or (step / cent).denominator != 1:
        context.report("rounding-step", rounding.span, currency=currency, places=minor_places(currency))
        return None
    return Rounding(RoundPer(rounding.per), step, Mode(rounding.mode or "half up"), rounding.span)


def expressions_of(pay: Tiers | Formula, conditions: tuple[Condition, ...]) -> list[Expr]:
    """Return all expressions in a component's pay and conditions, with their sub-expressions."""
    return [node for top in own_expressions(pay, conditions) for node in walk(top)]


def _measures(on: ast.OnMeasure | None, expressions: list[Expr]) -> tuple[str, ...]:
    named = [on.measure.text] if on else []
    named += [node.measure for node in expressions if isinstance(node, MeasureValue | Attainment)]
    return tuple(dict.fromkeys(named))


def _shown_quota(pay: Tiers | Formula, expressions: list[Expr], main: str | None) -> str | None:
    """Return the quota that the main measure is shown against: that of the tiers, or the first that is read."""
    if isinstance(pay, Tiers) and pay.basis == "attainment":
        return pay.quota
    asked = [
        node.quota for node in expressions if isinstance(node, Attainment) and node.measure == main and not node.over
    ]
    asked += [node.quota for node in expressions if isinstance(node, QuotaValue) and node.quota == main]
    return asked[0] if asked else None


def _single_or_none(names: tuple[str, ...]) -> str | None:
    return names[0] if len(names) == 1 else None


def _check_quotas(components: Components, interval: Interval, pay: Tiers | Formula, expressions: list[Expr]) -> None:
    """Check that each attainment or quota read by the component has a suitable quota.

    The quota's intervals must add up to the interval that is counted, and a component with a window reads no quota.
    """
    context, quotas = components.context, components.quotas
    asked = [(item.quota, item.over, item.span) for item in expressions if isinstance(item, Attainment)]
    asked += [(item.quota, None, item.span) for item in expressions if isinstance(item, QuotaValue)]
    if isinstance(pay, Tiers) and pay.basis == "attainment":
        asked.append((pay.quota, None, pay.span))
    for name, over, span in asked:
        counted = over or interval.accumulates
        quota = quotas.get(name)
        if quota is None and name not in context.measure_types:
            continue
        if quota is None:
            report_no_quota(context, name, span)
        elif interval.window is not None:
            context.report("quota-in-window", span, [Label(quota.span, "the quota")], name=name)
        elif quota.grain.months > counted.months:
            why = [Label(quota.span, f"the quota is per {quota.grain}")]
            context.report("quota-too-long", span, why, name=name, quota=quota.grain, interval=counted)
