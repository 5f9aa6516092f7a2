"""The reference engine: from credits, measures to date, earnings and limits to the tables of a result."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import pyarrow as pa

from spmlang.data.tables import Tables
from spmlang.diagnostics.diagnostic import Diagnostic, Problems, diagnose, errors
from spmlang.program.measures import DateRange
from spmlang.program.program import PlanVersion, Program
from spmlang.results import CREDITS, LINES, PAYOUTS, POTS, RECONCILIATION, RELEASED, UNCREDITED, Request, Result

from .attainment.measures_to_date import CreditTotals
from .attainment.quotas import earlier_measures
from .credits.credit_rows import Credits, Uncredited, credit_all, with_rolled_up
from .earnings.earnings import Earning, EarningCalculator, shared_lines
from .earnings.entitlement import quotas_used
from .limits import apply_limits
from .payees.plan_members import payees
from .reconciliation import Class, Reconciler, Total
from .sources.rows import SourceRows


@dataclass(frozen=True)
class ReferenceRun:
    """All results of the interpreter, including those that only explanations need."""

    facts: SourceRows
    credits: Credits
    book: CreditTotals
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
            large["lines"] = _table(LINES, [line for item in asked for line in _lines(program, item)])
        if request.sink is not None:
            while large:
                name, table = large.popitem()
                request.sink(name, [table])
        reconciler = Reconciler(worked.facts, worked.credits, counted_days(program, request), request.first)
        uncredited = [*worked.credits.uncredited, *reconciler.not_on_roster()]
        return Result(
            payouts=payout_table(program, worked.earnings),
            uncredited=uncredited_table(program, uncredited),
            reconciliation=_table(RECONCILIATION, [_total(program, *item) for item in reconciler.totals().items()]),
            released=_table(RELEASED, [row for item in worked.earnings for row in _released(item)]),
            credits=large.get("credits"),
            lines=large.get("lines"),
            notes=worked.notes,
            pots=_table(POTS, _pots(worked.earnings)),
        )


def evaluate_run(program: Program, tables: Tables, request: Request) -> ReferenceRun:
    """Compute credits, earnings and limits.

    Raises:
        Problems: if the data cannot answer.
    """
    facts = SourceRows(program, tables)
    problems: list[Diagnostic] = []
    credits = credit_all(facts, counted_days(program, request), used_measures(program, program.plans))
    if credits.problems:
        raise Problems(_once(credits.problems))
    book = CreditTotals(credits.by_measure)
    earner = EarningCalculator(facts, book, request, problems)
    earnings = [earning for payee in payees(facts) for earning in earner.earnings(payee)]
    if not errors(problems):
        apply_limits(facts, earnings, problems)
    if errors(problems):
        raise Problems(_once(errors(problems)))
    return ReferenceRun(facts, credits, book, earnings, tuple(_once(problems)))


def counted_days(program: Program, request: Request) -> DateRange:
    """Return the days whose rows can count, from the first that counts for any plan to the last one requested."""
    return DateRange(min(program.first_day() or request.last.start, request.last.start), request.last.end)


def used_measures(program: Program, plans: Iterable[PlanVersion]) -> frozenset[str]:
    """Return the measures that components of the plans need, and those that they roll up.

    A component needs the measures that it reads, the plan's revenue, and those whose earlier results are its targets.
    """
    names: set[str] = set()
    for plan in plans:
        names |= {name for component in plan.components for name in component.measures}
        names |= {plan.revenue} if plan.revenue is not None else set()
        asked = {wanted.quota for component in plan.components for wanted in quotas_used(component)}
        names |= earlier_measures(plan.quotas[name] for name in asked)
    return with_rolled_up(program, names)


def _once(problems: list[Diagnostic]) -> list[Diagnostic]:
    """Return the problems without duplicates."""
    return list(dict.fromkeys(problems))


def payout_table(program: Program, earnings: Iterable[Earning]) -> pa.Table:
    """Return earnings as the payouts of a result."""
    return _table(PAYOUTS, [_payout(program, item) for item in earnings])


def credit_table(program: Program, credits: Credits) -> pa.Table:
    """Return credits as the credits of a result."""
    return _table(CREDITS, [_credited(program, item) for given in credits.by_measure.values() for item in given])


def uncredited_table(program: Program, uncredited: Iterable[Uncredited]) -> pa.Table:
    """Return uncredited shares as a table of a result."""
    return _table(UNCREDITED, [_credited(program, item) for item in uncredited])


def _units(value: Fraction | None, scale: int) -> int | None:
    """Return a value as a whole number of units of 10^-scale; None for None."""
    if value is None:
        return None
    units = value * 10**scale
    assert units.denominator == 1, "the check has given every value enough decimal places"
    return int(units)


#: Numbers in tables have at most 38 digits, in every engine.
_TOO_LARGE = 10**38


def _table(schema: pa.Schema, rows: list[tuple[object, ...]]) -> pa.Table:
    """Return a table with the schema's columns, sorted by all of them, absent values first.

    Raises:
        Problems: if a number has more than 38 digits.
    """
    ordered = sorted(rows, key=lambda row: tuple((value is not None, value) for value in row))
    columns = list(zip(*ordered, strict=True)) if ordered else [()] * len(schema)
    for column, field in zip(columns, schema, strict=True):
        if pa.types.is_decimal(field.type) and any(abs(cast(int, value or 0)) >= _TOO_LARGE for value in column):
            raise Problems([diagnose("run-too-large", None, stage="the results")])
    arrays = [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)


def _payout(program: Program, item: Earning) -> tuple[object, ...]:
    """Return an earning as a row of the payouts."""
    main = item.component.main
    value = quota = credited = None
    standing_for = item.version.revenue_of(item.component, program.measures)
    revenue = _units(item.revenue, program.measures[standing_for].type.scale) if standing_for else None
    if main is not None:
        scale = program.measures[main].type.scale
        value = _units(item.measure, scale)
        credited = _units(item.credited, scale)
        asked = item.component.quota
        if asked is not None and asked in item.targets:
            quota = _units(item.targets[asked].amount, item.version.quotas[asked].type.scale)
    return (
        item.period.label,
        item.payee,
        item.version.name,
        item.version.version,
        item.component.name,
        value,
        quota,
        credited,
        revenue,
        item.lowest,
        item.earned,
        item.amount,
    )


def _credited(program: Program, item: object) -> tuple[object, ...]:
    """Return a credit or an uncredited share as a row of its table."""
    values = dict(vars(item))
    amount = values.pop("amount")
    return (*values.values(), _units(amount, program.measures[values["measure"]].type.scale))


def _total(program: Program, at: Class, total: Total) -> tuple[object, ...]:
    """Return the total of a class as a row of the reconciliation."""
    units = _units(total.amount, program.measures[at.measure].type.scale)
    return (
        *vars(at).values(),
        total.first,
        total.last,
        total.rows,
        total.untold,
        None if units is None else str(units),
    )


def _released(item: Earning) -> list[tuple[object, ...]]:
    """Return the amounts of an earning by source row, if its component pays each line by itself."""
    if not item.component.paid_by_line:
        return []
    found: dict[tuple[str | None, str | None], int] = {}
    for move, amount in shared_lines(item):
        at = (move.credit.source, move.credit.key) if move.credit is not None else (None, None)
        found[at] = found.get(at, 0) + amount
    named = (item.period.label, item.payee, item.version.name, item.version.version, item.component.name)
    return [(*named, *at, amount) for at, amount in found.items() if amount]


def _pots(earnings: Iterable[Earning]) -> list[tuple[object, ...]]:
    """Return the amount that was shared of each pot."""
    found: dict[tuple[object, ...], int] = {}
    for item in earnings:
        if item.shared is not None:
            at = (item.period.label, item.version.name, item.version.version, item.component.name)
            found[at] = found.get(at, 0) + item.shared
    return [(*at, shared) for at, shared in found.items()]


def _lines(program: Program, item: Earning) -> list[tuple[object, ...]]:
    """Return the lines of an earning that have an amount."""
    rows: list[tuple[object, ...]] = []
    named = (item.period.label, item.payee, item.version.name, item.version.version, item.component.name)
    for move, amount in shared_lines(item):
        credit = move.credit
        if not amount:
            continue
        if credit is None:
            rows.append((*named, move.day, *[None] * 8, amount))
            continue
        units = _units(credit.amount, program.measures[credit.measure].type.scale)
        where = (credit.day, credit.measure, credit.source, credit.key, credit.rule, credit.via)
        rows.append((*named, *where, credit.file, credit.row, units, amount))
    return rows
