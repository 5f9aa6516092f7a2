"""Quotas: a payee's targets for a measure, interval by interval."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction

from spmlang.diagnostics.text import Span
from spmlang.values.calendar import Grain

from .expressions import Expr, MeasureBefore, walk
from .types import Type


class Days(StrEnum):
    """Which days are counted where a target is prorated; working days are Monday to Friday."""

    CALENDAR = "calendar days"
    WORKING = "working days"


@dataclass(frozen=True)
class Quota:
    """A payee's target for a measure in every interval of `grain`; a longer interval's quota is the sum.

    `name` is the measure's, or one of its own where a measure has several quotas.

    From a table (columns payee, period, target; `where` filters its rows) or the same expression over the roster row for
    everyone (`target`, read as of the interval's last day on the roster).
    `zero`, `missing`: the attainment that holds where the quota is zero or absent; None: that is an error in the data.
    `ramp`: what of the target counts in the payee's first, second … interval of `grain` on the roster; later all of it.
    `spread`: a target is given for each `given` interval, and divided over the intervals of `grain` in it by these shares.
    `prorated`: the target of an interval counts for the part of its days that the payee is on the roster, rounded half up to
    `places`; a `target` read of the roster is then read of each roster row, and counts for the days of that row. With `on_plan`
    only days on `plan` count, the plan that asks. `adjustments`: a table (payee, period, amount) of what is added in the end.
    `type.scale` has room for all of it.
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
    given: Grain  # `grain` itself without a spread
    prorated: Days | None
    on_plan: bool
    plan: str | None  # set where `on_plan`
    adjustments: str | None
    places: int  # decimal places of the targets themselves
    span: Span = field(compare=False, repr=False)

    def asked_by(self, plan: str) -> Quota:
        """The quota as a plan asks for it: days on that plan count, where days on a plan do."""
        return replace(self, plan=plan) if self.on_plan else self

    @property
    def earlier(self) -> tuple[MeasureBefore, ...]:
        """The results of earlier intervals that the target is made from."""
        nodes = walk(self.target) if self.target is not None else ()
        return tuple(dict.fromkeys(node for node in nodes if isinstance(node, MeasureBefore)))

    @property
    def ramp_places(self) -> int:
        """Decimal places of the ramp's shares."""
        return _places_of(self.ramp)

    @property
    def spread_places(self) -> int:
        """Decimal places of the spread's shares."""
        return _places_of(self.spread)


def _places_of(shares: tuple[Fraction, ...]) -> int:
    places = 0
    while any((share * 10**places).denominator != 1 for share in shares):
        places += 1
    return places
