"""Reject components that are due before the results which their targets are based on are complete.

Later results would change a target that was already paid for.
"""

from __future__ import annotations

from collections.abc import Iterable

from spmlang.diagnostics.diagnostic import Label
from spmlang.program.program import PlanVersion
from spmlang.program.reads import quota_uses

from .context import Context


def check_targets_complete(context: Context, plans: Iterable[PlanVersion]) -> None:
    """Report quotas of intervals that are not over when a component falls due.

    This is a mistake only if results within such an interval are part of its targets.
    """
    for plan in plans:
        for component in plan.components:
            for use in quota_uses(component):
                quota, counted = plan.quotas.get(use.quota), use.over or component.accumulates
                if use.so_far or quota is None or counted is component.due:
                    continue
                back = min((node.back for node in quota.earlier), key=lambda grain: grain.months, default=counted)
                if quota.given.months <= back.months < counted.months:
                    why = [Label(quota.span, "the quota")]
                    words = {"name": use.quota, "back": back, "counted": counted, "due": component.due}
                    context.report("target-to-come", use.span, why, **words)
