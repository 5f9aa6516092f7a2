"""Open the files of a source as one raw relation, with a proof for every column."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from spmlang.data.files import DataFile
from spmlang.data.row_errors import RowErrors
from spmlang.data.sql_text import fetch, file_path, named, quoted, string
from spmlang.data.tables import ReadableInPlace, StoredColumn
from spmlang.data.value_checks import ColumnCheck, check_stored_column, check_text_column, sql_type
from spmlang.diagnostics.diagnostic import Cell, Diagnostic, diagnose
from spmlang.project.contract import Contract
from spmlang.values.own_names import own_name

from .csv import check_header, read_csv
from .parquet_timestamps import unreadable_timestamps

#: A Parquet file may have as many rows as bytes, or this many if that is more. Real tables take several bytes for a
#: row. A file made to do harm can pack a billion rows into a few thousand bytes.
_LEAST_ROWS = 5_000_000
#: DuckDB's names for a row's file and its place in it. Columns of files are named by their place.
_PATH, _NUMBER = "filename", "file_row_number"


def open_source(
    connection: duckdb.DuckDBPyConnection, contract: Contract, files: list[DataFile], refusals: RowErrors
) -> list[ColumnCheck] | None:
    """Make the relation `raw:NAME` with the contract's columns, `_file` and `_row`.

    Args:
        connection: The database.
        contract: The contract of the source.
        files: Its files.
        refusals: Receives the errors.

    Returns:
        The proof of each column, or None if a file cannot be read.
    """
    if contract.format == "parquet":
        return _open_parquet(connection, contract, files, refusals)
    return _open_csv(connection, contract, files, refusals)


def forget_texts(connection: duckdb.DuckDBPyConnection, contract: Contract, files: list[DataFile]) -> None:
    """Drop the text of CSV files, once their typed rows are stored."""
    if contract.format == "csv":
        connection.execute(f"drop view {named('raw', contract.name)}")
        for number in range(len(files)):
            connection.unregister(own_name("arrow", contract.name, number))


def _open_csv(
    connection: duckdb.DuckDBPyConnection, contract: Contract, files: list[DataFile], refusals: RowErrors
) -> list[ColumnCheck] | None:
    """Open CSV files as `open_source` does. All columns arrive as text."""
    parts = []
    for file in files:
        read = read_csv(contract, file)
        refusals.problems += read.problems
        refusals.add(contract, read.ragged)
        if read.table is not None:
            parts.append(read.table)
    if len(parts) < len(files):
        return None
    selects = []
    for number, (file, part) in enumerate(zip(files, parts, strict=True)):
        name = own_name("arrow", contract.name, number)
        connection.register(name, part)
        selects.append(f"select *, {string(file.shown)} as _file from {quoted(name)}")
    connection.execute(f"create temp view {named('raw', contract.name)} as {' union all '.join(selects)}")
    return [check_text_column(contract, column, quoted(column.name)) for column in contract.columns]


def _open_parquet(
    connection: duckdb.DuckDBPyConnection, contract: Contract, files: list[DataFile], refusals: RowErrors
) -> list[ColumnCheck] | None:
    """Open Parquet files as `open_source` does. All files must need the same proofs."""
    proofs: list[ColumnCheck] | None = None
    for file in files:
        file.path.open("rb").close()  # a file without read permission is an OSError, not damage
        scan = f"read_parquet({file_path(file.path)})"
        try:
            types = [str(row[1]) for row in fetch(connection, f"describe select * from {scan}")]
            header = parquet_header(file)
            rows = pq.read_metadata(file.path).num_rows
        except (duckdb.Error, pa.ArrowException) as mistake:
            refusals.problems.append(file.unreadable(str(mistake).splitlines()[0]))
            return None
        most = max(_LEAST_ROWS, file.path.stat().st_size)
        if rows > most:
            refusals.problems.append(file.unreadable(f"it has {rows:,} rows, more than bytes; {most:,} are the most"))
            return None
        own, problems = _prove_file(contract, file, header, types)
        problems = problems or unreadable_timestamps(contract, file)
        refusals.problems += problems
        if problems:
            return None
        if proofs is not None and own != proofs:
            refusals.problems.append(diagnose("data-files-differ", Cell(file.shown), first=files[0].shown))
            return None
        proofs = own
    connection.execute(f"create view {named('raw', contract.name)} as {parquet_rows(contract, files)}")
    return proofs


def parquet_rows(contract: Contract, files: list[DataFile]) -> str:
    """Return a query for the rows of Parquet files: the contract's columns as stored, `_file` and `_row`."""
    alike: dict[object, list[DataFile]] = {}
    for file in files:
        header = parquet_header(file)
        # DuckDB finds columns by name and ignores case. If names differ only in case, columns are found by place.
        unlike = len({name.lower() for name in header}) < len(header)
        alike.setdefault(tuple(header) if unlike else None, []).append(file)
    return " union all ".join(_rows_of(contract, parts) for parts in alike.values())


def _rows_of(contract: Contract, files: list[DataFile]) -> str:
    """Return such a query for files with columns in the same places."""
    header = parquet_header(files[0])
    columns = ", ".join(f"_{header.index(column.header)} as {quoted(column.name)}" for column in contract.columns)
    places = ", ".join(f"_{place}" for place in range(len(header)))
    paths = ", ".join(file_path(file.path) for file in files)
    # All lie below one folder, to which the names that are shown are relative.
    below = len(files[0].path.as_posix()) - len(files[0].shown) + 1
    return (
        f"select {columns}, substr({_PATH}, {below}) as _file, cast({_NUMBER} + 1 as bigint) as _row "
        f"from read_parquet([{paths}]) as _rows({places})"
    )


def parquet_header(file: DataFile) -> list[str]:
    """Return a Parquet file's own column names. DuckDB would rename names that differ only in case."""
    return [str(name) for name in pq.read_schema(file.path).names]


def stored_files(contract: Contract, files: list[DataFile], proofs: list[ColumnCheck]) -> ReadableInPlace | None:
    """Return the Parquet files of a source that an engine may read by itself.

    The result is None for CSV, and for a dated source because its rows depend on each other.
    """
    if contract.format != "parquet" or contract.dated is not None:
        return None
    # All lie below one folder, to which the names that are shown are relative.
    path = files[0].path.as_posix()
    folder = Path(path[: len(path) - len(files[0].shown)])
    columns = {proof.column.name: found for proof in proofs if (found := _as_stored(proof))}
    return ReadableInPlace(folder, tuple(file.shown for file in files), contract.key, columns)


def _as_stored(proof: ColumnCheck) -> StoredColumn | None:
    """Return the column if its proven value is the stored value, else None.

    An optional text qualifies, too, with `blank` set, because only its empty text differs from the stored value.
    """
    name = quoted(proof.column.name)
    blank = proof.value == f"nullif(coalesce({name}, ''), '')"
    return StoredColumn(proof.column.header, sql_type(proof.column), blank) if blank or proof.value == name else None


def _prove_file(
    contract: Contract, file: DataFile, header: list[str], types: list[str]
) -> tuple[list[ColumnCheck], list[Diagnostic]]:
    """Return the proof of each column of a Parquet file, and the errors in its header and types."""
    proofs: list[ColumnCheck] = []
    problems = check_header(contract, file, header)
    for column in contract.columns:
        if column.header not in header:
            continue
        arriving = types[header.index(column.header)]
        proof = check_stored_column(contract, column, quoted(column.name), arriving)
        if proof is None:
            place = Cell(file.shown, None, column.header)
            words = {"column": column.name, "kind": column.kind, "found": arriving.lower()}
            problems.append(diagnose("data-type", place, (), **words))
        else:
            proofs.append(proof)
    return proofs, problems
