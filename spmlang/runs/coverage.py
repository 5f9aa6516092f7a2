"""Which days there is data for, and whether a plan was in force on them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from spmlang.data.queries import fetch, quoted
from spmlang.data.tables import Tables
from spmlang.model.program import Program
from spmlang.source.diagnostics import Cell, Diagnostic, diagnose
from spmlang.source.suggest import listed

_SHOWN = 20


@dataclass(frozen=True)
class Dated:
    """A column that dates measures; `open` where one of them does not say which days count."""

    source: str
    column: str
    open: bool


def data_days(program: Program, tables: Tables) -> tuple[date, date] | None:
    """The first and the last day with data on which a plan is in force (or days before it count); None without any."""
    life = _life(program)
    if life is None:
        return None
    days: list[date] = []
    for item in _dating_columns(program):
        days += tables.days(item.source, item.column) or ()
    if not days:
        return None
    first, last = max(min(days), min(plan.effective.start for plan in program.plans)), min(max(days), life[1])
    return (first, last) if first <= last else None


def nothing_to_pay_on(program: Program, tables: Tables) -> Diagnostic:
    """Why there is no day to pay on: no plan, no rows, or no plan in force on the days of the rows."""
    days = [day for item in _dating_columns(program) for day in tables.days(item.source, item.column) or ()]
    if not days:
        sources = sorted({item.source for item in _dating_columns(program)})
        return diagnose("run-no-rows", None, sources=listed(sources) or "any source")
    plans = [plan.effective for plan in program.plans]
    last = max((plan.through or date.max for plan in plans), default=None)
    held = "there is no plan"
    if last is not None:
        through = "on" if last == date.max else f"through {last}"
        held = f"plans hold from {min(plan.start for plan in plans)} {through}"
    return diagnose("run-no-data", None, first=min(days), last=max(days), held=held)


def dates_outside(program: Program, tables: Tables, first: date, last: date) -> list[Diagnostic]:
    """Rows dated `first` to `last` on which no version of any plan counts, and no measure says that this is meant.

    A plan says so by `counts from … through …`.
    """
    life = _life(program)
    return [] if life is None else list(_outside(program, tables, life, (first, last)))


def _outside(
    program: Program, tables: Tables, life: tuple[date, date], asked: tuple[date, date]
) -> Iterator[Diagnostic]:
    for item in _dating_columns(program):
        if not item.open:
            continue
        ends = tables.days(item.source, item.column)
        if ends is None or (life[0] <= ends[0] and ends[1] <= life[1]):
            continue
        column = quoted(item.column)
        query = (
            f"select _file, _row, {column} from {tables.relation(item.source)} where ({column} < date '{life[0]}' or "
            f"{column} > date '{life[1]}') and {column} between date '{asked[0]}' and date '{asked[1]}' order by _file, _row"
        )
        found = fetch(tables.connection, query)
        declared = program.contracts[item.source].column(item.column)
        header = declared.header if declared else item.column
        for file, row, day in found[:_SHOWN]:
            words = {"day": day, "first": life[0], "last": "today and later" if life[1] == date.max else life[1]}
            yield diagnose("run-date-outside", Cell(str(file), int(str(row)), header), (), **words)
        if len(found) > _SHOWN:
            where = Cell(str(found[_SHOWN][0]), int(str(found[_SHOWN][1])), header)
            yield diagnose("data-more", where, (), count=len(found) - _SHOWN, code="SPM622")


def _life(program: Program) -> tuple[date, date] | None:
    """The first day that can count for any plan, and the last day of any."""
    first = program.first_day()
    if first is None:
        return None
    return first, max(plan.effective.through or date.max for plan in program.plans)


def _dating_columns(program: Program) -> list[Dated]:
    found: dict[tuple[str, str], bool] = {}
    for measure in program.measures.values():
        if measure.on is not None:
            source = measure.on.steps[-1].target if measure.on.steps else measure.on.root
            at = (source, measure.on.name)
            found[at] = found.get(at, False) or measure.counts is None
    return [Dated(source, column, is_open) for (source, column), is_open in sorted(found.items())]
