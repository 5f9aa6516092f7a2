"""Payouts as people and payroll read them: names, labels, decimals and the plan line behind each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast

from spmlang.model.program import Component, PlanVersion, Program
from spmlang.source.text import Span
from spmlang.values.calendar import Grain, Interval
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
    names = Names(run)
    for row in run.result.payouts.to_pylist():
        version, component = names.component(row)
        main = component.main
        scale = run.program.measures[main].type.scale if main else 0
        quota_scale = version.quotas[component.quota].type.scale if component.quota else 0
        yield Payout(
            row["period"],
            row["payee"],
            names.payee(row["payee"], row["period"]),
            version.name,
            version.version,
            component.name,
            str(component.kind),
            main,
            decimal(row["measure_units"], scale),
            decimal(row["quota_units"], quota_scale),
            attainment(row, scale, quota_scale),
            version.currency,
            cast(Decimal, decimal(row["amount_minor"], minor_places(version.currency))),
            place(run.program, component.span),
        )


class Names:
    """What the keys in result tables stand for."""

    def __init__(self, run: Run) -> None:
        self._versions = {(plan.name, plan.version): plan for plan in run.program.plans}
        self._calendar = calendar = run.program.calendar
        self._intervals: dict[tuple[str, Grain], Interval] = {}
        first, last = run.request.first, run.request.last
        self._periods = {item.label: item for item in calendar.intervals(calendar.pay, first.start, last.end)}
        self._people = _people(run)

    def component(self, row: dict[str, Any]) -> tuple[PlanVersion, Component]:
        """The plan version and component of a row."""
        version = self._versions[row["plan"], row["version"]]
        component = version.component(row["component"])
        assert component is not None
        return version, component

    def period(self, label: str) -> Interval:
        """The pay period of that name."""
        return self._periods[label]

    def interval(self, label: str, grain: Grain) -> Interval:
        """The interval of a grain that holds the last day of the pay period of that name."""
        found = self._intervals.get((label, grain))
        if found is None:
            found = self._intervals[label, grain] = self._calendar.interval(self._periods[label].end, grain)
        return found

    def payee(self, payee: str, period: str) -> str:
        """The name that holds at the period's end, or the last one before; the id where the roster has no names."""
        found = payee
        for start, name in self._people.get(payee, ()):
            if start <= self._periods[period].end or found == payee:
                found = name
        return found


def _people(run: Run) -> dict[str, list[tuple[date, str]]]:
    roster = run.program.contracts[run.program.roster]
    found: dict[str, list[tuple[date, str]]] = {}
    if roster.column("name") is None:
        return found
    for row in run.tables.rows(run.program.roster):
        if row["name"] is not None:
            found.setdefault(str(row["payee"]), []).append((cast(date, row["_from"]), str(row["name"])))
    for names in found.values():
        names.sort()
    return found


def attainment(row: dict[str, Any], scale: int, quota_scale: int) -> Decimal | None:
    """Measure divided by quota, for people to look at; None without a quota, or with one of zero."""
    value, quota = row["measure_units"], row["quota_units"]
    if value is None or not quota:
        return None
    above, below = int(value) * 10 ** (quota_scale + ATTAINMENT_PLACES), int(quota) * 10**scale
    if below < 0:
        above, below = -above, -below
    return decimal(div_round(above, below, Mode.HALF_UP), ATTAINMENT_PLACES)


def decimal(units: Decimal | int | None, scale: int) -> Decimal | None:
    """Whole units as a decimal with that many places, exact."""
    # From text a decimal takes all digits, whatever the precision of calculations.
    return None if units is None else Decimal(f"{int(units)}E-{scale}")


def place(program: Program, span: Span) -> str:
    """`file:line`, the file as it lies below the project's folder."""
    path = span.source.path
    return f"{program.shown(path)}:{span.line}"
