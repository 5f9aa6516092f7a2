"""Read CSV files as text columns with row numbers, without converting a value.

Rows are the records of the CSV format. A quoted field may hold line ends, and empty lines are no rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from spmlang.data.files import DataFile
from spmlang.data.row_errors import MOST, RowError, RowErrors
from spmlang.data.sql_text import quoted, string
from spmlang.data.value_checks import check_text_column
from spmlang.diagnostics.diagnostic import Problems
from spmlang.project.contract import Contract
from spmlang.values.own_names import own_name

from . import OpenedFiles
from .csv_text import read_text, records
from .header import check_header

# Arrow's own handler of Ctrl-C loses the signal if it comes as the reading of a file ends. Python's handler does not.
pa.enable_signal_handlers(False)

_BLOCK = 1 << 26  # bytes parsed at a time; a single row is never longer


@dataclass(frozen=True, kw_only=True)
class CsvRows:
    """The rows of a file.

    Attributes:
        table: The declared columns as text under the contract's names, with `_row`; None if there are more ragged rows
            than are noted.
        ragged: The rows with too many or too few fields, which are not in `table`.
    """

    table: pa.Table | None
    ragged: list[RowError]


def open_files(
    connection: duckdb.DuckDBPyConnection, contract: Contract, files: list[DataFile], errors: RowErrors
) -> OpenedFiles | None:
    """Read the files of a source into memory. All columns arrive as text."""
    tables = [table for file in files if (table := _read(contract, file, errors)) is not None]
    if len(tables) < len(files):
        return None
    names, selects = [], []
    for number, (file, table) in enumerate(zip(files, tables, strict=True)):
        names.append(own_name("arrow", contract.name, number))
        connection.register(names[-1], table)
        selects.append(f"select *, {string(file.shown)} as _file from {quoted(names[-1])}")
    checks = [check_text_column(contract, column, quoted(column.name)) for column in contract.columns]
    return OpenedFiles(rows=" union all ".join(selects), checks=checks, in_memory=tuple(names))


def _read(contract: Contract, file: DataFile, errors: RowErrors) -> pa.Table | None:
    """Return the readable rows of a file, and note its errors. None if the file cannot be read."""
    try:
        read = read_csv(contract, file)
    except Problems as found:
        errors.problems += found.diagnostics
        return None
    errors.add(contract, read.ragged)
    return read.table


def read_csv(contract: Contract, file: DataFile) -> CsvRows:
    """Read one file.

    Raises:
        Problems: If the file as a whole has an error.
        OSError: If the file may not be read.
    """
    text = read_text(contract, file)
    header = next(records(contract, text))
    problems = check_header(contract, file, header)
    if problems:
        raise Problems(problems)
    return _parsed(contract, file, header, text)


def _parsed(contract: Contract, file: DataFile, header: list[str], text: bytes) -> CsvRows:
    """Split the text of a file into rows. Raises Problems for a row that is longer than a block."""
    ragged: list[RowError] = []

    def set_aside(row: pacsv.InvalidRow) -> str:
        words = {"found": row.actual_columns, "expected": row.expected_columns}
        number = row.number - 1  # the parser counts the header as row 1
        error = RowError(file=file.shown, row=number, column=None, value=row.text, slug="data-ragged", words=words)
        ragged.append(error)
        return "skip" if len(ragged) <= MOST else "error"

    # Columns are named by their positions, because two columns of a header may have the same name.
    positions = [str(index) for index in range(len(header))]
    wanted = {column.name: str(header.index(column.header)) for column in contract.columns}
    convert = pacsv.ConvertOptions(
        column_types=dict.fromkeys(positions, pa.string()),
        strings_can_be_null=False,
        include_columns=list(dict.fromkeys(wanted.values())),
    )
    try:
        table = pacsv.read_csv(
            pa.BufferReader(text if text.endswith((b"\n", b"\r")) else text + b"\n"),
            pacsv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=positions, skip_rows_after_names=1),
            pacsv.ParseOptions(delimiter=contract.delimiter, newlines_in_values=True, invalid_row_handler=set_aside),
            convert,
        )
    except pa.ArrowInvalid as mistake:
        if len(ragged) > MOST:
            return CsvRows(table=None, ragged=ragged)
        raise Problems([file.unreadable(str(mistake).splitlines()[0])]) from mistake
    columns = {name: table.column(position) for name, position in wanted.items()}
    return CsvRows(table=pa.table({**columns, "_row": _row_numbers(table.num_rows, ragged)}), ragged=ragged)


def _row_numbers(rows: int, ragged: list[RowError]) -> pa.Array:
    """Return the numbers of the readable rows in their file, from 1. Ragged rows are counted, too."""
    numbers = np.delete(np.arange(1, rows + len(ragged) + 1), [error.row - 1 for error in ragged])
    # `pa.array` would import pandas to test for a series, so the array is built from its buffer.
    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])
