"""Check of plan versions: members, components, quotas, limits and watches."""

from __future__ import annotations

from collections import deque
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

from spmlang.diagnostics.diagnostic import Label
from spmlang.diagnostics.text import Span
from spmlang.program.expressions import EarnedSoFar, Expr
from spmlang.program.program import (
    AssignedMembers,
    Cap,
    Component,
    Figure,
    PlanVersion,
    Watch,
    earlier_readings_by_name,
)
from spmlang.program.quotas import Quota
from spmlang.program.types import Kind
from spmlang.syntax import ast
from spmlang.values.money import is_currency

from .allowed_references import AllowedReferences
from .components import Components, expressions_of
from .context import Context, label_of, only_statement, statements_of
from .declared_names import measure_type
from .expressions import type_expression
from .limits import build_cap
from .payment_terms import build_terms
from .quotas import build_quota
from .target_timing import check_targets_complete
from .territories import require_columns
from .type_rules import expect_flag, literal
from .unknown_names import report_unknown_component
from .versions import Resolved, resolve_versions


def build_plans(context: Context) -> tuple[PlanVersion, ...]:
    """Build all plan versions, sorted by name and start."""
    shared = {name: build_quota(context, node) for name, node in context.quotas.items()}
    quotas = {name: quota for name, quota in shared.items() if quota is not None}
    context.failed |= {f"quota {name}" for name, quota in shared.items() if quota is None}
    built = [_plan(context, version, quotas) for version in resolve_versions(context)]
    plans = [plan for plan in built if plan is not None]
    plans = _without_circles(context, plans)
    _windows_are_covered(context, plans)
    check_targets_complete(context, plans)
    _caps_change_at_period_starts(context, plans)
    return tuple(plans)


def _plan(context: Context, version: Resolved, shared: dict[str, Quota]) -> PlanVersion | None:
    """Build a plan version; None if it lacks a currency or members, which is reported.

    `shared` are the project's quotas by name. A quota of the plan replaces the one with the same name.
    """
    node, statements = version.node, version.statements
    context.count_components(len(statements_of(statements, ast.Component)), node.name.span)
    currency, members = _currency_and_members(context, version)
    if currency is None:
        return None
    quotas = _quotas(context, version, shared)
    components = _components(context, version, currency, quotas)
    threshold = only_statement(context, statements, ast.Threshold)
    revenue = only_statement(context, statements, ast.Revenue)
    cap = only_statement(context, statements, ast.Cap)
    reason = only_statement(context, statements, ast.Reason)
    condition = _members(context, members) if members else None
    if revenue is not None:
        _check_revenue(context, revenue, currency)
    watches = _watches(context, node.name.text, statements, currency)
    _check_has_components(context, version, components)
    if condition is None:
        return None
    return PlanVersion(
        name=node.name.text,
        version=node.version,
        label=label_of(context, statements, node.name.text),
        effective=version.dates,
        members=condition,
        currency=currency,
        components=components,
        quotas=quotas,
        cap=build_cap(context, cap, currency) if cap else None,
        threshold=threshold.attainment.value if threshold else Fraction(1),
        revenue=revenue.measure.text if revenue else None,
        watches=watches,
        terms=build_terms(context, statements, currency),
        reason=reason.text if reason else None,
        span=node.span,
    )


def _currency_and_members(context: Context, version: Resolved) -> tuple[str | None, ast.Members | None]:
    """Return the plan's currency and members; report a missing one, and a currency that does not exist."""
    node, statements = version.node, version.statements
    currency = only_statement(context, statements, ast.Currency)
    members = only_statement(context, statements, ast.Members)
    for word, found in (("currency", currency), ("for", members)):
        if found is None and node.changes is None and not node.damaged:
            context.report("plan-lacks", node.name.span, name=node.name.text, word=word)
    if currency is not None and not is_currency(currency.code):
        context.report("unknown-currency", currency.span, code=currency.code)
    return currency.code if currency else None, members


def _quotas(context: Context, version: Resolved, shared: dict[str, Quota]) -> dict[str, Quota]:
    """Return the quotas that the plan's components may use, by name: the project's and the plan's own."""
    quotas = dict(shared)
    first: dict[str, ast.Quota] = {}
    for own in statements_of(version.statements, ast.Quota):
        if first.setdefault(own.name.text, own) is not own:
            why = [Label(first[own.name.text].name.span, "it is declared here first")]
            context.report("declared-twice", own.name.span, why, name=own.name.text)
        quota = build_quota(context, own)
        if quota is not None:
            quotas[quota.name] = quota
        else:
            context.failed.add(f"quota {own.name.text}")
    return {name: quota.asked_by(version.node.name.text) for name, quota in quotas.items()}


def _check_has_components(context: Context, version: Resolved, components: tuple[Component, ...]) -> None:
    """Report a plan without a component, unless a mistake that was reported already hides its components."""
    node = version.node
    applies = statements_of(node.statements, ast.Apply)  # a template that could not be inserted was reported already
    written = components or statements_of(version.statements, ast.Component)
    if not written and not node.damaged and not applies:
        context.report("plan-lacks", node.name.span, name=node.name.text, word="commission, bonus or spif")


def _members(context: Context, members: ast.Members) -> Expr | AssignedMembers | None:
    """Build the condition for members, or the membership by an assignments table."""
    if isinstance(members.test, ast.Assigned):
        table = members.test.table
        require_columns(context, table, ("payee", "plan"), dated=True)
        return AssignedMembers(table.text)
    return expect_flag(context, type_expression(context, members.test, AllowedReferences(payee=True)))


def _components(context: Context, version: Resolved, currency: str, quotas: dict[str, Quota]) -> tuple[Component, ...]:
    seen: dict[str, ast.Component] = {}
    for node in statements_of(version.statements, ast.Component):
        first = seen.setdefault(node.name.text, node)
        if first is not node:
            why = [Label(first.name.span, "it is declared here first")]
            context.report("declared-twice", node.name.span, why, name=node.name.text)
    building = Components(context, version.node.name.text, seen, currency=currency, quotas=quotas)
    built = {name: building.get(name) for name in seen}
    context.failed |= {f"component {name}" for name, component in built.items() if component is None}
    components = [component for component in built.values() if component is not None]
    return tuple(sorted(components, key=lambda item: item.name))


def _check_revenue(context: Context, revenue: ast.Revenue, currency: str) -> None:
    kind = measure_type(context, revenue.measure)
    if kind is not None and (kind.kind is not Kind.MONEY or kind.currency != currency):
        context.report("revenue-not-money", revenue.span, name=revenue.measure.text, currency=currency, found=kind)


def _watches(context: Context, plan: str, statements: tuple[ast.Statement, ...], currency: str) -> tuple[Watch, ...]:
    known = [item.name.text for item in statements_of(statements, ast.Component)]
    watches = []
    for node in statements_of(statements, ast.Watch):
        if node.component.text not in known:
            report_unknown_component(context, plan, node.component, known)
            continue
        figure, limit = Figure(node.figure), literal(node.limit)
        money = figure in (Figure.COST, Figure.PREMIUM)
        right = limit.type.currency == currency if money else limit.type.kind is Kind.RATE
        if not right or not isinstance(limit.value, Fraction):
            wanted = f"an amount in {currency}" if money else "a percentage"
            context.report("watch-limit", limit.span, figure=figure, wanted=wanted)
            continue
        watches.append(
            Watch(
                component=node.component.text, figure=figure, operator=node.operator, limit=limit.value, span=node.span
            )
        )
    return tuple(watches)


def _without_circles(context: Context, plans: list[PlanVersion]) -> list[PlanVersion]:
    """Return the plans without those whose components read each other's earlier earnings in a circle.

    Each version alone may have no circle, so all versions of a plan are taken together.
    """
    wrong: set[str] = set()
    of_plan: dict[str, list[PlanVersion]] = {}
    for plan in plans:
        of_plan.setdefault(plan.name, []).append(plan)
    for name, versions in of_plan.items():
        circle = _circle(earlier_readings_by_name(item for version in versions for item in version.components))
        if circle is not None:
            wrong.add(name)
            _report_circle(context, versions, circle)
    return [plan for plan in plans if plan.name not in wrong]


def _report_circle(context: Context, versions: list[PlanVersion], circle: list[str]) -> None:
    """Report a circle at the latest version in which one component reads the next.

    Labels show the other readings of the circle.
    """
    found = sorted((_last_reading(versions, *pair) for pair in pairwise(circle)), key=lambda reading: -reading[0])
    why = [Label(span, f"`{name}` reads `{other}` in version {version}") for version, span, name, other in found[1:]]
    context.report("earning-circle", found[0][1], why, circle=" reads ".join(circle))


def _last_reading(versions: list[PlanVersion], name: str, other: str) -> tuple[int, Span, str, str]:
    """Return the latest version in which component `name` reads the earlier earnings of `other`, and the place."""
    found = []
    for version in versions:
        component = version.component(name)
        if component is not None and other in component.earlier:
            nodes = expressions_of(component.pay, component.conditions)
            places = [node.span for node in nodes if isinstance(node, EarnedSoFar) and node.component == other]
            found.append((version.version, (places or [component.span])[0], name, other))
    return max(found, key=lambda reading: reading[0])


def _circle(reads: dict[str, set[str]]) -> list[str] | None:
    """Return a shortest circle through the first name that has one, or None.

    The circle begins and ends with that name.
    """
    left = dict(reads)
    while done := [name for name, others in left.items() if not others & left.keys()]:
        for name in done:  # a component that reads none of those left is on no circle
            del left[name]
    for start in left:
        ways = {start: [start]}
        waiting = deque(ways)
        while waiting:
            way = ways[waiting.popleft()]
            for name in sorted(left[way[-1]] & left.keys()):
                if name == start:
                    return [*way, name]
                if name not in ways:
                    ways[name] = [*way, name]
                    waiting.append(name)
    return None


def _windows_are_covered(context: Context, plans: list[PlanVersion]) -> None:
    """Report a window that is not within the dates of the plan versions that have it."""
    for plan in plans:
        for component in plan.components:
            if component.window is None:
                continue
            lives = sorted(
                (other.effective for other in plans if other.name == plan.name and _has_window(other, component)),
                key=lambda life: life.start,
            )
            day = component.window.start
            for life in lives:
                if life.start <= day and (life.through is None or day <= life.through):
                    day = date.max if life.through is None else life.through + timedelta(days=1)
            through = component.window.through
            if through is not None and day <= through:
                window = component.span
                context.report("window-outside", window, name=component.name, plan=plan.name, day=day)


def _has_window(version: PlanVersion, component: Component) -> bool:
    """Return True if the version has a component of the same name with the same window."""
    own = version.component(component.name)
    return own is not None and own.window == component.window


def _caps_change_at_period_starts(context: Context, plans: list[PlanVersion]) -> None:
    """Report a change of a plan's cap within a pay period."""
    for earlier, later in pairwise(plans):
        if earlier.name != later.name or _limit(earlier.cap) == _limit(later.cap) or context.calendar is None:
            continue
        if context.calendar.pay_period(later.effective.start).start != later.effective.start:
            period = context.calendar.pay_period(later.effective.start)
            place = later.cap.span if later.cap else later.span
            context.report(
                "cap-change-inside-period", place, plan=later.name, day=later.effective.start, start=period.start
            )


def _limit(cap: Cap | None) -> object:
    return (cap.limit, cap.grain) if cap else None
