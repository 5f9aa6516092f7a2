"""What the keys in the result tables of a run stand for."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Any, cast

from spmlang.data.tables import Tables
from spmlang.engines.result import Request
from spmlang.model.program import Component, PlanVersion, Program
from spmlang.values.calendar import Grain, Interval


class Names:
    """What the keys in result tables stand for."""

    def __init__(self, program: Program, tables: Tables, request: Request) -> None:
        self._program, self._tables = program, tables
        self._components = {
            (plan.name, plan.version, component.name): (plan, component)
            for plan in program.plans
            for component in plan.components
        }
        self._calendar = calendar = program.calendar
        self._intervals: dict[tuple[str, Grain], Interval] = {}
        days = (request.first.start, request.last.end)
        self._periods = {item.label: item for item in calendar.intervals(calendar.pay, *days)}

    def component(self, row: dict[str, Any]) -> tuple[PlanVersion, Component]:
        """The plan version and component of a row."""
        return self._components[row["plan"], row["version"], row["component"]]

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

    @cached_property
    def _people(self) -> dict[str, list[tuple[date, str]]]:
        """The names of each payee, by the day from which they hold."""
        found: dict[str, list[tuple[date, str]]] = {}
        roster = self._program.roster
        if self._program.contracts[roster].column("name") is None:
            return found
        for row in self._tables.rows(roster):
            if row["name"] is not None:
                found.setdefault(str(row["payee"]), []).append((cast(date, row["_from"]), str(row["name"])))
        for names in found.values():
            names.sort()
        return found
