"""Reject components that are due before the results which their targets are based on are complete.

Later results would change a target that was already paid for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from spmlang.diagnostics.diagnostic import Label
from spmlang.diagnostics.text import Span
from spmlang.program.expressions import Attainment, Expr, QuotaValue, walk
from spmlang.program.pay_rules import Basis, Formula
from spmlang.program.program import Component, PlanVersion
from spmlang.values.calendar import Grain

from .context import Context


def check_targets_complete(context: Context, plans: Iterable[PlanVersion]) -> None:
    """Report quotas of intervals that are not over when a component falls due.

    This is a mistake only if results within such an interval are part of its targets.
    """
    for plan in plans:
        for component in plan.components:
            for name, over, span in _quotas_read(component):
                quota, counted = plan.quotas.get(name), over or component.accumulates
                if quota is None or counted is component.due:
                    continue
                back = min((node.back for node in quota.earlier), key=lambda grain: grain.months, default=counted)
                if quota.given.months <= back.months < counted.months:
                    why = [Label(quota.span, "the quota")]
                    words = {"name": name, "back": back, "counted": counted, "due": component.due}
                    context.report("target-to-come", span, why, **words)


def _quotas_read(component: Component) -> Iterator[tuple[str, Grain | None, Span]]:
    """Yield the quotas of whole intervals that a component reads, itself or through other components' earnings.

    Each entry is the quota's name, the longer interval or None, and the place.
    """
    pay = component.pay
    tops: list[Expr] = [pay.value] if isinstance(pay, Formula) else [tier.value for tier in pay.rows]
    for top in (*tops, *(condition.test for condition in component.conditions)):
        for node in walk(top):
            if isinstance(node, Attainment) and not node.so_far:
                yield node.quota, node.over, node.span
            elif isinstance(node, QuotaValue):
                yield node.quota, None, node.span
    if not isinstance(pay, Formula) and pay.basis is Basis.ATTAINMENT:
        yield pay.quota, None, pay.span
    for used in component.uses:
        yield from _quotas_read(used)
