"""Payouts as people and payroll read them: names, labels, decimals and the plan line behind each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Any, cast

from spmlang.model.program import Component, PlanVersion, Program
from spmlang.source.text import Span
from spmlang.values.money import minor_places
from spmlang.values.rounding import Mode, div_round

from .running import Run

#: Attainment is shown to so many decimals (half up). It is never calculated with.
ATTAINMENT_PLACES = 6


@dataclass(frozen=True)
class Payout:
    """One row of payouts.csv, exact; `source` is file:line of the component, the file below the project's folder."""

    period: str
    payee_id: str
    payee_name: str
    plan: str
    plan_version: int
    component: str
    kind: str
    measure: str | None
    measure_value: Decimal | None
    quota: Decimal | None
    attainment: Decimal | None
    currency: str
    amount: Decimal
    source: str


def payouts(run: Run) -> Iterator[Payout]:
    """The payouts of a run, in the order of period, payee, plan, version and component."""
    names = run.names
    kinds: dict[tuple[str, int, str], _Kind] = {}
    for row in run.result.payouts.to_pylist():
        at = (row["plan"], row["version"], row["component"])
        kind = kinds.get(at) or kinds.setdefault(at, _kind(run, *names.component(row)))
        yield Payout(
            row["period"],
            row["payee"],
            names.payee(row["payee"], row["period"]),
            *at,
            kind.word,
            kind.measure,
            decimal(row["measure_units"], kind.scale),
            decimal(row["quota_units"], kind.quota_scale),
            attainment(row, kind.scale, kind.quota_scale),
            kind.currency,
            cast(Decimal, decimal(row["amount_minor"], kind.places)),
            kind.source,
        )


@dataclass(frozen=True)
class _Kind:
    """What all rows of a component have alike: words, decimal places, and the plan line."""

    word: str
    measure: str | None
    scale: int
    quota_scale: int
    currency: str
    places: int
    source: str


def _kind(run: Run, version: PlanVersion, component: Component) -> _Kind:
    return _Kind(
        str(component.kind),
        component.main,
        run.program.measures[component.main].type.scale if component.main else 0,
        version.quotas[component.quota].type.scale if component.quota else 0,
        version.currency,
        minor_places(version.currency),
        place(run.program, component.span),
    )


def attainment(row: dict[str, Any], scale: int, quota_scale: int) -> Decimal | None:
    """Measure divided by quota, for people to look at; None without a quota, or with one of zero."""
    value, quota = row["measure_units"], row["quota_units"]
    if value is None or not quota:
        return None
    above, below = int(value) * 10 ** (quota_scale + ATTAINMENT_PLACES), int(quota) * 10**scale
    if below < 0:
        above, below = -above, -below
    return decimal(div_round(above, below, Mode.HALF_UP), ATTAINMENT_PLACES)


#: More digits than any number of a run has, so that nothing is rounded.
_EXACT = Context(prec=100)


def decimal(units: Decimal | int | None, scale: int) -> Decimal | None:
    """Whole units as a decimal with that many places, exact."""
    return None if units is None else _EXACT.scaleb(units, -scale)


def place(program: Program, span: Span) -> str:
    """`file:line`, the file as it lies below the project's folder."""
    path = span.source.path
    return f"{program.shown(path)}:{span.line}"
