"""The payee-periods of a run that are recomputed, within the rows that may be read for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import pyarrow as pa

from spmlang.reference.credits.credit_rows import Credit
from spmlang.reference.credits.rows_of_payees import RowsOfPayees
from spmlang.reference.engine import payout_table
from spmlang.reference.recompute import RowsNeeded, recompute, rows_needed
from spmlang.reference.sources.rows import MissingValue
from spmlang.reference.trace import reading_components
from spmlang.run.run import Run

from .differences import Key, compare, payouts_by_key
from .draw import Draw

#: So many payee-periods are drawn for a component, until one takes no more rows than there are left for it.
_TRIES = 2

#: Then so many credits of drawn rows, and so many payouts that are drawn, are recomputed, while rows are left.
_FOLLOWED, _MORE = 5, 10

#: After so many that take too many rows nothing more is tried.
_REFUSED = 3

#: A component of a plan version: plan, version, name.
Part = tuple[str, int, str]

#: A payee's pay of a period by one plan: payee, period, plan.
Share = tuple[str, str, str]


@dataclass
class Sample:
    """Payouts that were recomputed with the same result: with caps, budgets, pools and contests, or only before these.

    At most `most` rows of sources are read.
    """

    run: Run
    drawn: Draw
    most: int
    payouts: dict[Key, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.facts = RowsOfPayees(self.run.program, self.run.tables)
        self.names = self.run.program.component_names()
        table = self.run.result.payouts
        columns = ("period", "payee", "plan", "version", "component")
        self.keys: list[Key] = list(zip(*(table[name].to_pylist() for name in columns), strict=True))
        self.parts: dict[Part, list[int]] = {}
        self.shares: dict[Share, list[int]] = {}
        for number, (period, payee, plan, version, component) in enumerate(self.keys):
            self.parts.setdefault((plan, version, component), []).append(number)
            self.shares.setdefault((payee, period, plan), []).append(number)

    def recomputed(self, credits: Iterable[Credit]) -> Sample:
        """First a payee-period for each component; then those in which drawn credits count. Raises Problems for a difference."""
        more = self._more(credits)
        drawn = [payee for part in self.parts for payee, *_ in self._drawn(part)] + [payee for payee, *_ in more]
        with self.facts.holding(frozenset(drawn)):
            self._for_parts()
            refused = 0
            for share in more:
                refused += not self._whole(share)
                if refused == _REFUSED:
                    break
        return self

    def _for_parts(self) -> None:
        for fair in (True, False):
            waiting = sorted(set(self.parts) - self._done())
            for place, part in enumerate(waiting):
                left = self.most - self.facts.rows_read
                if part not in self._done():
                    self._for_part(part, left // (len(waiting) - place) if fair else left)

    def agreeing(self) -> int:
        """Payee-periods that were recomputed: all that they pay, but for components that were left out."""
        touched = {(payee, period): True for period, payee, *_ in self.payouts}
        never = set(self.left_out())
        for period, payee, *part in self.keys:
            if (payee, period) in touched and tuple(part) not in never:
                touched[payee, period] &= (period, payee, *part) in self.payouts
        return sum(touched.values())

    def left_out(self) -> list[Part]:
        """The components of which no payout was recomputed."""
        return sorted(set(self.parts) - self._done())

    def _done(self) -> set[Part]:
        return {at[2:] for at in self.payouts}

    def before_limits(self) -> list[Part]:
        """The components of which payouts were recomputed only before caps and what payees share."""
        return sorted({at[2:] for at in self.payouts} - {at[2:] for at, limits in self.payouts.items() if limits})

    # ---- what is tried ------------------------------------------------------------------------

    def _drawn(self, part: Part) -> list[Share]:
        """Some of what a component pays."""
        numbers = self.parts[part]
        draws = self.drawn.some(_TRIES, len(numbers), "payout", *part)
        return [(payee, period, plan) for period, payee, plan, *_ in (self.keys[numbers[draw]] for draw in draws)]

    def _for_part(self, part: Part, most: int) -> None:
        """One of some that are drawn, with all else that the plan pays then, if it takes no more rows than `most`."""
        shares = self._drawn(part)
        for limits in (True, False):
            for share in shares:
                for names in (self._left(share) | {part[2]}, {part[2]}):
                    reading = self._reading(share, names, limits=limits)
                    if reading.fits(self.facts, min(most, self.most - self.facts.rows_read)):
                        self._recompute(share, reading)
                        return
                if reading.everybody:
                    break

    def _whole(self, share: Share) -> bool:
        """All that is paid, or all before limits; False where that takes too many rows."""
        for limits in (True, False):
            left = self._left(share)
            if not left or self._some(share, left, limits=limits):
                return True
        return False

    def _left(self, share: Share) -> set[str]:
        """The components whose payouts are not recomputed; of those without a payout all, as one may be missing."""
        plan = share[2]
        done = {at[4] for at in self.payouts if (at[1], at[0], at[2]) == share}
        return set(self.names[plan]) - done

    def _some(self, share: Share, names: Collection[str], *, limits: bool) -> bool:
        """Recompute some components and compare; False where that takes too many rows."""
        reading = self._reading(share, names, limits=limits)
        if not reading.fits(self.facts, self.most - self.facts.rows_read):
            return False
        self._recompute(share, reading)
        return True

    def _recompute(self, share: Share, reading: RowsNeeded) -> None:
        """Raises Problems for a difference."""
        expected = payout_table(self.run.program, recompute(self.facts, reading))
        numbers = [number for number in self.shares.get(share, ()) if self.keys[number][4] in reading.names]
        found = self.run.result.payouts.take(pa.array(numbers, pa.int64()))
        compare(self.run, payouts_by_key(expected), payouts_by_key(found), limits=reading.limits)
        for number in numbers:
            key = self.keys[number]
            self.payouts[key] = reading.limits or self.payouts.get(key, False)

    def _reading(self, share: Share, names: Collection[str], *, limits: bool) -> RowsNeeded:
        payee, period, plan = share
        return rows_needed(self.facts, payee, self.run.names.period(period), plan, names, limits=limits)

    def _more(self, credits: Iterable[Credit]) -> list[Share]:
        """The payee-periods in which drawn credits count first, and those of payouts that are drawn."""
        found = dict.fromkeys(self._following(credits))
        for number in self.drawn.some(_MORE, len(self.keys), "more"):
            period, payee, plan, *_ = self.keys[number]
            found[payee, period, plan] = None
        return list(found)

    def _following(self, credits: Iterable[Credit]) -> Iterator[Share]:
        request = self.run.request
        for credit in islice(credits, _FOLLOWED):
            try:
                for reader in reading_components(self.facts, credit.measure, credit.payee, credit.day):
                    if request.first.index <= reader.period.index <= request.last.index:
                        yield credit.payee, reader.period.label, reader.version.name
            except MissingValue:
                continue
