"""The pay periods of lines that are paid on a day in their source row, or as cash is received for that row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from typing import cast

from spmlang.data.tables import Row
from spmlang.program.payment_terms import Hold, ReleaseWith
from spmlang.program.program import Component
from spmlang.reference.sources.rows import SourceRows
from spmlang.values.calendar import Interval
from spmlang.values.rounding import Mode, div_round

from .instalments import Instalment, split_amounts

#: The pay period (index) of an amount without a known day of payment.
_NEVER = 10**9


class CashReceipts:
    """Instalments of single lines, by the data about their source rows."""

    def __init__(self, sources: SourceRows) -> None:
        self._sources = sources
        self._calendar = sources.program.calendar
        self._receipts: dict[ReleaseWith, dict[str, list[tuple[date, Fraction]]]] = {}

    def instalments(self, component: Component, period: Interval, key: str, amount: int) -> Iterator[Instalment]:
        """Yield the instalments of a line, by the data about its source row with that key.

        Args:
            component: the component that pays the line; its `release` is a `ReleaseWith`, or a `Hold` until a
                column's day.
            period: the pay period in which the line falls due.
            key: the key of the source row.
            amount: the line's amount in minor units.
        """
        release = component.release
        if isinstance(release, ReleaseWith):
            yield from self._with_cash(component, release, period=period, key=key, amount=amount)
        else:
            assert isinstance(release, Hold), "lines are asked for where rows say when they are paid"
            paid, held = split_amounts(amount, release)
            yield Instalment(component, paid, period.index)
            yield Instalment(component, held, self._stated(release, period, key))

    def _stated(self, hold: Hold, period: Interval, key: str) -> int:
        """Return the pay period of the day that the row states, but none before the line falls due."""
        assert hold.column is not None
        row = self._row(hold.column.root, key)
        day = cast("date | None", self._sources.read(row, hold.column, date.min))
        return _NEVER if day is None else max(period.index, self._calendar.pay_period(day).index)

    def _row(self, source: str, key: str) -> Row:
        """Return the source row with a key."""
        return self._sources.having(source, "_key", key)[0]

    def _with_cash(
        self, component: Component, release: ReleaseWith, *, period: Interval, key: str, amount: int
    ) -> Iterator[Instalment]:
        """Yield the instalments of a line as cash is received for its row (decision 5, step 1).

        The share that is released is that of all cash received in the row's value, at least 0 and at most 1, so a
        refund takes its part back. A line whose row is worth nothing is paid at once, because no cash will come for it.
        """
        if not self._worth(release, key):
            yield Instalment(component, amount, period.index)
            return
        come = Fraction(0)
        released = 0
        for day, part in self._parts(release).get(key, ()):
            come += part
            whole = min(max(come, Fraction(0)), Fraction(1)) * amount
            reached = div_round(whole.numerator, whole.denominator, Mode.HALF_UP)
            if reached != released:
                yield Instalment(component, reached - released, max(period.index, self._calendar.pay_period(day).index))
                released = reached
        yield Instalment(component, amount - released, _NEVER)

    def _worth(self, release: ReleaseWith, key: str) -> Fraction:
        """Return the value of the source row, in which the share of cash is measured."""
        return cast(Fraction, self._row(release.source, key)[release.of.name])

    def _parts(self, release: ReleaseWith) -> dict[str, list[tuple[date, Fraction]]]:
        """Return the days of the receipts for each row, and the share of the row's value that each receipt is.

        The dict has them by the key of the row that is paid for, in the order of days.
        """
        if release not in self._receipts:
            found: dict[str, list[tuple[date, Fraction]]] = {}
            for row in self._sources.rows(release.cash.root):
                paid_for = self._sources.reach(row, release.of.steps, date.min)
                whole = cast(Fraction, paid_for[release.of.name]) if paid_for is not None else Fraction(0)
                if paid_for is not None and whole:
                    part = cast(Fraction, row[release.cash.name]) / whole
                    found.setdefault(str(paid_for["_key"]), []).append((cast(date, row[release.on.name]), part))
            for parts in found.values():
                parts.sort()
            self._receipts[release] = found
        return self._receipts[release]
