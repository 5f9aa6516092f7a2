"""The large tables of a run as readers see them: credits, lines and uncredited rows, with decimals instead of units."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from spmlang.program.program import Program
from spmlang.results import CREDITS, LINES, UNCREDITED, Sink
from spmlang.run.run import Run
from spmlang.run.unit_columns import decimals
from spmlang.values.money import minor_places, units_text

from .parquet import TableWriter, write_whole

_UNCREDITED_NAMES = {"day": "date", "rule": "credit_rule", "payee": "payee_id", "units": "amount"}

#: The columns of uncredited.csv.
UNCREDITED_COLUMNS = [_UNCREDITED_NAMES.get(name, name) for name in UNCREDITED.names]


def line_sink(program: Program, folder: Path, write_table: TableWriter = write_whole) -> Sink:
    """Return a sink that writes credits and lines into the folder, part by part."""
    shapes = {"credits": (CREDITS, credit_table), "lines": (LINES, line_table)}

    def write(name: str, parts: Iterable[pa.Table]) -> None:
        schema, shaped = shapes[name]
        own = shaped(program, schema.empty_table()).schema
        write_table(folder, name, own, (shaped(program, part) for part in parts))

    return write


def line_table(program: Program, table: pa.Table) -> pa.Table:
    """Return LINES with `credited` and `amount` as decimals instead of units and minor units."""
    versions = pc.binary_join_element_wise(table["plan"], table["version"].cast(pa.string()), " ")
    places = {f"{plan.name} {plan.version}": minor_places(plan.currency) for plan in program.plans}
    amount = decimals(table["amount_minor"], versions, places, max(places.values(), default=2))
    credited = decimals(table["credited_units"], table["measure"], _scales(program), _most_places(program))
    table = table.drop_columns(["amount_minor", "credited_units"])
    return table.append_column("credited", credited).append_column("amount", amount)


def credit_table(program: Program, table: pa.Table) -> pa.Table:
    """Return CREDITS with `amount` as a decimal instead of units."""
    amounts = decimals(table["units"], table["measure"], _scales(program), _most_places(program))
    return table.drop_columns(["units"]).append_column("amount", amounts)


def uncredited_table(run: Run) -> pa.Table:
    """Return the columns of uncredited.csv, with the amount as a decimal."""
    return credit_table(run.program, run.uncredited).rename_columns(UNCREDITED_COLUMNS)


def uncredited_rows(run: Run) -> Iterator[dict[str, object]]:
    """Yield the rows of uncredited.csv, by column. Each amount is a text with the places of its measure."""
    for row in run.uncredited.to_pylist():
        shown = {_UNCREDITED_NAMES.get(name, name): value for name, value in row.items()}
        scale = run.program.measures[row["measure"]].type.scale
        yield {**shown, "amount": units_text(int(row["units"]), scale)}


def _scales(program: Program) -> dict[str, int]:
    return {name: measure.type.scale for name, measure in program.measures.items()}


def _most_places(program: Program) -> int:
    return max((measure.type.scale for measure in program.measures.values()), default=0)
