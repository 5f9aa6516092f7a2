"""Credit drawn source rows by the reference interpreter alone, and compare the credits with those of the engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pyarrow as pa
import pyarrow.compute as pc

from spmlang.data.row_copies import copies_of_rows
from spmlang.data.sql_text import string
from spmlang.data.tables import Row, Tables
from spmlang.diagnostics.diagnostic import Cell, Diagnostic, Problems, diagnose
from spmlang.program.measures import GroupCredit, Measure
from spmlang.program.program import AssignedMembers, Program
from spmlang.program.reads import used_measures
from spmlang.program.reconciliation_classes import NOT_ON_ROSTER
from spmlang.reference.attainment.measures_to_date import roll_up
from spmlang.reference.credits.credit_rows import Credit, Credits, credit_rows
from spmlang.reference.credits.rows_of_payees import EVERY_ROW, RowsOfPayees
from spmlang.reference.engine import counted_days
from spmlang.reference.result_tables import credit_table, uncredited_table
from spmlang.run.run import Run, engine_named
from spmlang.values.money import units_text

from .random_choice import SampleDraw, drawn_rows

#: The number of source rows to draw.
ROWS = 200


@dataclass(frozen=True)
class Checked:
    """The number of drawn rows, and the credits that they give."""

    rows: int
    credits: tuple[Credit, ...]


def check_rows(run: Run, drawn: SampleDraw) -> Checked:
    """Credit the drawn rows by the reference and by the engine, and compare.

    Raises:
        Problems: If the data lacks a value, or for the first row that the engine credits differently.
    """
    program = run.program
    used = used_measures(program)
    source_names = {str(program.measures[name].source) for name in used if program.measures[name].source is not None}
    if not source_names:
        return Checked(0, ())
    conditions, rows = _conditions(run, drawn, source_names)
    with copies_of_rows(run.tables, conditions) as tables:
        sources = RowsOfPayees(program, tables)
        credits = Credits()

        def counted(measure: Measure) -> list[Row]:
            return sources.counted(str(measure.source), EVERY_ROW) or []

        credit_rows(sources, counted_days(program, run.request), measures=used, rows=counted, credits=credits)
        roll_up(sources, used, credits)
        if credits.problems:
            raise Problems(list(dict.fromkeys(credits.problems)))
        uncredited = uncredited_table(program, credits.uncredited)
        request = replace(run.request, lines=False, profile=False, sink=None, crediting=True)
        found = engine_named(run.engine).run(program, tables, request)
        assert found.credits is not None
        _compare(run, credit_table(program, credits), found.credits)
        _compare(run, uncredited, found.uncredited)
        nobody = run.result.uncredited.filter(pc.not_equal(run.result.uncredited["reason"], NOT_ON_ROSTER))
        _compare(run, uncredited, _of_rows(nobody, tables, source_names))
    by_row = sorted(
        (item for own in credits.by_measure.values() for item in own),
        key=lambda item: drawn.number(2**64, item.file, item.row),
    )
    return Checked(rows, tuple(by_row))


def _conditions(run: Run, drawn: SampleDraw, counted: set[str]) -> tuple[dict[str, list[str]], int]:
    """Return SQL conditions for the drawn rows of each source, and the number of drawn rows.

    Sources about payees are not drawn from, because credits need all their rows.
    """
    source_names = sorted(counted - _about_people(run.program))
    conditions: dict[str, list[str]] = {source: ["false"] for source in source_names}
    rows = 0
    for source, file, numbers in drawn_rows(drawn, run.tables, source_names, ROWS):
        conditions[source].append(f"(_file = {string(file)} and _row in ({', '.join(map(str, numbers))}))")
        rows += len(numbers)
    return conditions, rows


def _about_people(program: Program) -> set[str | None]:
    """Return the sources about payees.

    They are the roster, the managers table, and the tables of territory owners, group members and plan assignments.
    """
    shares = [share for measure in program.measures.values() for share in measure.credits]
    found = {program.roster, program.managers, *(item.owners_table for item in program.territories)}
    found |= {share.table for share in shares if isinstance(share, GroupCredit)}
    return found | {plan.members.table for plan in program.plans if isinstance(plan.members, AssignedMembers)}


def _of_rows(table: pa.Table, tables: Tables, source_names: set[str]) -> pa.Table:
    """Return the rows of a result table that come from the rows of `tables`, for the named sources."""
    kept = [table.slice(0, 0)]
    for source in sorted(source_names):
        of_source = table.filter(pc.equal(table["source"], source))
        places = tables.connection.cursor().execute(f"select _file, _row from {tables.relation(source)}").fetchall()
        for file in sorted({file for file, _ in places}):
            numbers = pa.array([row for own, row in places if own == file], pa.int64())
            own = of_source.filter(pc.equal(of_source["file"], file))
            kept.append(own.filter(pc.is_in(own["row"], numbers)))
    return pa.concat_tables(kept)


def _compare(run: Run, expected: pa.Table, found: pa.Table) -> None:
    """Compare two tables of credits.

    Raises:
        Problems: For the first row that is credited differently.
    """
    own, other = (Counter(_rows(table)) for table in (expected, found))
    missing, more = ((left - right).elements() for left, right in ((own, other), (other, own)))
    unlike = sorted([*((at, True) for at in missing), *((at, False) for at in more)], key=lambda item: repr(item[0]))
    if unlike:
        names = expected.schema.names
        first = dict(zip(names, unlike[0][0], strict=True))
        same = [(dict(zip(names, at, strict=True)), is_own) for at, is_own in unlike]
        beside = [item for item in same if all(item[0][name] == first[name] for name in ("measure", "file", "row"))]
        raise Problems(
            [_difference(run, first, *([at for at, is_own in beside if is_own is side] for side in (True, False)))]
        )


def _difference(
    run: Run, row: dict[str, object], own: list[dict[str, object]], other: list[dict[str, object]]
) -> Diagnostic:
    words = {"measure": row["measure"], "source": row["source"], "key": row["key"], "engine": run.engine}
    said = {"expected": _told(run, own), "found": _told(run, other)}
    return diagnose("run-row-differs", Cell(str(row["file"]), int(str(row["row"]))), (), **words, **said)


def _told(run: Run, rows: list[dict[str, object]]) -> str:
    """Return the credits of one row in words, such as `70.00 to ada, 30.00 to bert`."""
    told = []
    for row in rows:
        amount = units_text(int(str(row["units"])), run.program.measures[str(row["measure"])].type.scale)
        told.append(f"{amount} to {row['payee']}" if "reason" not in row else f"{amount} to no payee ({row['reason']})")
    return ", ".join(told) or "nothing"


def _rows(table: pa.Table) -> Iterator[tuple[object, ...]]:
    return zip(*(column.to_pylist() for column in table.columns), strict=True)
