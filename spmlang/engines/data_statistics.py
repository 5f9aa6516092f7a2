"""How great values are, and how many rows there are: facts of the data at hand by which a run is made quicker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from spmlang.compile.periods.slices import DatedTableFacts
from spmlang.compile.sources.columns_read import columns_of
from spmlang.compile.sources.references import column_alias
from spmlang.data.sql_text import quoted
from spmlang.data.tables import Tables
from spmlang.program.expressions import Column
from spmlang.program.measures import DirectCredit
from spmlang.program.program import Program


def greatest_values(program: Program, tables: Tables) -> dict[str, int]:
    """The greatest size, in units, of columns whose values are calculated with, by what the relational form calls them.

    A value that is summed as it stands needs no calculation.
    """
    values = [measure.value for measure in program.measures.values() if not isinstance(measure.value, Column | None)]
    asked: dict[str, dict[str, list[str]]] = {}
    for column in columns_of(*values):
        if column.type.numeric:
            source = column.steps[-1].target if column.steps else column.root
            asked.setdefault(source, {}).setdefault(column.name, []).append(column_alias(column))
    found: dict[str, int] = {}
    for source, columns in asked.items():
        ends = ", ".join(f"min({name}), max({name})" for name in map(quoted, columns))
        query = f"select {ends} from {tables.relation(source)}"
        (row,) = tables.connection.cursor().execute(query).fetchall()
        for (name, used), low, high in zip(columns.items(), row[::2], row[1::2], strict=True):
            declared = program.contracts[source].column(name)
            if low is None or declared is None:
                continue
            size = max(abs(Fraction(low)), abs(Fraction(high))) * 10**declared.scale
            found |= dict.fromkeys(used, int(size))
    return found


#: A join that looks for the row in force on a day compares every row of a key; by a row for each day it looks once. Making
#: these rows is worth it for tables that are small beside the rows that ask.
_MANY, _DAYS = 1_000_000, 1_000


def dated_facts(program: Program, tables: Tables) -> DatedTableFacts:
    """What is known of the dated sources that measures read."""
    asked = _asked(program)
    in_force = {} if tables.rejects else {source: _in_force(tables, source) for source in asked}
    return DatedTableFacts(
        frozenset(_by_day(tables, asked)), {source: days for source, days in in_force.items() if days}
    )


def _asked(program: Program) -> dict[str, set[str]]:
    """The dated sources that measures read, each with the sources whose rows ask."""
    asked: dict[str, set[str]] = {}
    for measure in program.measures.values():
        shares = [share.payee for share in measure.credits if isinstance(share, DirectCredit)]
        for column in columns_of(measure.value, measure.where, *shares):
            for step in column.steps:
                if program.contracts[step.target].dated is not None:
                    asked.setdefault(step.target, set()).add(column.root)
    return asked


def _in_force(tables: Tables, source: str) -> tuple[date, date] | None:
    """The days through which every key has a row in force. Rows of a key do not overlap, so that their days can be counted."""
    (key,) = map(quoted, tables.contracts[source].key)
    ends = "min(_from) AS _first, max(_through) AS _last, sum(_through - _from + 1) AS _held"
    keys = f"SELECT {ends} FROM {tables.relation(source)} GROUP BY {key}"
    query = f"SELECT max(_first), min(_last), bool_and(_held = _last - _first + 1) FROM ({keys})"
    ((first, last, held),) = tables.connection.cursor().execute(query).fetchall()
    return (first, last) if held else None


def _by_day(tables: Tables, asked: Mapping[str, set[str]]) -> list[str]:
    rows = {source: tables.count(source) for source in {*asked, *(root for roots in asked.values() for root in roots)}}
    many = {target: max(rows[root] for root in roots) for target, roots in asked.items()}
    return [target for target, most in many.items() if most >= _MANY and rows[target] * _DAYS <= most]
