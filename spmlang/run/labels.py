"""What the keys in the result tables of a run stand for."""

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

from .unit_columns import looked_up


class Labels:
    """What the keys in result tables stand for."""

    def __init__(self, program: Program, tables: Tables, request: Request) -> None:
        self._program, self._tables = program, tables
        #: Plan version and component, by what `component_keys` says of a row.
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
        """The pay period of that name."""
        return self._periods[label]

    def interval(self, label: str, grain: Grain) -> Interval:
        """The interval of a grain that holds the last day of the pay period of that name."""
        found = self._intervals.get((label, grain))
        if found is None:
            found = self._intervals[label, grain] = self._calendar.interval(self._periods[label].end, grain)
        return found

    def payees(self, payees: pa.ChunkedArray, periods: pa.ChunkedArray) -> pa.ChunkedArray:
        """The name of each payee that holds at the end of the period beside it, or else the first one of a later day."""
        always = {payee: names[0][1] for payee, names in self._people.items() if len({name for _, name in names}) == 1}
        found = looked_up(payees, always)
        changing = pc.is_null(found).combine_chunks()
        columns = (payees.filter(changing), periods.filter(changing))
        named = [self._payee(*at) for at in zip(*(column.to_pylist() for column in columns), strict=True)]
        return pc.replace_with_mask(found, changing, pa.array(named, pa.string()))

    def last_name(self, payee: str) -> str | None:
        """The name of a payee on the last row of the roster; None for somebody who is on none."""
        return self._people[payee][-1][1] if payee in self._people else None

    def _payee(self, payee: str, period: str) -> str:
        (_, found), *later = self._people[payee]
        for start, name in later:
            found = name if start <= self._periods[period].end else found
        return found

    @cached_property
    def _people(self) -> dict[str, list[tuple[date, str]]]:
        """The names of each payee, by the day from which they hold."""
        found: dict[str, list[tuple[date, str]]] = {}
        for row in self._tables.rows(self._program.roster):
            found.setdefault(str(row["payee"]), []).append((cast(date, row["_from"]), str(row["name"])))
        for names in found.values():
            names.sort()
        return found


def component_keys(table: pa.Table) -> pa.ChunkedArray:
    """Plan, version and component of each row of a result table, as one text."""
    return pc.binary_join_element_wise(table["plan"], table["version"].cast(pa.string()), table["component"], " ")
