"""How great the values are that are calculated with row by row: a fact of the data at hand."""

from __future__ import annotations

from fractions import Fraction

from spmlang.data.tables import Tables
from spmlang.ir.slices import columns_of
from spmlang.ir.walking import name_of
from spmlang.model.expressions import Column
from spmlang.model.program import Program


def sizes(program: Program, tables: Tables) -> dict[str, int]:
    """The greatest size, in units, of columns whose values are calculated with, by what the relational form calls them.

    A value that is summed as it stands needs no calculation.
    """
    values = [measure.value for measure in program.measures.values() if not isinstance(measure.value, Column | None)]
    asked: dict[str, dict[str, list[str]]] = {}
    for column in columns_of(*values):
        if column.type.numeric:
            source = column.steps[-1].target if column.steps else column.root
            asked.setdefault(source, {}).setdefault(column.name, []).append(name_of(column))
    found: dict[str, int] = {}
    for source, columns in asked.items():
        quoted = ['"' + name.replace('"', '""') + '"' for name in columns]
        ends = ", ".join(f"min({name}), max({name})" for name in quoted)
        query = f"select {ends} from {tables.relation(source)}"
        (row,) = tables.connection.cursor().execute(query).fetchall()
        for (name, used), low, high in zip(columns.items(), row[::2], row[1::2], strict=True):
            declared = program.contracts[source].column(name)
            if low is None or declared is None:
                continue
            size = max(abs(Fraction(low)), abs(Fraction(high))) * 10**declared.scale
            found |= dict.fromkeys(used, int(size))
    return found
