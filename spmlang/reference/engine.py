"""The reference engine: credits, measures to date, earnings and limits, in this order."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from spmlang.data.tables import Tables
from spmlang.diagnostics.diagnostic import Diagnostic, Problems, errors
from spmlang.program.measures import DateRange
from spmlang.program.program import Program
from spmlang.program.reads import used_measures
from spmlang.results import Request, Result

from .attainment.measures_to_date import CreditTotals, reporting_circles, roll_up
from .credits.credit_rows import Credits, covered_twice, credit_rows
from .earnings.earnings import Earning, EarningCalculator
from .limits.caps import apply_limits
from .payees.plan_members import payees
from .reconciliation import Reconciler
from .result_tables import (
    credit_table,
    line_table,
    payout_table,
    pot_table,
    reconciliation_table,
    released_table,
    uncredited_table,
)
from .sources.rows import SourceRows


@dataclass(frozen=True, kw_only=True)
class ReferenceRun:
    """All results of the interpreter, including those that only explanations need."""

    sources: SourceRows
    credits: Credits
    totals: CreditTotals
    earnings: list[Earning]
    notes: tuple[Diagnostic, ...]


class ReferenceEngine:
    """The engine that interprets a program in exact Python. It is slow, and it is the definition."""

    name = "reference"

    def run(self, program: Program, tables: Tables, request: Request) -> Result:
        """Compute a result.

        Raises:
            Problems: if the data cannot answer.
        """
        worked = evaluate_run(program, tables, request)
        large: dict[str, pa.Table] = {}
        if request.lines:
            asked = [item for item in worked.earnings if item.period.index >= request.first.index]
            large["credits"] = credit_table(program, worked.credits)
            large["lines"] = line_table(program, asked)
        if request.sink is not None:
            while large:
                name, table = large.popitem()
                request.sink(name, [table])
        reconciler = Reconciler(worked.sources, worked.credits, counted_days(program, request), request.first)
        uncredited = [*worked.credits.uncredited, *reconciler.not_on_roster()]
        return Result(
            payouts=payout_table(program, worked.earnings),
            uncredited=uncredited_table(program, uncredited),
            reconciliation=reconciliation_table(program, reconciler.totals()),
            released=released_table(worked.earnings),
            credits=large.get("credits"),
            lines=large.get("lines"),
            notes=worked.notes,
            pots=pot_table(worked.earnings),
        )


def evaluate_run(program: Program, tables: Tables, request: Request) -> ReferenceRun:
    """Compute credits, earnings and limits.

    Raises:
        Problems: if the data cannot answer.
    """
    sources = SourceRows(program, tables)
    problems: list[Diagnostic] = []
    days, used = counted_days(program, request), used_measures(program)
    credits = Credits(problems=[*covered_twice(sources, used), *reporting_circles(sources, used, days)])
    if not credits.problems:
        credit_rows(
            sources, days, measures=used, rows=lambda measure: sources.rows(str(measure.source)), credits=credits
        )
        roll_up(sources, used, credits)
    if credits.problems:
        raise Problems(_once(credits.problems))
    totals = CreditTotals(credits.by_measure)
    earner = EarningCalculator(sources, totals, request=request, problems=problems)
    earnings = [earning for payee in payees(sources) for earning in earner.earnings(payee)]
    if not errors(problems):
        apply_limits(sources, earnings, problems)
    if errors(problems):
        raise Problems(_once(errors(problems)))
    return ReferenceRun(
        sources=sources, credits=credits, totals=totals, earnings=earnings, notes=tuple(_once(problems))
    )


def counted_days(program: Program, request: Request) -> DateRange:
    """Return the days whose rows can count, from the first that counts for any plan to the last one requested."""
    return DateRange(min(program.first_credited_day() or request.last.start, request.last.start), request.last.end)


def _once(problems: list[Diagnostic]) -> list[Diagnostic]:
    """Return the problems without duplicates."""
    return list(dict.fromkeys(problems))
