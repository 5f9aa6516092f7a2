"""Apply pools and contests, in which a payee's amount depends on the results of other payees.

Amounts are in minor units.
"""

from __future__ import annotations

from fractions import Fraction

from spmlang.program.pools_and_contests import Contest, Pool, Ties
from spmlang.reference.earnings.earnings import Earning, grouped, rounded_minor
from spmlang.values.money import minor_places
from spmlang.values.rounding import apportion, in_proportion


def apply_pools(earnings: list[Earning]) -> None:
    """Share each pot in proportion to what the pool would pay each payee.

    A component that pays into a pool pays nothing else. If no payee has a weight, the pot that a component paid in
    is shared equally, so that it is not lost.
    """
    amounts = {id(item): item.amount for item in earnings}
    for group in grouped(earnings, _version_and_period):
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
                item.limit_by("pool", share)
                item.shared = share
        for item in group:
            if item.component.name in version.pot_components():
                item.limit_by("pool that it is paid into", 0)


def apply_contests(earnings: list[Earning]) -> None:
    """Pay each place's prize to the payees on the version on the last day who have a score above zero."""
    for group in grouped(earnings, lambda item: (*_version_and_period(item), item.component.name)):
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
                item.limit_by("contest", 0)
        for score in dict.fromkeys(scores):
            first = scores.index(score)
            tied = there[first : first + scores.count(score)]
            places = range(first + 1, first + len(tied) + 1)
            for item, amount in zip(tied, _prizes(contest, tied, places), strict=True):
                item.limit_by(f"place {first + 1} of {len(there)}", amount)


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
