"""Quotas: a payee's targets for a measure in each interval."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction

from spmlang.diagnostics.text import Span
from spmlang.values.calendar import Grain

from .expressions import Expr, MeasureBefore, walk
from .types import Type


class Days(StrEnum):
    """The days that count when an amount is prorated. Working days are Monday to Friday."""

    CALENDAR = "calendar days"
    WORKING = "working days"


@dataclass(frozen=True, kw_only=True)
class Quota:
    """A payee's target for a measure in every interval of `grain`. The quota of a longer interval is the sum.

    Attributes:
        name: The measure's name, or a name of its own if a measure has several quotas.
        table: The quota table, with columns payee, period and target. None if the plan text gives `target`.
        where: A filter of the table's rows.
        target: An expression over the roster row, for all payees; read as of the payee's last day on the roster in the
            interval.
        zero: The attainment if the quota is zero. If None, a zero quota is an error in the data.
        missing: The attainment if there is no quota. If None, a missing quota is an error in the data.
        ramp: The share of the target that counts in the payee's first, second, … interval of `grain` on the roster.
            Later intervals count in full.
        spread: The shares by which the target of a `given` interval is divided over the intervals of `grain` in it.
        prorated: The kind of days by which the target is prorated to the payee's time on the roster. The result is
            rounded half up to `places`. A `target` is then read from each roster row, for the days of that row.
        on_plan: True if only days on `plan` count when the target is prorated.
        adjustments: A table (columns payee, period, amount) of amounts that are added last.
        type: The type of the result; its `scale` has room for all of this.
    """

    name: str
    measure: str
    type: Type
    grain: Grain
    table: str | None
    where: Expr | None
    target: Expr | None
    zero: Fraction | None
    missing: Fraction | None
    ramp: tuple[Fraction, ...]
    spread: tuple[Fraction, ...]
    given: Grain  # equals `grain` without a spread
    prorated: Days | None
    on_plan: bool
    plan: str | None  # set if `on_plan`
    adjustments: str | None
    places: int  # decimal places of the targets themselves
    span: Span = field(compare=False, repr=False)

    def asked_by(self, plan: str) -> Quota:
        """Return the quota as one plan reads it: days on that plan count, if `on_plan` is set."""
        return replace(self, plan=plan) if self.on_plan else self

    @property
    def earlier(self) -> tuple[MeasureBefore, ...]:
        """The results of earlier intervals from which the target is computed."""
        nodes = walk(self.target) if self.target is not None else ()
        return tuple(dict.fromkeys(node for node in nodes if isinstance(node, MeasureBefore)))

    @property
    def ramp_places(self) -> int:
        """The decimal places of the ramp's shares."""
        return _places_of(self.ramp)

    @property
    def spread_places(self) -> int:
        """The decimal places of the spread's shares."""
        return _places_of(self.spread)


def _places_of(shares: tuple[Fraction, ...]) -> int:
    places = 0
    while any((share * 10**places).denominator != 1 for share in shares):
        places += 1
    return places
