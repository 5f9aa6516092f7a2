"""Plan items without effect in a run.

These are plan versions without a payee, territories without a row, components that paid no payee, and tiers not
reached.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from spmlang.data.sql_text import fetch, quoted
from spmlang.data.tables import Row, exact
from spmlang.diagnostics.text import Span
from spmlang.program.expressions import Column, walk
from spmlang.program.measures import Territory
from spmlang.program.pay_rules import Basis, Tiers
from spmlang.program.program import Component, PlanVersion
from spmlang.reference.payees.plan_members import membership_spans, payees
from spmlang.reference.sources.expressions import EvaluationContext, evaluate_condition
from spmlang.reference.sources.rows import MissingValue, SourceRows
from spmlang.run.labels import component_keys
from spmlang.run.run import Run
from spmlang.run.unit_columns import integers

from .payouts import place

#: The most distinct rows of a source that are compared with territories. More would take longer than the run.
_MOST_ROWS = 200_000


class PlanItemKind(StrEnum):
    """The kind of a plan item without effect."""

    PLAN = "plan"
    TERRITORY = "territory"
    COMPONENT = "component"
    TIER = "tier"


@dataclass(frozen=True)
class UnusedPlanItem:
    """A plan item without effect.

    It is a plan version without a payee, a territory without a row, an unpaid component, or a tier that no payee
    reached. `name` is `plan version component` as far as it applies. `text` is a sentence. `source` is the plan line.
    """

    kind: PlanItemKind
    name: str
    text: str
    source: str

    @property
    def loud(self) -> bool:
        """True for plan versions and territories, which are rarely meant to have no effect.

        Components and tiers without effect are in the manifest only, because they may wait for their first payee.
        """
        return self.kind in (PlanItemKind.PLAN, PlanItemKind.TERRITORY)


def unused_plan_items(run: Run) -> list[UnusedPlanItem]:
    """Return the plan items without effect in the periods of the run, in the order of kinds."""
    sources = SourceRows(run.program, run.tables)
    return [*_plans(run, sources), *_territories(run, sources), *_components(run)]


def _unmet(run: Run, kind: PlanItemKind, *, name: str, text: str, span: Span) -> UnusedPlanItem:
    return UnusedPlanItem(kind, name, text, place(run.program, span))


def _plans(run: Run, sources: SourceRows) -> Iterator[UnusedPlanItem]:
    """Yield the plan versions in force during the run that have no payee.

    Only versions without payouts are checked on the roster, because a version with payees may have nothing due yet.
    """
    first, last = run.request.first.start, run.request.last.end
    paying = {name.rpartition(" ")[0] for name in component_keys(run.result.payouts).unique().to_pylist()}
    for plan in run.program.plans:
        through = plan.effective.through or last
        name = f"{plan.name} {plan.version}"
        if (
            plan.effective.start <= last
            and first <= through
            and name not in paying
            and not _has_payees(plan, sources, first, last)
        ):
            yield _unmet(
                run,
                PlanItemKind.PLAN,
                name=name,
                text=f"no payee was on plan {plan.name}, version {plan.version}",
                span=plan.span,
            )


def _has_payees(plan: PlanVersion, sources: SourceRows, first: date, last: date) -> bool:
    """Return True if a payee is on the plan version on a day from `first` to `last`.

    It is True, too, if the data lacks a value.
    """
    try:
        return any(
            part.cut(first, last) for payee in payees(sources) for part in membership_spans(sources, plan, payee, last)
        )
    except MissingValue:
        return True


def _territories(run: Run, sources: SourceRows) -> Iterator[UnusedPlanItem]:
    by_source: dict[str, list[Territory]] = defaultdict(list)
    for territory in run.program.territories:
        by_source[territory.source].append(territory)
    for source, territories in by_source.items():
        for territory in _without_rows(run, sources, source, territories):
            text = f"no row of {source} lies in territory {territory.name}"
            yield _unmet(run, PlanItemKind.TERRITORY, name=territory.name, text=text, span=territory.span)


def _without_rows(run: Run, sources: SourceRows, source: str, territories: list[Territory]) -> list[Territory]:
    """Return the territories that cover no row of a source.

    Rows are compared by their distinct values in the columns that the territories read. The result is empty if these
    are more than _MOST_ROWS.
    """
    read = [column for territory in territories for column in walk(territory.covers) if isinstance(column, Column)]
    names = sorted({column.steps[0].column if column.steps else column.name for column in read})
    if not names:
        return []
    columns = ", ".join(map(quoted, names))
    query = f"select distinct {columns} from {run.tables.relation(source)} limit {_MOST_ROWS + 1}"
    found = fetch(run.tables.connection.cursor(), query)
    if len(found) > _MOST_ROWS:
        return []
    left = territories
    for values in found:
        row: Row = {name: exact(value) for name, value in zip(names, values, strict=True)}
        left = [territory for territory in left if not _covers(sources, territory, row, run.request.last.end)]
        if not left:
            break
    return left


def _covers(sources: SourceRows, territory: Territory, row: Row, day: date) -> bool:
    """Return True if the territory covers the row on the day, or if a value is missing."""
    try:
        return evaluate_condition(
            territory.covers, EvaluationContext(sources=sources, row={**row, "_file": "", "_row": Fraction(0)}, day=day)
        )
    except MissingValue:
        return True


def _components(run: Run) -> Iterator[UnusedPlanItem]:
    """Yield the components that paid no payee, and for the others the tiers above the highest one reached."""
    payouts = run.result.payouts
    names = component_keys(payouts).to_pylist()
    amounts, measures, quotas = (integers(payouts[name]) for name in ("amount_minor", "measure_units", "quota_units"))
    paid: dict[str, bool] = {}
    highest: dict[str, Fraction] = {}
    for name, amount, measure, quota in zip(names, amounts, measures, quotas, strict=True):
        paid[name] = paid.get(name, False) or bool(amount)
        plan, component = run.names.components[name]
        reached = _reached(run, plan, component=component, measure=measure, quota=quota)
        if reached is not None:
            highest[name] = max(reached, highest.get(name, reached))
    for name in sorted(paid):
        plan, component = run.names.components[name]
        where = f"plan {plan.name}, version {plan.version}"
        if not paid[name]:
            yield _unmet(
                run,
                PlanItemKind.COMPONENT,
                name=name,
                text=f"{component.name} of {where} paid no payee",
                span=component.span,
            )
        elif isinstance(component.pay, Tiers) and name in highest:
            for tier in component.pay.rows:
                if tier.low > max(highest[name], Fraction(0)):
                    text = (
                        f"no payee reached the tier {' '.join(tier.span.text.split())} of {component.name} of {where}"
                    )
                    yield _unmet(run, PlanItemKind.TIER, name=name, text=text, span=tier.span)


def _reached(
    run: Run, plan: PlanVersion, *, component: Component, measure: int | None, quota: int | None
) -> Fraction | None:
    """Return the value that a component's tiers compare: the measure, or the attainment if they are by attainment.

    The result is None without tiers or a measure, or if the tiers are by attainment and there is no quota or one of
    zero.
    """
    tiers = component.pay
    if not isinstance(tiers, Tiers) or measure is None:
        return None
    value = Fraction(measure, 10 ** run.program.measures[tiers.measure].type.scale)
    if tiers.basis is Basis.AMOUNT:
        return value
    return value / Fraction(quota, 10 ** plan.quotas[tiers.quota].type.scale) if quota else None
