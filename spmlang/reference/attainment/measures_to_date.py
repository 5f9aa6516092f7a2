"""Measures of payees over days: sums of credits."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from itertools import accumulate

from spmlang.reference.credits.credit_rows import Credit, by_payee


class CreditTotals:
    """The credits of every measure and payee, in order, with running totals."""

    def __init__(self, credits: Mapping[str, list[Credit]]) -> None:
        self._credits: dict[tuple[str, str], list[Credit]] = {}
        self._days: dict[tuple[str, str], list[date]] = {}
        self._totals: dict[tuple[str, str], list[Fraction]] = {}
        for measure, given in credits.items():
            for payee, own in by_payee(given).items():
                at = (measure, payee)
                self._credits[at] = own
                self._days[at] = [credit.day for credit in own]
                self._totals[at] = [Fraction(0), *accumulate(credit.amount for credit in own)]

    def value(self, measure: str, payee: str, start: date, end: date) -> Fraction:
        """Return the sum of the credits dated start..end, both included."""
        low, high = self._bounds(measure, payee, start, end)
        if low >= high:
            return Fraction(0)
        totals = self._totals[measure, payee]
        return totals[high] - totals[low]

    def credits(self, measures: tuple[str, ...], payee: str, start: date, end: date) -> list[Credit]:
        """Return the credits of the measures dated start..end (both included), in the order of lines."""
        found: list[Credit] = []
        for measure in measures:
            low, high = self._bounds(measure, payee, start, end)
            found += self._credits.get((measure, payee), [])[low:high]
        return sorted(found, key=lambda credit: credit.order)

    def _bounds(self, measure: str, payee: str, start: date, end: date) -> tuple[int, int]:
        days = self._days.get((measure, payee), [])
        return bisect_left(days, start), bisect_right(days, end)
