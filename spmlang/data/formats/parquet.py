"""Open Parquet files for queries that read them from disk, with a check of each column."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from spmlang.data.files import DataFile
from spmlang.data.row_errors import RowErrors
from spmlang.data.sql_text import fetch, file_path, quoted
from spmlang.data.tables import ReadableInPlace, StoredColumn
from spmlang.data.value_checks import ColumnCheck, check_stored_column, sql_type
from spmlang.diagnostics.diagnostic import Cell, Diagnostic, Problems, diagnose
from spmlang.project.contract import Contract

from . import OpenedFiles
from .header import check_header
from .parquet_timestamps import unreadable_timestamps

#: A Parquet file may have as many rows as bytes, or this many if that is more. Real tables take several bytes for a
#: row. A file made to do harm can pack a billion rows into a few thousand bytes.
_LEAST_ROWS = 5_000_000
#: DuckDB's names for a row's file and its position in it. Columns of files are named by their position.
_PATH, _NUMBER = "filename", "file_row_number"


def open_files(
    connection: duckdb.DuckDBPyConnection, contract: Contract, files: list[DataFile], errors: RowErrors
) -> OpenedFiles | None:
    """Open the files of a source. All files must need the same checks."""
    headers: list[list[str]] = []
    checks: list[ColumnCheck] = []
    for file in files:
        try:
            header, types = _header(connection, file)
            own = _column_checks(contract, file, header, types)
            if headers and own != checks:
                raise Problems([diagnose("data-files-differ", Cell(file.shown), first=files[0].shown)])
        except Problems as found:
            errors.problems += found.diagnostics
            return None
        headers.append(header)
        checks = own
    return OpenedFiles(
        rows=_rows(contract, files, headers),
        checks=checks,
        rows_of_file=tuple(_rows(contract, [file], [own]) for file, own in zip(files, headers, strict=True)),
        in_place=_readable_in_place(contract, files, checks),
    )


def _header(connection: duckdb.DuckDBPyConnection, file: DataFile) -> tuple[list[str], list[str]]:
    """Return the names and DuckDB types of a file's columns.

    Raises:
        Problems: If the file is damaged, or has too many rows.
        OSError: If the file may not be read.
    """
    file.path.open("rb").close()  # a file without read permission is an OSError, not damage
    try:
        types = [
            str(row[1]) for row in fetch(connection, f"describe select * from read_parquet({file_path(file.path)})")
        ]
        # The names come from Arrow, because DuckDB would rename names that differ only in case.
        names = [str(name) for name in pq.read_schema(file.path).names]
        rows = pq.read_metadata(file.path).num_rows
    except (duckdb.Error, pa.ArrowException) as mistake:
        raise Problems([file.unreadable(str(mistake).splitlines()[0])]) from mistake
    most = max(_LEAST_ROWS, file.path.stat().st_size)
    if rows > most:
        raise Problems([file.unreadable(f"it has {rows:,} rows, more than bytes; {most:,} are the most")])
    return names, types


def _column_checks(contract: Contract, file: DataFile, header: list[str], types: list[str]) -> list[ColumnCheck]:
    """Return the check of each column of the contract.

    Raises:
        Problems: If a column is missing or of a type that does not fit, or if a date cannot be read.
    """
    checks: list[ColumnCheck] = []
    problems = check_header(contract, file, header)
    for column in contract.columns:
        if column.header not in header:
            continue
        stored = types[header.index(column.header)]
        check = check_stored_column(contract, column, quoted(column.name), stored)
        if check is None:
            problems.append(
                _wrong_type(file, column.header, column=column.name, kind=column.kind, found=stored.lower())
            )
        else:
            checks.append(check)
    problems = problems or unreadable_timestamps(contract, file)
    if problems:
        raise Problems(problems)
    return checks


def _wrong_type(file: DataFile, header: str, **words: object) -> Diagnostic:
    return diagnose("data-type", Cell(file.shown, None, header), (), **words)


def _rows(contract: Contract, files: list[DataFile], headers: list[list[str]]) -> str:
    """Return a query for the rows of files: the contract's columns as stored, `_file` and `_row`."""
    alike: dict[object, list[tuple[DataFile, list[str]]]] = {}
    for file, header in zip(files, headers, strict=True):
        # DuckDB finds columns by name and ignores case. If names differ only in case, columns are found by position.
        differ_in_case = len({name.lower() for name in header}) < len(header)
        alike.setdefault(tuple(header) if differ_in_case else None, []).append((file, header))
    return " union all ".join(
        _rows_alike(contract, [file for file, _ in group], group[0][1]) for group in alike.values()
    )


def _rows_alike(contract: Contract, files: list[DataFile], header: list[str]) -> str:
    """Return such a query for files that are read in one scan. `header` is that of the first file."""
    columns = ", ".join(f"_{header.index(column.header)} as {quoted(column.name)}" for column in contract.columns)
    positions = ", ".join(f"_{position}" for position in range(len(header)))
    paths = ", ".join(file_path(file.path) for file in files)
    start = len(_folder(files[0])) + 1
    return (
        f"select {columns}, substr({_PATH}, {start}) as _file, cast({_NUMBER} + 1 as bigint) as _row "
        f"from read_parquet([{paths}]) as _rows({positions})"
    )


def _folder(file: DataFile) -> str:
    """Return the path of the folder, with its slash, that the shown names of all files of a source are relative to."""
    return file.path.as_posix().removesuffix(file.shown)


def _readable_in_place(contract: Contract, files: list[DataFile], checks: list[ColumnCheck]) -> ReadableInPlace | None:
    """Return the files for an engine that reads them by itself; None for a dated source.

    The rows of a dated source depend on each other.
    """
    if contract.dated is not None:
        return None
    columns = {check.column.name: stored for check in checks if (stored := _stored_column(check))}
    return ReadableInPlace(Path(_folder(files[0])), tuple(file.shown for file in files), contract.key, columns)


def _stored_column(check: ColumnCheck) -> StoredColumn | None:
    """Return the column if its checked value is the stored value, else None.

    An optional text qualifies, too, with `blank` set, because only its empty text differs from the stored value.
    """
    name = quoted(check.column.name)
    blank = check.value == f"nullif(coalesce({name}, ''), '')"
    return StoredColumn(check.column.header, sql_type(check.column), blank) if blank or check.value == name else None
