"""Writes what a run gives: the same inputs give the same bytes."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, fields
from decimal import Decimal
from fractions import Fraction
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from spmlang import __version__
from spmlang.data.tables import Reject
from spmlang.engines.result import CREDITS, LINES, Sink
from spmlang.model.program import Program
from spmlang.payments.paying import Payment
from spmlang.values.money import minor_places, units_text
from spmlang.values.rounding import Mode, div_round

from .columns import decimals
from .components import ComponentReport
from .folder import MANIFEST
from .payments import Balance, PaymentLine, balances, payment_lines, payments
from .payouts import ATTAINMENT_PLACES, Payout, payouts
from .running import Run
from .writing import TableWriter, write_whole

#: Ratios in components.csv are shown to so many decimals, half up.
RATIO_PLACES = 6

Row = TypeVar("Row", Payout, PaymentLine, Balance, Reject)


def write_outputs(
    run: Run, reports: Iterable[ComponentReport], folder: Path, write_table: TableWriter = write_whole
) -> None:
    """All outputs of a run into a new folder (see `whole_folder`), but for those that `line_sink` has written there.

    `write_table` says how the Parquet tables lie there: each as one file, or partitioned.
    """
    rows = list(payouts(run))
    _write_rows(folder / "payouts.csv", Payout, rows)
    typed = _payout_table(run.program, folder / "payouts.csv")
    write_table(folder, "payouts", typed.schema, [typed])
    paid = payments(run)
    _write_rows(folder / "payments.csv", PaymentLine, payment_lines(run, paid))
    _write_rows(folder / "balances.csv", Balance, balances(run, paid))
    _write_csv(folder / "components.csv", COMPONENT_COLUMNS, (component_row(report) for report in reports))
    _write_csv(folder / "uncredited.csv", _UNCREDITED, _uncredited(run))
    _write_rows(folder / "rejects.csv", Reject, run.tables.rejects)
    manifest = _manifest(run, rows, paid, folder)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def line_sink(program: Program, folder: Path, write_table: TableWriter = write_whole) -> Sink:
    """Writes credits and lines into the folder as they come."""
    shapes = {"credits": (CREDITS, _with_amounts), "lines": (LINES, _with_money)}

    def write(name: str, parts: Iterable[pa.Table]) -> None:
        schema, shaped = shapes[name]
        own = shaped(program, schema.empty_table()).schema
        write_table(folder, name, own, (shaped(program, part) for part in parts))

    return write


# ---- components -------------------------------------------------------------------------------

COMPONENT_COLUMNS = (
    "plan",
    "plan_version",
    "component",
    "kind",
    "currency",
    "cost",
    "credited_revenue",
    "cost_of_sales",
    "payees",
    "payees_paid",
    "share_of_payees_paid",
    "cost_below_threshold",
    "share_of_cost_below_threshold",
    "premium",
    "flags",
)


def component_row(report: ComponentReport) -> tuple[object, ...]:
    """A component's figures as exact texts, in the order of COMPONENT_COLUMNS; ratios half up to six places."""
    currency = report.version.currency
    return (
        report.version.name,
        report.version.version,
        report.component.name,
        str(report.component.kind),
        currency,
        _text(report.cost, minor_places(currency)),
        _text(report.revenue, minor_places(currency)),
        _text(report.cost_of_sales, RATIO_PLACES),
        report.payees,
        report.payees_paid,
        _text(report.share_paid, RATIO_PLACES),
        _text(report.below, minor_places(currency)),
        _text(report.share_below, RATIO_PLACES),
        _text(report.premium, minor_places(currency)),
        "; ".join(f"{flag.figure} ({flag.source})" for flag in report.flags),
    )


def _text(value: Fraction | None, places: int) -> str | None:
    """A decimal text with at least that many places; more where the value has more, but not without end."""
    if value is None:
        return None
    scaled = value * 10**places
    return units_text(div_round(scaled.numerator, scaled.denominator, Mode.HALF_UP), places)


# ---- uncredited -------------------------------------------------------------------------------

_UNCREDITED = ("measure", "date", "source", "key", "credit_rule", "reason", "territory", "file", "row", "amount")


def _uncredited(run: Run) -> Iterable[Sequence[object]]:
    for row in run.result.uncredited.to_pylist():
        scale = run.program.measures[row["measure"]].type.scale
        amount = units_text(int(row["units"]), scale)
        yield (*list(row.values())[:-1], amount)


# ---- files ------------------------------------------------------------------------------------


def _write_rows(path: Path, row: type[Row], rows: Iterable[Row]) -> None:
    """A file with a column for each field."""
    names = [item.name for item in fields(row)]
    _write_csv(path, names, map(attrgetter(*names), rows))


def _write_csv(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        for row in rows:
            writer.writerow(
                ["" if value is None else f"{value:f}" if isinstance(value, Decimal) else value for value in row]
            )


def _payout_table(program: Program, written: Path) -> pa.Table:
    """payouts.csv with types; decimals at the largest scale that the program's measures and currencies have."""
    values = max((measure.type.scale for measure in program.measures.values()), default=0)
    values = max([values, *(quota.type.scale for plan in program.plans for quota in plan.quotas.values())])
    money = max((minor_places(plan.currency) for plan in program.plans), default=2)
    types = {
        "plan_version": pa.int32(),
        "measure_value": pa.decimal128(38, values),
        "quota": pa.decimal128(38, values),
        "attainment": pa.decimal128(38, ATTAINMENT_PLACES),
        "amount": pa.decimal128(38, money),
    }
    types = {item.name: types.get(item.name, pa.string()) for item in fields(Payout)}
    options = pacsv.ConvertOptions(column_types=types, strings_can_be_null=True, null_values=[""])
    return pacsv.read_csv(written, pacsv.ReadOptions(use_threads=False), convert_options=options)


def _with_money(program: Program, table: pa.Table) -> pa.Table:
    """Lines with `amount` as decimal money instead of minor units, and `credited` instead of units."""
    versions = pc.binary_join_element_wise(table["plan"], table["version"].cast(pa.string()), " ")
    places = {f"{plan.name} {plan.version}": minor_places(plan.currency) for plan in program.plans}
    amount = decimals(table["amount_minor"], versions, places, max(places.values(), default=2))
    credited = decimals(table["credited_units"], table["measure"], _scales(program), _most_places(program))
    table = table.drop_columns(["amount_minor", "credited_units"])
    return table.append_column("credited", credited).append_column("amount", amount)


def _with_amounts(program: Program, table: pa.Table) -> pa.Table:
    """Credits with `amount` as a decimal instead of units."""
    amounts = decimals(table["units"], table["measure"], _scales(program), _most_places(program))
    return table.drop_columns(["units"]).append_column("amount", amounts)


def _scales(program: Program) -> dict[str, int]:
    return {name: measure.type.scale for name, measure in program.measures.items()}


def _most_places(program: Program) -> int:
    return max((measure.type.scale for measure in program.measures.values()), default=0)


# ---- the manifest -----------------------------------------------------------------------------


def _manifest(run: Run, rows: list[Payout], paid: list[Payment], folder: Path) -> dict[str, Any]:
    """What the run was made from and what it gave; no time and no place, so that equal runs are equal."""
    program = run.program
    asked = {(row.plan, row.plan_version) for row in rows}
    totals: dict[str, Decimal] = {}
    for row in rows:
        totals[row.currency] = totals.get(row.currency, Decimal(0)) + row.amount
    return {
        "project": program.name,
        "spmlang": __version__,
        "engine": run.engine,
        "periods": {"from": run.request.first.label, "through": run.request.last.label},
        "plan_versions": [
            {
                "plan": plan.name,
                "version": plan.version,
                "from": plan.effective.start.isoformat(),
                "through": plan.effective.through.isoformat() if plan.effective.through else None,
            }
            for plan in program.plans
            if (plan.name, plan.version) in asked
        ],
        "control_totals": {
            "payouts": len(rows),
            "payees": len({row.payee_id for row in rows}),
            "amount": {currency: f"{totals[currency]:f}" for currency in sorted(totals)},
            "paid": _paid(paid),
            "uncredited_rows": run.result.uncredited.num_rows,
            "rejected_rows": run.tables.rejected_rows,
        },
        "plan_files": {program.shown(path): _sha256(text.encode()) for path, text in sorted(program.files.items())},
        "inputs": [asdict(file) for file in run.tables.files],
        "outputs": {
            path.relative_to(folder).as_posix(): _sha256_of(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        },
    }


def _paid(payments: list[Payment]) -> dict[str, str]:
    """What is paid, by currency."""
    totals: dict[str, int] = {}
    for item in payments:
        totals[item.plan.currency] = totals.get(item.plan.currency, 0) + item.paid
    return {currency: units_text(totals[currency], minor_places(currency)) for currency in sorted(totals)}


def _sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
