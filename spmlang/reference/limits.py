"""Pools, contests, caps and budgets, in the order stated in docs/decisions/0002-meaning-of-a-run.md.

Amounts are in minor units.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from fractions import Fraction

from spmlang.diagnostics.diagnostic import Diagnostic, diagnose
from spmlang.program.pools_and_contests import Contest, Pool, Ties
from spmlang.program.program import Cap
from spmlang.values.calendar import Calendar, Grain, Interval
from spmlang.values.money import minor_places
from spmlang.values.rounding import apportion, in_proportion

from .earnings.earnings import Earning, rounded_minor, shared_lines
from .sources.expressions import EvaluationContext, number
from .sources.rows import MissingValue, SourceRows


def apply_limits(facts: SourceRows, earnings: list[Earning], problems: list[Diagnostic]) -> None:
    """Limit the amounts of all payees' earnings, in place.

    Args:
        facts: the rows of the tables.
        earnings: the earnings of all payees, with `amount` equal to `earned`.
        problems: receives the problems found.
    """
    limiter = _Limiter(facts, problems)
    limiter.pools(earnings)
    limiter.contests(earnings)
    for grain in Grain:
        limiter.component_caps(earnings, grain)
    limiter.budgets(earnings)
    for grain in Grain:
        limiter.plan_caps(earnings, grain)


class _Limiter:
    """A set of limits, applied one kind after another to `amount` of earnings; each change is noted in `limits`."""

    def __init__(self, facts: SourceRows, problems: list[Diagnostic]) -> None:
        self.facts = facts
        self.problems = problems
        self.calendar: Calendar = facts.program.calendar

    def pools(self, earnings: list[Earning]) -> None:
        """Share each pot in proportion to what the pool would pay each payee.

        A component that pays into a pool pays nothing else. If no payee has a weight, the pot that a component paid in
        is shared equally, so that it is not lost.
        """
        amounts = {id(item): item.amount for item in earnings}
        for group in _groups(earnings, _version_and_period):
            version = group[0].version
            for component in version.components:
                pool = component.shared
                if not isinstance(pool, Pool):
                    continue
                paying = [item for item in group if item.component.name == component.name]
                put_in = [item for item in group if item.component.name == pool.component]
                pot = sum(amounts[id(item)] for item in put_in)
                if pool.amount is not None:
                    pot = rounded_minor(pool.amount, minor_places(version.currency))
                paying.sort(key=lambda item: item.payee)
                weights = [max(Fraction(0), item.exact) for item in paying]
                if pool.component is not None and not any(weights):
                    weights = [Fraction(1)] * len(paying)
                for item, share in zip(paying, apportion(pot, in_proportion(weights)), strict=True):
                    self._keep(item, "pool", share)
                    item.shared = share
            for item in group:
                if item.component.name in version.pots():
                    self._keep(item, "pool that it is paid into", 0)

    def contests(self, earnings: list[Earning]) -> None:
        """Pay each place's prize to the payees on the version on the last day who have a score above zero."""
        for group in _groups(earnings, lambda item: (*_version_and_period(item), item.component.name)):
            contest = group[0].component.shared
            if not isinstance(contest, Contest):
                continue
            end = group[0].component.window.through if group[0].component.window else group[0].period.end
            there = sorted(
                (item for item in group if item.exact > 0 and item.last.end == end),
                key=lambda item: (-item.exact, item.payee),
            )
            scores = [item.exact for item in there]
            present = {id(item) for item in there}
            for item in group:
                if id(item) not in present:
                    self._keep(item, "contest", 0)
            for score in dict.fromkeys(scores):
                first = scores.index(score)
                tied = there[first : first + scores.count(score)]
                places = range(first + 1, first + len(tied) + 1)
                for item, amount in zip(tied, _prizes(contest, tied, places), strict=True):
                    self._keep(item, f"place {first + 1} of {len(there)}", amount)

    def component_caps(self, earnings: list[Earning], grain: Grain) -> None:
        """Limit each earning to the rest that its own version's cap leaves of the running sum."""
        if not any(cap.grain is grain for earning in earnings for cap in earning.component.caps):
            return
        for group in _groups(
            earnings,
            lambda item: (item.version.name, item.payee, item.component.name, self._interval(item.period, grain)),
        ):
            group.sort(key=lambda item: (item.period.index, item.version.version))
            total = 0
            for earning in group:
                before, total = total, total + earning.amount
                cap = next((cap for cap in earning.component.caps if cap.grain is grain), None)
                if cap is not None:
                    limit = self._limit(cap, earning, earning.component.name)
                    self._keep(earning, f"cap each {grain}", min(total, limit) - min(before, limit))

    def budgets(self, earnings: list[Earning]) -> None:
        """Limit what all payees together earn in a window, by the latest version's budget."""
        held = [earning for earning in earnings if earning.component.budget is not None]
        for group in _groups(held, lambda item: (item.version.name, item.component.name, item.period.index)):
            group.sort(key=lambda item: (item.payee, item.version.version))
            latest = max(group, key=lambda item: item.version.version)
            assert latest.component.budget is not None
            budget = rounded_minor(latest.component.budget.limit, minor_places(latest.version.currency))
            if latest.component.budget.first_come:
                self._first_come(group, budget)
            elif sum(item.amount for item in group) > budget:
                for item, share in zip(group, apportion(budget, [item.amount for item in group]), strict=True):
                    self._keep(item, "budget", share)

    def _first_come(self, group: list[Earning], budget: int) -> None:
        """Pay every line what the lines before it leave of the budget; a return gives its part back."""
        lines = []
        for place, item in enumerate(group):
            own = shared_lines(item)
            item.asked = [amount for _, amount in own]
            lines += [
                (move.order, item.payee, item.version.version, at, place, amount)
                for at, (move, amount) in enumerate(own)
            ]
        kept: list[dict[int, int]] = [{} for _ in group]
        total = 0
        for *_, at, place, amount in sorted(lines):
            before, total = total, total + amount
            kept[place][at] = min(total, budget) - min(before, budget)
        for item, left in zip(group, kept, strict=True):
            item.kept = [left[at] for at in range(len(left))]
            self._keep(item, "budget", sum(item.kept))

    def plan_caps(self, earnings: list[Earning], grain: Grain) -> None:
        """Limit each pay period to the rest that the plan's cap leaves of the running sum over all components.

        The cap is that of the latest version in the period, evaluated on that version's last slice.
        """
        if not any(earning.version.cap is not None and earning.version.cap.grain is grain for earning in earnings):
            return
        for group in _groups(
            earnings, lambda item: (item.version.name, item.payee, self._interval(item.period, grain))
        ):
            total = 0
            for period in _groups(group, lambda item: item.period.index, ordered=True):
                period.sort(key=lambda item: (item.component.name, item.version.version))
                own = sum(item.amount for item in period)
                before, total = total, total + own
                deciding = max(period, key=lambda item: (item.version.version, item.last.end))
                cap = deciding.version.cap
                if cap is None or cap.grain is not grain:
                    continue
                limit = self._limit(cap, deciding, deciding.version.name)
                left = min(total, limit) - min(before, limit)
                if left != own:
                    for item, share in zip(period, apportion(left, [item.amount for item in period]), strict=True):
                        self._keep(item, f"plan's cap each {grain}", share)

    def _interval(self, period: Interval, grain: Grain) -> int:
        return self.calendar.interval(period.end, grain).index

    def _keep(self, earning: Earning, limit: str, amount: int) -> None:
        """Set the amount of an earning, and note the limit if the amount changed."""
        if amount != earning.amount:
            earning.limits.append((limit, amount))
        earning.amount = amount

    def _limit(self, cap: Cap, earning: Earning, name: str) -> int:
        """Return a cap in minor units, by the roster row of the earning's last slice; zero after a problem."""
        part = earning.last
        try:
            limit = number(cap.limit, EvaluationContext(self.facts, part.row, part.end))
        except MissingValue as refused:
            self.problems.append(refused.diagnostic)
            return 0
        if limit < 0:
            words = {"component": name, "payee": earning.payee, "period": earning.period.label}
            self.problems.append(diagnose("run-cap-negative", cap.span, (), **words))
            limit = Fraction(0)
        return rounded_minor(limit, minor_places(earning.version.currency))


def _prizes(contest: Contest, tied: list[Earning], places: range) -> list[int]:
    """Return the prizes of payees with equal scores, who hold several places together."""
    cents = minor_places(tied[0].version.currency)
    if contest.ties is Ties.SHARE and not contest.rated:
        prizes = [rounded_minor(contest.prize(place, Fraction(0)), cents) for place in places]
        return apportion(sum(prizes), [1] * len(prizes))
    given = []
    for item in tied:
        own = [contest.prize(place, item.measure or Fraction(0)) for place in places]
        fair = {Ties.SHARE: sum(own, Fraction(0)) / len(own), Ties.HIGHER: own[0], Ties.LOWER: own[-1]}
        given.append(rounded_minor(fair[contest.ties], cents))
    return given


def _version_and_period(item: Earning) -> tuple[str, int, int]:
    return (item.version.name, item.version.version, item.period.index)


def _groups(
    items: Iterable[Earning], key: Callable[[Earning], Hashable], *, ordered: bool = False
) -> list[list[Earning]]:
    """Group earnings by a key. `ordered`: sort the groups by it."""
    found: dict[Hashable, list[Earning]] = defaultdict(list)
    for item in items:
        found[key(item)].append(item)
    return [found[at] for at in sorted(found)] if ordered else list(found.values())  # type: ignore[type-var]
