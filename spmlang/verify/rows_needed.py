"""The rows of all sources that one payee's pay of one period needs."""

from __future__ import annotations

from collections.abc import Iterable

from spmlang.data.sql_text import quoted
from spmlang.data.tables import Tables
from spmlang.program.program import Program
from spmlang.reference.credits.rows_of_payees import RowFilter, RowsOfPayees, any_of
from spmlang.reference.recompute import rows_needed
from spmlang.values.calendar import Interval

#: The most rows of a table that is included as a whole. Such a table has no payees, and no source refers to it.
_WHOLE = 1_000


def needed_rows(program: Program, tables: Tables, payee: str, period: Interval) -> dict[str, set[tuple[str, int]]]:
    """Return the places (file, row number) of the needed rows, by source."""
    sources = RowsOfPayees(program, tables)
    people = {payee}
    wanted: dict[str, list[RowFilter]] = {name: [] for name in program.contracts}
    for plan, names in program.component_names().items():
        reading = rows_needed(sources, payee, period=period, plan=plan, names=names)
        everybody = reading.everybody
        for source, where in reading.conditions(sources).values():
            wanted[source].append(where)
        for own in reading.people.values():
            people |= own or frozenset()
        if everybody:
            people |= {str(row["payee"]) for row in sources.rows(program.roster)}
    counted = {str(item.source) for item in program.measures.values() if item.source is not None}
    found = {source: _places(tables, source, any_of(where)) for source, where in wanted.items() if where}
    for source in program.contracts:
        found.setdefault(source, set())
    size = -1
    while size != sum(map(len, found.values())):
        size = sum(map(len, found.values()))
        for source in program.contracts:
            if source not in counted or source == program.roster:
                found[source] |= _of_people(program, tables, source, people)
        _add_referred(program, tables, found)
        people |= _payees(program, tables, found[program.roster])
    for source, contract in program.contracts.items():
        alone = not any(column.references == source for other in program.contracts.values() for column in other.columns)
        if source not in counted and alone and contract.column("payee") is None:
            places = _places(tables, source, RowFilter("true"))
            found[source] |= places if len(places) <= _WHOLE else set()
    _add_referred(program, tables, found)
    return found


def _of_people(program: Program, tables: Tables, source: str, people: Iterable[str]) -> set[tuple[str, int]]:
    """Return the places of the rows about some payees; none for a source without a column `payee`."""
    if program.contracts[source].column("payee") is None:
        return set()
    return _places(tables, source, RowFilter("payee in (select unnest(?::varchar[]))", (tuple(sorted(people)),)))


def _payees(program: Program, tables: Tables, places: set[tuple[str, int]]) -> set[str]:
    """Return the payees of some roster rows."""
    return {str(row["payee"]) for row in tables.rows(program.roster) if (row["_file"], row["_row"]) in places}


def _add_referred(program: Program, tables: Tables, found: dict[str, set[tuple[str, int]]]) -> None:
    """Add to `found` the rows that its rows refer to, until no row is added."""
    waiting = list(found)
    while waiting:
        source = waiting.pop()
        for column in program.contracts[source].columns:
            if column.references is None:
                continue
            key = quoted(program.contracts[column.references].key[0])
            asked = f"{key} in (select {quoted(column.name)} from {tables.relation(source)} where {_AT})"
            more = _places(tables, column.references, RowFilter(asked, _listed(found[source])))
            if not more <= found[column.references]:
                found[column.references] |= more
                waiting.append(column.references)


_AT = "(_file, _row) in (select unnest(?::varchar[]), unnest(?::bigint[]))"


def _listed(places: set[tuple[str, int]]) -> tuple[object, ...]:
    ordered = sorted(places)
    return (tuple(file for file, _ in ordered), tuple(row for _, row in ordered))


def _places(tables: Tables, source: str, where: RowFilter) -> set[tuple[str, int]]:
    query = f"select _file, _row from {tables.relation(source)} where {where.text}"
    rows = tables.connection.cursor().execute(query, where.parameters).fetchall()
    return {(str(file), int(row)) for file, row in rows}
