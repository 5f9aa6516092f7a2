"""The days on which cash releases what was earned: receipts that change the paid part of a measured row."""

from __future__ import annotations

from datetime import date

from spmlang.data.queries import quoted
from spmlang.data.tables import Tables
from spmlang.model.program import Program
from spmlang.model.terms import ReleaseWith


def releases_with_cash(program: Program) -> list[ReleaseWith]:
    """Return the releases of components that are paid as cash comes in, each once."""
    components = (component for plan in program.plans for component in plan.components)
    return list(dict.fromkeys(item.release for item in components if isinstance(item.release, ReleaseWith)))


def last_release(program: Program, tables: Tables, release: ReleaseWith, counted: tuple[date, date]) -> date | None:
    """Return the last day on which a receipt changes the paid part of a row dated within `counted`; None without any.

    What comes in beyond the whole, and for rows that nothing is earned on, releases nothing.
    """
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
        select max(_day) from come where {before} <> {after}
    """
    ((last,),) = tables.connection.cursor().execute(query).fetchall()
    return last  # type: ignore[no-any-return]


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
