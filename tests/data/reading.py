"""Read files of bad and good data, and tell what is said about them; good columns of a Parquet file."""

from __future__ import annotations

import shutil
from datetime import date
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from spmlang.data.load import load
from spmlang.diagnostics.diagnostic import Diagnostic, errors
from spmlang.diagnostics.terminal import render_terminal
from spmlang.project.file import load_project

HERE = Path(__file__).parent

GOOD: dict[str, pa.Array] = {
    "order": pa.array(["1", "2"]),
    "Order date": pa.array([date(2024, 1, 31), date(2024, 2, 1)]),
    "payee": pa.array(["A1", "B2"]),
    "amount": pa.array([Decimal("10.50"), Decimal("-0.01")], pa.decimal128(18, 2)),
    "discount": pa.array([None, Decimal("0.0650")], pa.decimal128(18, 4)),
    "quantity": pa.array([1, 2], pa.int64()),
    "paid": pa.array([True, False]),
    "status": pa.array(["open", "shipped"]),
}
#: The line of spm.yaml that names Parquet files.
STORED = "    files: orders*.parquet\n"


def read(
    folder: Path, files: dict[str, bytes], settings: str = "", source: str = "orders"
) -> tuple[str, list[Diagnostic]]:
    """The diagnostics as the terminal shows them and the rows as text, and the diagnostics themselves."""
    shutil.copytree(HERE / "base", folder, dirs_exist_ok=True)
    if settings:
        text = (folder / "spm.yaml").read_text(encoding="utf-8")
        (folder / "spm.yaml").write_text(text.replace("    files: orders*.csv\n", settings), encoding="utf-8")
    (folder / "data").mkdir()
    for name, data in files.items():
        (folder / "data" / name).write_bytes(data)
    project, problems = load_project(folder)
    assert project is not None, render_terminal(problems)
    tables, problems = load(project, folder / "data", [source])
    said = render_terminal(problems).replace(folder.as_posix(), "PROJECT")
    if errors(problems):
        return said, problems
    rows = [
        ", ".join(f"{name} {value}" for name, value in row.items() if not name.startswith("_"))
        for row in tables.rows(source)
    ]
    return said + "".join(f"read: {row}\n" for row in rows) + f"{len(rows)} rows\n", problems


def parquet(columns: dict[str, pa.Array], folder: Path, **how: object) -> bytes:
    folder.mkdir(exist_ok=True)
    file = folder / "made.parquet"
    pq.write_table(pa.table(columns), file, **how)
    return file.read_bytes()
