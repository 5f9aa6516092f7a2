"""The payee-periods of a run that are recomputed, within a limit on the source rows that may be read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import pyarrow as pa

from spmlang.reference.credits.credit_rows import Credit
from spmlang.reference.credits.rows_of_payees import RowsOfPayees
from spmlang.reference.recompute import RowsNeeded, recompute, rows_needed
from spmlang.reference.result_tables import payout_table
from spmlang.reference.sources.rows import MissingValue
from spmlang.reference.trace import reading_components
from spmlang.run.run import Run

from .differences import Key, compare, payouts_by_key
from .random_choice import SampleDraw

#: The number of payee-periods drawn for a component. The first that needs no more rows than are left is recomputed.
_TRIES = 2

#: After that, the number of credits of drawn rows and of drawn payouts that are recomputed, while rows are left.
_FOLLOWED, _MORE = 5, 10

#: The number of payee-periods with too many rows after which the sample ends.
_REFUSED = 3

#: A component of a plan version: plan, version, name.
ComponentKey = tuple[str, int, str]

#: A payee's pay of a period by one plan: payee, period, plan.
PayeePeriodKey = tuple[str, str, str]


@dataclass
class Sample:
    """The payouts of a run that were recomputed with equal results.

    Attributes:
        run: The run.
        drawn: The draw of the run.
        most: The most source rows that may be read.
        payouts: The recomputed payouts. The value is True if caps, budgets, pools and contests were recomputed, too.
    """

    run: Run
    drawn: SampleDraw
    most: int
    payouts: dict[Key, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.sources = RowsOfPayees(self.run.program, self.run.tables)
        self.names = self.run.program.component_names()
        table = self.run.result.payouts
        columns = ("period", "payee", "plan", "version", "component")
        self.keys: list[Key] = list(zip(*(table[name].to_pylist() for name in columns), strict=True))
        self.parts: dict[ComponentKey, list[int]] = {}
        self.shares: dict[PayeePeriodKey, list[int]] = {}
        for number, (period, payee, plan, version, component) in enumerate(self.keys):
            self.parts.setdefault((plan, version, component), []).append(number)
            self.shares.setdefault((payee, period, plan), []).append(number)

    def recomputed(self, credits: Iterable[Credit]) -> Sample:
        """Recompute payee-periods, and return this sample.

        First there is a payee-period for each component. Then follow the payee-periods in which drawn `credits` count,
        and those of drawn payouts, while rows are left.

        Raises:
            Problems: For the first payout that differs.
        """
        more = self._more(credits)
        drawn = [payee for part in self.parts for payee, *_ in self._drawn(part)] + [payee for payee, *_ in more]
        with self.sources.holding(frozenset(drawn)):
            self._for_parts()
            refused = 0
            for share in more:
                refused += not self._whole(share)
                if refused == _REFUSED:
                    break
        return self

    def _for_parts(self) -> None:
        """Recompute a payee-period for each component.

        The first pass gives each component a fair share of the rows that are left. The second pass gives it all of
        them.
        """
        for fair in (True, False):
            waiting = sorted(set(self.parts) - self._done())
            for place, part in enumerate(waiting):
                left = self.most - self.sources.rows_read
                if part not in self._done():
                    self._for_part(part, left // (len(waiting) - place) if fair else left)

    def agreeing(self) -> int:
        """Return the number of payee-periods with every payout recomputed, apart from components left out."""
        touched = {(payee, period): True for period, payee, *_ in self.payouts}
        never = set(self.left_out())
        for period, payee, *part in self.keys:
            if (payee, period) in touched and tuple(part) not in never:
                touched[payee, period] &= (period, payee, *part) in self.payouts
        return sum(touched.values())

    def left_out(self) -> list[ComponentKey]:
        """Return the components without a recomputed payout."""
        return sorted(set(self.parts) - self._done())

    def _done(self) -> set[ComponentKey]:
        """Return the components with a recomputed payout."""
        return {at[2:] for at in self.payouts}

    def before_limits(self) -> list[ComponentKey]:
        """Return the components recomputed only before caps, budgets, pools and contests."""
        return sorted({at[2:] for at in self.payouts} - {at[2:] for at, limits in self.payouts.items() if limits})

    # ---- attempts -----------------------------------------------------------------------------

    def _drawn(self, part: ComponentKey) -> list[PayeePeriodKey]:
        """Draw some payee-periods of a component."""
        numbers = self.parts[part]
        draws = self.drawn.some(_TRIES, len(numbers), "payout", *part)
        return [(payee, period, plan) for period, payee, plan, *_ in (self.keys[numbers[draw]] for draw in draws)]

    def _for_part(self, part: ComponentKey, most: int) -> None:
        """Recompute one of the component's drawn payee-periods, if it needs at most `most` rows.

        All other components of the plan in the same payee-period are included if there are enough rows for them. If no
        payee-period fits with limits, it is tried before limits.
        """
        shares = self._drawn(part)
        for limits in (True, False):
            for share in shares:
                for names in (self._left(share) | {part[2]}, {part[2]}):
                    reading = self._reading(share, names, limits=limits)
                    if reading.fits(self.sources, min(most, self.most - self.sources.rows_read)):
                        self._recompute(share, reading)
                        return
                if reading.everybody:
                    break

    def _whole(self, share: PayeePeriodKey) -> bool:
        """Recompute all components of a payee-period, if necessary before limits.

        Return False if that needs too many rows.
        """
        for limits in (True, False):
            left = self._left(share)
            if not left or self._some(share, left, limits=limits):
                return True
        return False

    def _left(self, share: PayeePeriodKey) -> set[str]:
        """Return the names of the plan's components that were not recomputed for a payee-period.

        Components without a payout are included, because their payout may be missing.
        """
        plan = share[2]
        done = {at[4] for at in self.payouts if (at[1], at[0], at[2]) == share}
        return set(self.names[plan]) - done

    def _some(self, share: PayeePeriodKey, names: Collection[str], *, limits: bool) -> bool:
        """Recompute some components and compare them. Return False if that needs too many rows."""
        reading = self._reading(share, names, limits=limits)
        if not reading.fits(self.sources, self.most - self.sources.rows_read):
            return False
        self._recompute(share, reading)
        return True

    def _recompute(self, share: PayeePeriodKey, reading: RowsNeeded) -> None:
        """Recompute components and compare them.

        Raises:
            Problems: For the first payout that differs.
        """
        expected = payout_table(self.run.program, recompute(self.sources, reading))
        numbers = [number for number in self.shares.get(share, ()) if self.keys[number][4] in reading.names]
        found = self.run.result.payouts.take(pa.array(numbers, pa.int64()))
        compare(self.run, payouts_by_key(expected), payouts_by_key(found), limits=reading.limits)
        for number in numbers:
            key = self.keys[number]
            self.payouts[key] = reading.limits or self.payouts.get(key, False)

    def _reading(self, share: PayeePeriodKey, names: Collection[str], *, limits: bool) -> RowsNeeded:
        payee, period, plan = share
        return rows_needed(
            self.sources, payee, period=self.run.names.period(period), plan=plan, names=names, limits=limits
        )

    def _more(self, credits: Iterable[Credit]) -> list[PayeePeriodKey]:
        """Return the payee-periods in which drawn credits count, then those of drawn payouts."""
        found = dict.fromkeys(self._following(credits))
        for number in self.drawn.some(_MORE, len(self.keys), "more"):
            period, payee, plan, *_ = self.keys[number]
            found[payee, period, plan] = None
        return list(found)

    def _following(self, credits: Iterable[Credit]) -> Iterator[PayeePeriodKey]:
        """Yield the payee-periods of the run in which drawn credits count."""
        request = self.run.request
        for credit in islice(credits, _FOLLOWED):
            try:
                for reader in reading_components(self.sources, credit.measure, credit.payee, credit.day):
                    if request.first.index <= reader.period.index <= request.last.index:
                        yield credit.payee, reader.period.label, reader.version.name
            except MissingValue:
                continue
