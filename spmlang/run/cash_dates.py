"""The days on which cash releases what was earned: receipts that change the paid part of a measured row."""

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
    """Return the releases of components that are paid as cash comes in, each once."""
    components = (component for plan in program.plans for component in plan.components)
    return list(dict.fromkeys(item.release for item in components if isinstance(item.release, ReleaseWith)))


def last_release(program: Program, tables: Tables, release: ReleaseWith, counted: tuple[date, date]) -> date | None:
    """Return the last day behind `counted` on which a receipt releases something of a row dated within it; None without any.

    What comes in beyond the whole, for rows that nothing is earned on or before anything of them is due releases nothing.
    """
    facts = LazySourceRows(program, tables)
    for key, day in _last_receipts(program, tables, release, counted):
        rows = tables.rows(release.source, "_key = ?", [key])
        if any(_is_earned_on(facts, release, row, counted[1], day) for row in rows):
            return day
    return None


def _last_receipts(
    program: Program, tables: Tables, release: ReleaseWith, counted: tuple[date, date]
) -> list[tuple[str, date]]:
    """The rows whose paid part a receipt changes behind the days counted, with the last such day; the last first."""
    step, of, cash, day = (
        release.of.steps[0],
        quoted(release.of.name),
        quoted(release.cash.name),
        quoted(release.on.name),
    )
    receipts = f"select cast({quoted(step.column)} as varchar) as _of, {day} as _day, {cash} as _cash"
    rows = f"select _key as _of, {of} as _whole from {tables.relation(step.target)} where {_measured(program, release, counted)}"
    # The paid part of a row before and after each day, within nothing and the whole; a row below zero is paid downwards.
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


def _is_earned_on(facts: LazySourceRows, release: ReleaseWith, row: Row, last: date, day: date) -> bool:
    """True where somebody is credited with the row by the day `last`, and a component that waits for cash is due by `day`."""
    try:
        return any(
            reader.component.release == release and reader.period.start <= day
            for traced in trace(facts, release.source, row).values()
            for credit in traced.credits
            if credit.day <= last
            for reader in reading_components(facts, credit.measure, credit.payee, credit.day)
        )
    except MissingValue:  # the run stops, and says why
        return False


def _measured(program: Program, release: ReleaseWith, counted: tuple[date, date]) -> str:
    """An SQL condition: the rows that a measure of their source dates within some days; all where their day lies elsewhere."""
    measures = [item for item in program.measures.values() if item.source == release.source and item.on is not None]
    columns = {item.on.name if item.on is not None and not item.on.steps else None for item in measures}
    if not columns or None in columns:
        return "true"
    between = (
        f"{quoted(str(name))} between date '{counted[0]}' and date '{counted[1]}'" for name in sorted(map(str, columns))
    )
    return " or ".join(between)
