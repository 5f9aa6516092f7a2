"""Write the outputs of a run. Equal inputs give equal bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, fields
from operator import attrgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from spmlang.data.tables import Reject
from spmlang.diagnostics.diagnostic import Diagnostic
from spmlang.program.program import Program
from spmlang.run.run import Run
from spmlang.run.unit_columns import integers
from spmlang.values.money import minor_places, units_text
from spmlang.version import __version__

from .components import COMPONENT_COLUMNS, component_row
from .csv_files import write_csv
from .folder import MANIFEST
from .line_tables import UNCREDITED_COLUMNS, uncredited_rows
from .parquet import TableWriter, write_whole
from .payments import balance_texts, payment_texts
from .payouts import payout_table, typed_payouts
from .reconciliation import RECONCILIATION_COLUMNS, UNPAID_COLUMNS, reconciliation_rows, unpaid_rows
from .summary import Summary
from .unshared_pots import pot_row


def write_outputs(run: Run, summary: Summary, folder: Path, write_table: TableWriter = write_whole) -> None:
    """Write all outputs of a run into a new folder (see `whole_folder`).

    Credits and lines are not among them, because `line_sink` has written them there already.

    Args:
        run: The run.
        summary: Its report.
        folder: The folder.
        write_table: Writes a Parquet table as one file or as a partitioned folder.
    """
    shown = payout_table(run)
    _write_table(folder / "payouts.csv", shown)
    typed = typed_payouts(run.program, shown)
    write_table(folder, "payouts", typed.schema, [typed])
    _write_table(folder / "payments.csv", payment_texts(run, summary.paid))
    _write_table(folder / "balances.csv", balance_texts(run, summary.paid))
    _write_rows(folder / "components.csv", COMPONENT_COLUMNS, map(component_row, summary.reports))
    _write_rows(folder / "uncredited.csv", UNCREDITED_COLUMNS, uncredited_rows(run))
    went = reconciliation_rows(run, summary.reconciliation)
    _write_rows(folder / "reconciliation.csv", RECONCILIATION_COLUMNS, went)
    _write_rows(folder / "unpaid.csv", UNPAID_COLUMNS, unpaid_rows(run, summary.unpaid))
    rejects = [item.name for item in fields(Reject)]
    write_csv(folder / "rejects.csv", rejects, map(attrgetter(*rejects), run.tables.rejects))
    manifest = _manifest(run, typed, summary=summary, went=went, folder=folder)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def note_row(program: Program, note: Diagnostic) -> dict[str, str]:
    """Return a note for the manifest and the JSON of a run. `source` is its plan line, or empty."""
    source = program.shown(note.where.place) if note.where is not None else ""
    return {"code": note.code, "text": note.message, "source": source}


# ---- files ------------------------------------------------------------------------------------


def _write_rows(path: Path, columns: Collection[str], rows: Iterable[Mapping[str, object]]) -> None:
    write_csv(path, list(columns), ([row[name] for name in columns] for row in rows))


def _write_table(path: Path, table: pa.Table) -> None:
    write_csv(path, table.schema.names, zip(*(column.to_pylist() for column in table.columns), strict=True))


# ---- the manifest -----------------------------------------------------------------------------


def _manifest(
    run: Run, paid_out: pa.Table, *, summary: Summary, went: list[dict[str, object]], folder: Path
) -> dict[str, Any]:
    """Return the inputs, outputs and control totals of the run.

    It holds no time and no absolute path, so equal runs have equal manifests.
    """
    program = run.program
    versions = paid_out.group_by(["plan", "plan_version"]).aggregate([])
    asked = set(zip(*(versions[name].to_pylist() for name in ("plan", "plan_version")), strict=True))
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
            "payouts": paid_out.num_rows,
            "payees": pc.count_distinct(paid_out["payee_id"]).as_py(),
            "amount": _totals(run.result.payouts["amount_minor"], paid_out["currency"]),
            "paid": _totals(summary.paid.balances["paid"], summary.paid.balances["currency"]),
            "uncredited_rows": run.uncredited.num_rows,
            "rejected_rows": run.tables.rejected_rows,
        },
        "reconciliation": went,
        "verification": summary.verification.as_json(),
        "unshared_pots": [pot_row(pot) for pot in summary.pots],
        "unmet": [asdict(item) for item in summary.unused_plan_items],
        "notes": [note_row(program, note) for note in summary.notes],
        "plan_files": {program.shown(path): _sha256(text.encode()) for path, text in sorted(program.files.items())},
        "inputs": [asdict(file) for file in run.tables.files],
        "outputs": {
            path.relative_to(folder).as_posix(): _sha256_of(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        },
    }


def _totals(amounts: pa.ChunkedArray, currencies: pa.ChunkedArray) -> dict[str, str]:
    """Return the sum of amounts in each currency as decimal text. `amounts` are in minor units."""
    totals: dict[str, int] = {}
    for amount, currency in zip(integers(amounts), currencies.to_pylist(), strict=True):
        assert amount is not None, "every payout and payment has an amount"
        totals[currency] = totals.get(currency, 0) + amount
    return {currency: units_text(totals[currency], minor_places(currency)) for currency in sorted(totals)}


def _sha256_of(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
