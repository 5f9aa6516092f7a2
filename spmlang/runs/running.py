"""One run: which pay periods, which engine, and the tables that come out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from spmlang.data.queries import fetch, quoted
from spmlang.data.tables import Tables
from spmlang.engines.result import Engine, Request, Result
from spmlang.model.program import Program
from spmlang.source.diagnostics import Problems, diagnose
from spmlang.values.calendar import Interval

ENGINES = ("duckdb", "reference")


@dataclass(frozen=True)
class Run:
    """A finished run with all that its outputs are made from."""

    program: Program
    tables: Tables
    request: Request
    engine: str
    result: Result


def run_program(program: Program, tables: Tables, request: Request, engine: str = "duckdb") -> Run:
    """Compute. Raises Problems where the data cannot answer."""
    return Run(program, tables, request, engine, engine_named(engine).run(program, tables, request))


def engine_named(name: str) -> Engine:
    """The engine; imported when asked for, as one of them is slow to import."""
    if name == "reference":
        from spmlang.engines.reference.engine import ReferenceEngine

        return ReferenceEngine()
    from spmlang.engines.duckdb import DuckDBEngine

    return DuckDBEngine()


def make_request(
    program: Program, tables: Tables, first: str | None = None, last: str | None = None, *, lines: bool = False
) -> Request:
    """The pay periods to run. Without names: from the first to the last with data and a plan in force.

    Raises Problems for a name that the calendar does not know, or where there is nothing to pay on.
    """
    found = _covered(program, tables) if first is None or last is None else None
    calendar = program.calendar
    start = named_period(program, first).start if first is not None else found[0] if found else None
    end = named_period(program, last).end if last is not None else found[1] if found else None
    if start is None or end is None:
        raise Problems([diagnose("run-no-data", None)])
    if end < start:
        raise Problems([diagnose("run-backward", None, first=first or start, last=last or end)])
    return Request(calendar.pay_period(start), calendar.pay_period(end), lines)


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


def _covered(program: Program, tables: Tables) -> tuple[date, date] | None:
    """The days with data on which a plan is in force: first and last."""
    days = [day for pair in _dates(program, tables) for day in pair]
    if not days or not program.plans:
        return None
    first = max(min(days), min(plan.effective.start for plan in program.plans))
    last = min(max(days), max(plan.effective.through or date.max for plan in program.plans))
    return (first, last) if first <= last else None


def _dates(program: Program, tables: Tables) -> Iterator[tuple[date, date]]:
    """First and last date in each column that dates a measure."""
    columns = {
        (item.on.steps[-1].target if item.on.steps else item.on.root, item.on.name)
        for item in program.measures.values()
        if item.on is not None
    }
    for source, column in sorted(columns):
        query = f"select min({quoted(column)}), max({quoted(column)}) from {tables.relation(source)}"
        for first, last in fetch(tables.connection, query):
            if isinstance(first, date) and isinstance(last, date):
                yield first, last
