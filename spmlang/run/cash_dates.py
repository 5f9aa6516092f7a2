"""The last days on which cash receipts release earned amounts.

A receipt releases an amount only if it changes the paid part of a row that a measure counts.
"""

from __future__ import annotations

from datetime import date

from spmlang.data.sql_text import quoted
from spmlang.data.tables import Row, Tables
from spmlang.program.payment_terms import ReleaseWith
from spmlang.program.program import Program
from spmlang.reference.sources.lazy_rows import LazySourceRows
from spmlang.reference.sources.rows import MissingValue
from spmlang.reference.trace import reading_components, trace


def releases_with_cash(program: Program) -> list[ReleaseWith]:
    """Return the distinct `release with` terms of all components that are paid as cash comes in."""
    components = (component for plan in program.plans for component in plan.components)
    return list(dict.fromkeys(item.release for item in components if isinstance(item.release, ReleaseWith)))


def last_release(program: Program, tables: Tables, release: ReleaseWith, counted: tuple[date, date]) -> date | None:
    """Return the last day after `counted` on which a receipt releases an earned amount.

    A receipt releases nothing if the row is paid in full already, if no payee earns on the row, or if no component that
    waits for cash is due by the day of the receipt.

    Args:
        program: The program whose plans name the release.
        tables: The data.
        release: The term that pays lines as cash comes in.
        counted: The first and last day of the rows that count.

    Returns:
        The day, or None if no receipt after `counted` releases an amount.
    """
    sources = LazySourceRows(program, tables)
    for key, day in _last_receipts(program, tables, release, counted):
        rows = tables.rows(release.source, "_key = ?", [key])
        if any(_is_earned_on(sources, release, row=row, last=counted[1], day=day) for row in rows):
            return day
    return None


def _last_receipts(
    program: Program, tables: Tables, release: ReleaseWith, counted: tuple[date, date]
) -> list[tuple[str, date]]:
    """Return the keys of rows whose paid part changes after the counted days, with the last day of change.

    Only rows dated within `counted` are considered. The latest day comes first.
    """
    step, of, cash, day = (
        release.of.steps[0],
        quoted(release.of.name),
        quoted(release.cash.name),
        quoted(release.on.name),
    )
    receipts = f"select cast({quoted(step.column)} as varchar) as _of, {day} as _day, {cash} as _cash"
    rows = f"select _key as _of, {of} as _whole from {tables.relation(step.target)} where {_measured(program, release, counted)}"
    # The paid part of a row before and after each day lies between 0 and the whole, also for a row below zero.
    low, high = "least(_whole, 0)", "greatest(_whole, 0)"
    before, after = (f"least(greatest({come}, {low}), {high})" for come in ("_come - _cash", "_come"))
    query = f"""
        with receipts as ({receipts} from {tables.relation(release.cash.root)}), rows as ({rows}),
        by_day as (select _of, _day, sum(_cash) as _cash from receipts group by all),
        come as (select *, sum(_cash) over (partition by _of order by _day) as _come from by_day join rows using (_of))
        select _of, max(_day) as _last from come where {before} <> {after} and _day > date '{counted[1]}'
        group by _of order by _last desc, _of
    """
    return tables.connection.cursor().execute(query).fetchall()


def _is_earned_on(sources: LazySourceRows, release: ReleaseWith, *, row: Row, last: date, day: date) -> bool:
    """Return True if a receipt on `day` releases pay for the row.

    The row must give a credit dated by the day `last`, and the credit must be read by a component with `release` whose
    pay period begins by `day`. A missing value gives False.
    """
    try:
        return any(
            reader.component.release == release and reader.period.start <= day
            for traced in trace(sources, release.source, row).values()
            for credit in traced.credits
            if credit.day <= last
            for reader in reading_components(sources, credit.measure, credit.payee, credit.day)
        )
    except MissingValue:  # the run itself stops at this value and reports the cause
        return False


def _measured(program: Program, release: ReleaseWith, counted: tuple[date, date]) -> str:
    """Return an SQL condition for the rows that a measure of their source dates within `counted`.

    The condition is `true` if no measure dates them, or if one reads the day from another source, because then the row
    alone does not show its day.
    """
    measures = [item for item in program.measures.values() if item.source == release.source and item.on is not None]
    columns = {item.on.name if item.on is not None and not item.on.steps else None for item in measures}
    if not columns or None in columns:
        return "true"
    between = (
        f"{quoted(str(name))} between date '{counted[0]}' and date '{counted[1]}'" for name in sorted(map(str, columns))
    )
    return " or ".join(between)
