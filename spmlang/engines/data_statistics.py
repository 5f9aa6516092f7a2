"""Statistics of the data that make a run faster: greatest values, row counts, days with a row in force."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from spmlang.compile.periods.slices import DatedTableFacts
from spmlang.compile.sources.references import column_alias
from spmlang.data.sql_text import quoted
from spmlang.data.tables import Tables
from spmlang.program.expressions import Column
from spmlang.program.measures import DirectCredit
from spmlang.program.program import Program
from spmlang.program.reads import columns_of


def greatest_values(program: Program, tables: Tables) -> dict[str, int]:
    """Return the greatest absolute value, in units, of each numeric column that a measure calculates with.

    The keys are the columns' names in the relational form. A value that is summed unchanged needs no calculation, so
    its column is left out. So is a column without any value.
    """
    values = [measure.value for measure in program.measures.values() if not isinstance(measure.value, Column | None)]
    aliases: dict[str, dict[str, list[str]]] = {}
    for column in columns_of(*values):
        if column.type.numeric:
            source = column.steps[-1].target if column.steps else column.root
            aliases.setdefault(source, {}).setdefault(column.name, []).append(column_alias(column))
    found: dict[str, int] = {}
    for source, columns in aliases.items():
        ends = ", ".join(f"min({name}), max({name})" for name in map(quoted, columns))
        query = f"select {ends} from {tables.relation(source)}"
        (row,) = tables.connection.cursor().execute(query).fetchall()
        for (name, own), low, high in zip(columns.items(), row[::2], row[1::2], strict=True):
            declared = program.contracts[source].column(name)
            if low is None or declared is None:
                continue
            greatest = max(abs(Fraction(low)), abs(Fraction(high))) * 10**declared.scale
            found |= dict.fromkeys(own, int(greatest))
    return found


#: A join that looks for the row in force on a day compares all rows of a key; with a row for each day it looks once.
#: Making these rows pays off if at least this many rows refer to a table, and this many times as many as it has rows.
_LEAST_ROWS, _LEAST_RATIO = 1_000_000, 1_000


def dated_facts(program: Program, tables: Tables) -> DatedTableFacts:
    """Return statistics of the dated sources that measures read.

    They name the sources worth a row for each day, and the days on which all keys of a source have a row in force. The
    days are unknown if any row was rejected.
    """
    referring = _dated_sources_read(program)
    in_force = {} if tables.rejects else {source: _days_in_force(tables, source) for source in referring}
    return DatedTableFacts(
        frozenset(_worth_daily_rows(tables, referring)), {source: days for source, days in in_force.items() if days}
    )


def _dated_sources_read(program: Program) -> dict[str, set[str]]:
    """Return the dated sources that measures read, each with the sources whose rows refer to it."""
    referring: dict[str, set[str]] = {}
    for measure in program.measures.values():
        shares = [share.payee for share in measure.credits if isinstance(share, DirectCredit)]
        for column in columns_of(measure.value, measure.where, *shares):
            for step in column.steps:
                if program.contracts[step.target].dated is not None:
                    referring.setdefault(step.target, set()).add(column.root)
    return referring


def _days_in_force(tables: Tables, source: str) -> tuple[date, date] | None:
    """Return the first and the last day between which every key has a row in force; None if a key has a gap.

    Rows of a key do not overlap, so counting their days is enough.
    """
    (key,) = map(quoted, tables.contracts[source].key)
    ends = "min(_from) AS _first, max(_through) AS _last, sum(_through - _from + 1) AS _held"
    keys = f"SELECT {ends} FROM {tables.relation(source)} GROUP BY {key}"
    query = f"SELECT max(_first), min(_last), bool_and(_held = _last - _first + 1) FROM ({keys})"
    ((first, last, held),) = tables.connection.cursor().execute(query).fetchall()
    return (first, last) if held else None


def _worth_daily_rows(tables: Tables, referring: Mapping[str, set[str]]) -> list[str]:
    """Return the dated sources that are worth a row for each day.

    Args:
        tables: the tables.
        referring: the dated sources, each with the sources whose rows refer to it.
    """
    rows = {
        source: tables.count(source)
        for source in {*referring, *(root for roots in referring.values() for root in roots)}
    }
    many = {target: max(rows[root] for root in roots) for target, roots in referring.items()}
    return [target for target, most in many.items() if most >= _LEAST_ROWS and rows[target] * _LEAST_RATIO <= most]
