"""The pipeline of a request: compiled for the loaded data, split by file if results are stored, and inlined."""

from __future__ import annotations

from datetime import date

from spmlang.compile.periods.change_dates import change_columns, changing_sources
from spmlang.compile.pipeline import build_crediting, build_pipeline
from spmlang.data.sql_text import quoted
from spmlang.data.tables import Tables
from spmlang.program.program import Program
from spmlang.relations.inline_stages import inline_single_use
from spmlang.relations.nodes import Pipeline
from spmlang.relations.split_by_file import split_by_file
from spmlang.results import Request

from .data_statistics import dated_facts
from .incremental import source_digests


def pipeline_of(program: Program, tables: Tables, request: Request) -> Pipeline:
    """Return the pipeline that answers a request on these tables.

    If the request asks to profile, no stage is written into another one, so that each has its own cost.
    """
    change_days = changes(program, tables)
    dated = dated_facts(program, tables)
    if request.crediting:
        return inline_single_use(build_crediting(program, request.last, change_days, dated))
    by_file = tables.store is not None
    whole = build_pipeline(
        program,
        request.first,
        last=request.last,
        changes=change_days,
        dated=dated,
        lines=request.lines,
        at_once=not by_file,
    )
    if by_file:
        whole = split_by_file(whole, source_digests(tables), tables.file_rows)
    return whole if request.profile else inline_single_use(whole)


def changes(program: Program, tables: Tables) -> dict[str, list[date]]:
    """Return the days on which each dated source changes, by source.

    A source changes where a row begins or ends, unless the adjacent row has the same values in the columns that matter.
    """
    days = {}
    for source in changing_sources(program):
        relation = tables.relation(source)
        columns = ", ".join(map(quoted, change_columns(program, source)))
        begun = f"SELECT _from AS _day, {columns} FROM {relation}"
        ended = f"SELECT CAST(_through + 1 AS DATE), {columns} FROM {relation} WHERE _through < DATE '{date.max}'"
        alone = f"SELECT _day FROM ({begun} UNION ALL {ended}) GROUP BY _day, {columns} HAVING count(*) = 1"
        rows = tables.connection.cursor().execute(f"SELECT DISTINCT _day FROM ({alone})").fetchall()
        days[source] = sorted(day for (day,) in rows)
    return days
