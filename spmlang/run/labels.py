"""The plan versions, components, periods and payee names behind the keys of a run's result tables."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import cast

import pyarrow as pa
import pyarrow.compute as pc

from spmlang.data.tables import Tables
from spmlang.program.program import Component, PlanVersion, Program
from spmlang.results import Request
from spmlang.values.calendar import Grain, Interval

from .unit_columns import values_of_keys


class Labels:
    """The plan versions, components, periods and payee names behind the keys of result tables."""

    def __init__(self, program: Program, tables: Tables, request: Request) -> None:
        self._program, self._tables = program, tables
        #: Plan version and component, by the key that `component_keys` gives a row.
        self.components: dict[str, tuple[PlanVersion, Component]] = {
            f"{plan.name} {plan.version} {component.name}": (plan, component)
            for plan in program.plans
            for component in plan.components
        }
        self._calendar = calendar = program.calendar
        self._intervals: dict[tuple[str, Grain], Interval] = {}
        days = (request.first.start, request.last.end)
        self._periods = {item.label: item for item in calendar.intervals(calendar.pay, *days)}

    def period(self, label: str) -> Interval:
        """Return the pay period with that label."""
        return self._periods[label]

    def interval(self, label: str, grain: Grain) -> Interval:
        """Return the interval of `grain` that holds the last day of the pay period with that label."""
        found = self._intervals.get((label, grain))
        if found is None:
            found = self._intervals[label, grain] = self._calendar.interval(self._periods[label].end, grain)
        return found

    def payees(self, payees: pa.ChunkedArray, periods: pa.ChunkedArray) -> pa.ChunkedArray:
        """Return the name of each payee at the end of the period in the same row.

        A payee without a name on that day has the first name of a later day.
        """
        always = {payee: names[0][1] for payee, names in self._people.items() if len({name for _, name in names}) == 1}
        found = values_of_keys(payees, always)
        changing = pc.is_null(found).combine_chunks()
        columns = (payees.filter(changing), periods.filter(changing))
        named = [self._payee(*at) for at in zip(*(column.to_pylist() for column in columns), strict=True)]
        return pc.replace_with_mask(found, changing, pa.array(named, pa.string()))

    def last_name(self, payee: str) -> str | None:
        """Return the name of a payee on the last roster row; None for a payee without one."""
        return self._people[payee][-1][1] if payee in self._people else None

    def _payee(self, payee: str, period: str) -> str:
        """Return the name of one payee at the end of one period."""
        (_, found), *later = self._people[payee]
        for start, name in later:
            found = name if start <= self._periods[period].end else found
        return found

    @cached_property
    def _people(self) -> dict[str, list[tuple[date, str]]]:
        """Return the names of each payee as (first day, name), sorted by day."""
        found: dict[str, list[tuple[date, str]]] = {}
        for row in self._tables.rows(self._program.roster):
            found.setdefault(str(row["payee"]), []).append((cast(date, row["_from"]), str(row["name"])))
        for names in found.values():
            names.sort()
        return found


def component_keys(table: pa.Table) -> pa.ChunkedArray:
    """Return plan, version and component of each row of a result table, joined by blanks."""
    return pc.binary_join_element_wise(table["plan"], table["version"].cast(pa.string()), table["component"], " ")
