"""The valid projects to damage: the shipped plans, the template of `spm new`, and the cases of the engines."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from io import BytesIO, StringIO
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from tests.projects import Project, case_project

ROOT = Path(__file__).parents[2]
#: Bytes of the largest file that is included, because larger ones only make a trial slow.
_LARGEST = 200_000


@dataclass(frozen=True)
class Sample:
    """A project's files by path below its folder. `runs` is True if its data is among them."""

    name: str
    files: dict[str, bytes]
    runs: bool


def samples() -> list[Sample]:
    """Return all valid projects: the plans by name, the template, then the cases by name."""
    cases = sorted((ROOT / "tests" / "engines" / "cases").iterdir())
    folders = [*sorted((ROOT / "plans").iterdir()), ROOT / "spmlang" / "cli" / "template"]
    shipped = [_sample(folder) for folder in folders if (folder / "spm.yaml").is_file()]
    return shipped + [Sample(case.name, _encoded(case_project(case)), runs=True) for case in cases]


def _sample(folder: Path) -> Sample:
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".spm", ".csv", ".yaml") and path.stat().st_size < _LARGEST
    }
    return Sample(folder.name, files, any(name.endswith(".csv") for name in files))


def _encoded(project: Project) -> dict[str, bytes]:
    return {path: text.encode() for path, text in project.files.items()}


def with_parquet(files: dict[str, bytes], name: str) -> tuple[dict[str, bytes], str]:
    """Return the project with one CSV file stored as Parquet, and the name of that file.

    Days are stored as dates, all other columns as text.
    """
    base = name.rsplit("/", 1)[-1]
    stored = name.removesuffix(".csv") + ".parquet"
    settings = re.sub(rf"\b{re.escape(base)}\b", base.removesuffix(".csv") + ".parquet", files["spm.yaml"].decode())
    others = {path: data for path, data in files.items() if path != name}
    return {**others, "spm.yaml": settings.encode(), stored: _parquet(files[name])}, stored


def _parquet(data: bytes) -> bytes:
    table = pacsv.read_csv(
        BytesIO(data),
        convert_options=pacsv.ConvertOptions(column_types={name: pa.string() for name in _header(data)}),
    )
    columns = {name: _stored(table.column(name)) for name in table.column_names}
    written = BytesIO()
    pq.write_table(pa.table(columns), written)
    return written.getvalue()


def _header(data: bytes) -> list[str]:
    return next(csv.reader(StringIO(data.decode("utf-8-sig"), newline="")))


def _stored(column: pa.ChunkedArray) -> pa.ChunkedArray | pa.Array:
    values = column.to_pylist()
    if values and all(re.fullmatch(r"\d{4}-\d{2}-\d{2}", value or "") for value in values):
        return pa.array([date.fromisoformat(value) for value in values])
    return column
