"""Apply budgets to components with a window. Amounts are in minor units."""

from __future__ import annotations

from spmlang.reference.earnings.earnings import Earning, grouped, rounded_minor, shared_lines
from spmlang.values.money import minor_places
from spmlang.values.rounding import apportion


def apply_budgets(earnings: list[Earning]) -> None:
    """Limit what all payees together earn in a window, by the latest version's budget."""
    held = [earning for earning in earnings if earning.component.budget is not None]
    for group in grouped(held, lambda item: (item.version.name, item.component.name, item.period.index)):
        group.sort(key=lambda item: (item.payee, item.version.version))
        latest = max(group, key=lambda item: item.version.version)
        assert latest.component.budget is not None
        budget = rounded_minor(latest.component.budget.limit, minor_places(latest.version.currency))
        if latest.component.budget.first_come:
            _first_come(group, budget)
        elif sum(item.amount for item in group) > budget:
            for item, share in zip(group, apportion(budget, [item.amount for item in group]), strict=True):
                item.limit_by("budget", share)


def _first_come(group: list[Earning], budget: int) -> None:
    """Pay every line what the lines before it leave of the budget; a return gives its part back."""
    lines = []
    for place, item in enumerate(group):
        own = shared_lines(item)
        item.requested = [amount for _, amount in own]
        lines += [
            (delta.order, item.payee, item.version.version, at, place, amount) for at, (delta, amount) in enumerate(own)
        ]
    granted: list[dict[int, int]] = [{} for _ in group]
    total = 0
    for *_, at, place, amount in sorted(lines):
        before, total = total, total + amount
        granted[place][at] = min(total, budget) - min(before, budget)
    for item, left in zip(group, granted, strict=True):
        item.granted = [left[at] for at in range(len(left))]
        item.limit_by("budget", sum(item.granted))
