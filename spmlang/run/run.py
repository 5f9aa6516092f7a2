"""A run: choose its pay periods and its engine, and compute its tables."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

from spmlang.data.tables import Tables
from spmlang.diagnostics.diagnostic import Problems, diagnose
from spmlang.program.program import Program
from spmlang.results import Engine, Request, Result
from spmlang.values.calendar import Interval

from .dates import data_days, dates_outside, nothing_to_pay_on, refuse_gap
from .labels import Labels

ENGINES = ("duckdb", "reference", "spark")

#: The most pay periods of a run. More of them mean a wrong date in the data.
MOST_PERIODS = 600


@dataclass(frozen=True, kw_only=True)
class Run:
    """A finished run with all that its outputs are made from.

    `result.payouts` has the pay periods of the request. `history` has the payouts of earlier periods, too.
    """

    program: Program
    tables: Tables
    request: Request
    engine: str
    result: Result
    history: pa.Table

    @cached_property
    def names(self) -> Labels:
        """Return the names behind the keys of its tables."""
        return Labels(self.program, self.tables, self.request)

    @property
    def since(self) -> date:
        """Return the first day whose uncredited rows this run reports.

        A run that begins with the first plan version, or before it, reports all days, because earlier days may count to
        date.
        """
        begins = min(plan.effective.start for plan in self.program.plans)
        return self.request.first.start if self.request.first.start > begins else date.min

    @cached_property
    def uncredited(self) -> pa.Table:
        """Return the table UNCREDITED from the day `since` on."""
        table = self.result.uncredited
        return table.filter(pc.greater_equal(table["day"], pa.scalar(self.since, pa.date32())))


def run_program(program: Program, tables: Tables, request: Request, engine: str = "duckdb") -> Run:
    """Compute the tables of a run.

    Raises:
        Problems: If the data lacks a value that the program needs.
    """
    result = engine_named(engine).run(program, tables, request)
    calendar = program.calendar
    asked = [item.label for item in calendar.intervals(calendar.pay, request.first.start, request.last.end)]
    shown = result.payouts.filter(pc.is_in(result.payouts["period"], pa.array(asked, pa.string())))
    notes = tuple(sorted(result.notes, key=lambda note: (note.code, note.place, note.message)))
    return Run(
        program=program,
        tables=tables,
        request=request,
        engine=engine,
        result=replace(result, payouts=shown, notes=notes),
        history=result.payouts,
    )


def engine_named(name: str) -> Engine:
    """Return the engine of that name. It is imported only here, because one engine is slow to import."""
    if name == "reference":
        from spmlang.reference.engine import ReferenceEngine

        return ReferenceEngine()
    if name == "spark":
        from spmlang.engines.spark.engine import SparkEngine

        return SparkEngine()
    from spmlang.engines.duckdb import DuckDBEngine

    return DuckDBEngine()


def make_request(
    program: Program,
    tables: Tables,
    first: str | None = None,
    last: str | None = None,
    *,
    lines: bool = False,
    profile: bool = False,
) -> Request:
    """Return the pay periods to run.

    Without `first` or `last` the run begins or ends as `data_days` says: with the first or last data while a plan is in
    force.

    Args:
        program: The program.
        tables: The data.
        first: The name of the first period, which may be longer than a pay period.
        last: The name of the last period, which may be longer than a pay period.
        lines: True to compute credits and lines, too.
        profile: True to record the cost of each stage.

    Raises:
        Problems: If a name is not in the calendar; if there is no day to pay on; if the periods run backward or are
            more than MOST_PERIODS; if a row of these days (of all days, if no period is named) is dated outside every
            plan version; or if `last` is None and more than twelve months have no row.
    """
    start, end = _first_and_last_day(program, tables, first, last)
    if last is None:
        refuse_gap(program, tables, start, end)
    pay_period = program.calendar.pay_period
    request = Request(first=pay_period(start), last=pay_period(end), lines=lines, profile=profile)
    if request.last.index - request.first.index >= MOST_PERIODS:
        raise Problems([diagnose("run-too-long", None, first=start, last=end, most=MOST_PERIODS)])
    return request


def _first_and_last_day(program: Program, tables: Tables, first: str | None, last: str | None) -> tuple[date, date]:
    """Return the first and the last day to run, of the named periods or of the data.

    Raises:
        Problems: If a name is not in the calendar, if there is no day to pay on, if the periods run backward, or if a
            row of these days is dated outside every plan version.
    """
    start = named_period(program, first).start if first is not None else None
    end = named_period(program, last).end if last is not None else None
    outside = dates_outside(program, tables, start or date.min, end or date.max)
    if outside:
        raise Problems(outside)
    if start is None or end is None:
        days = data_days(program, tables)
        if days is None:
            raise Problems([nothing_to_pay_on(program, tables)])
        start, end = start or days[0], end or days[1]
    if end < start:
        raise Problems([diagnose("run-backward", None, first=first or start, last=last or end)])
    return start, end


def named_pay_period(program: Program, label: str) -> Interval:
    """Return the pay period of that name.

    Raises:
        Problems: If there is no such period, or the name means a longer interval.
    """
    interval, calendar = named_period(program, label), program.calendar
    if interval.grain is not calendar.pay:
        known = ", ".join(part.label for part in calendar.intervals(calendar.pay, interval.start, interval.end))
        raise Problems([diagnose("run-longer-period", None, period=label, known=known)])
    return interval


def named_period(program: Program, label: str) -> Interval:
    """Return the calendar's interval of that name.

    Raises:
        Problems: If there is no such interval, or it is shorter than a pay period.
    """
    calendar = program.calendar
    interval = calendar.find(label)
    if interval is None or interval.grain.months < calendar.pay.months:
        plans = program.plans
        example = calendar.pay_period(plans[-1].effective.start if plans else date.today()).label
        words = {"calendar": calendar.name, "period": label, "example": example}
        raise Problems([diagnose("run-period-unknown", None, (), **words)])
    return interval
