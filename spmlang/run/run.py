"""One run: which pay periods, which engine, and the tables that come out."""

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

#: A run of more pay periods than this is a wrong date in the data, not a wish.
MOST_PERIODS = 600


@dataclass(frozen=True)
class Run:
    """A finished run with all that its outputs are made from. `history` are the payouts of earlier periods, too."""

    program: Program
    tables: Tables
    request: Request
    engine: str
    result: Result
    history: pa.Table

    @cached_property
    def names(self) -> Labels:
        """What the keys in its tables stand for."""
        return Labels(self.program, self.tables, self.request)

    @property
    def since(self) -> date:
        """The first day of which it tells what pays nobody. A run from the first plan on tells of all that counts to date."""
        begins = min(plan.effective.start for plan in self.program.plans)
        return self.request.first.start if self.request.first.start > begins else date.min

    @cached_property
    def uncredited(self) -> pa.Table:
        """What nobody who can be paid is credited with on these days."""
        table = self.result.uncredited
        return table.filter(pc.greater_equal(table["day"], pa.scalar(self.since, pa.date32())))


def run_program(program: Program, tables: Tables, request: Request, engine: str = "duckdb") -> Run:
    """Compute. Raises Problems where the data cannot answer."""
    result = engine_named(engine).run(program, tables, request)
    calendar = program.calendar
    asked = [item.label for item in calendar.intervals(calendar.pay, request.first.start, request.last.end)]
    shown = result.payouts.filter(pc.is_in(result.payouts["period"], pa.array(asked, pa.string())))
    notes = tuple(sorted(result.notes, key=lambda note: (note.code, note.place, note.message)))
    return Run(program, tables, request, engine, replace(result, payouts=shown, notes=notes), result.payouts)


def engine_named(name: str) -> Engine:
    """The engine; imported when asked for, as one of them is slow to import."""
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
    """The pay periods to run. Without names: from the first to the last with data and a plan in force.

    Raises Problems for a name that the calendar does not know, where there is nothing to pay on, for rows in that time
    (all rows, where no period is named) that are dated outside every plan version, and where no last period is named for more
    than twelve months without a row.
    """
    start = named_period(program, first).start if first is not None else None
    end = named_period(program, last).end if last is not None else None
    outside = dates_outside(program, tables, start or date.min, end or date.max)
    if outside:
        raise Problems(outside)
    days = data_days(program, tables) if start is None or end is None else None
    start = start or (days[0] if days else None)
    end = end or (days[1] if days else None)
    if start is None or end is None:
        raise Problems([nothing_to_pay_on(program, tables)])
    if end < start:
        raise Problems([diagnose("run-backward", None, first=first or start, last=last or end)])
    if last is None:
        refuse_gap(program, tables, start, end)
    calendar = program.calendar
    request = Request(calendar.pay_period(start), calendar.pay_period(end), lines, profile)
    if request.last.index - request.first.index >= MOST_PERIODS:
        raise Problems([diagnose("run-too-long", None, first=start, last=end, most=MOST_PERIODS)])
    return request


def named_pay_period(program: Program, label: str) -> Interval:
    """The pay period of that name. Raises Problems where there is none, or a longer one."""
    interval, calendar = named_period(program, label), program.calendar
    if interval.grain is not calendar.pay:
        known = ", ".join(part.label for part in calendar.intervals(calendar.pay, interval.start, interval.end))
        raise Problems([diagnose("run-longer-period", None, period=label, known=known)])
    return interval


def named_period(program: Program, label: str) -> Interval:
    """The calendar's interval of that name, not shorter than a pay period. Raises Problems where there is none."""
    calendar = program.calendar
    interval = calendar.find(label)
    if interval is None or interval.grain.months < calendar.pay.months:
        plans = program.plans
        example = calendar.pay_period(plans[-1].effective.start if plans else date.today()).label
        words = {"calendar": calendar.name, "period": label, "example": example}
        raise Problems([diagnose("run-period-unknown", None, (), **words)])
    return interval
