"""Read CSV files as text columns with row numbers, without converting a value.

Rows are the records of the CSV format. A quoted field may hold line ends, and empty lines are no rows.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from spmlang.data.files import DataFile
from spmlang.data.row_errors import MOST, RowError
from spmlang.diagnostics.diagnostic import Cell, Diagnostic, diagnose
from spmlang.diagnostics.suggest import did_you_mean
from spmlang.project.contract import Contract

# Arrow's own handler of Ctrl-C loses the signal if it comes as the reading of a file ends. Python's handler does not.
pa.enable_signal_handlers(False)

_BOM = b"\xef\xbb\xbf"
_BLOCK = 1 << 26  # bytes parsed at a time; a single row is never longer
#: The limits of an unpacked file, as a multiple of its packed size and in bytes. The larger one holds. Tables of text
#: shrink to a tenth or less.
_MOST_PACKED, _LEAST_UNPACKED = 100, 1 << 26


@dataclass
class CsvRows:
    """The readable rows of a file.

    Attributes:
        table: The declared columns as text under the contract's names, with `_row`; None if the whole file is
            unreadable.
        rows: The number of rows, including the ragged ones.
        ragged: The rows with too many or too few fields.
        problems: The errors of the whole file.
    """

    table: pa.Table | None
    rows: int = 0
    ragged: list[RowError] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)


def read_csv(contract: Contract, file: DataFile) -> CsvRows:
    """Read one file.

    Errors of the whole file are in `problems`, and rows with another number of fields in `ragged`.

    Raises:
        OSError: If the file cannot be read.
    """
    data, problem = _read(contract, file)
    if problem is not None:
        return CsvRows(None, problems=[problem])
    data = data.removeprefix(_BOM).lstrip(b"\r\n")
    if not data.strip():
        return CsvRows(None, problems=[diagnose("data-empty-file", Cell(file.shown))])
    problem = _check_delimiter(contract, file, data) or _check_quotes(contract, file, data)
    if problem is not None:
        return CsvRows(None, problems=[problem])
    header = next(_records(contract, data))
    problems = check_header(contract, file, header)
    if problems:
        return CsvRows(None, problems=problems)
    ragged: list[RowError] = []

    def set_aside(row: pacsv.InvalidRow) -> str:
        words = {"found": row.actual_columns, "expected": row.expected_columns}
        # The parser counts the header as row 1.
        ragged.append(RowError(file.shown, row.number - 1, None, row.text, "data-ragged", words))
        return "skip" if len(ragged) <= MOST else "error"

    names = [str(index) for index in range(len(header))]
    asked = {column.name: str(header.index(column.header)) for column in contract.columns}
    texts = pacsv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()),
        strings_can_be_null=False,
        include_columns=list(dict.fromkeys(asked.values())),
    )
    try:
        table = pacsv.read_csv(
            pa.BufferReader(data if data.endswith((b"\n", b"\r")) else data + b"\n"),
            pacsv.ReadOptions(use_threads=False, block_size=_BLOCK, column_names=names, skip_rows_after_names=1),
            pacsv.ParseOptions(delimiter=contract.delimiter, newlines_in_values=True, invalid_row_handler=set_aside),
            texts,
        )
    except pa.ArrowInvalid as mistake:
        if len(ragged) > MOST:
            return CsvRows(None, ragged=ragged)
        # a row longer than a block
        return CsvRows(None, problems=[file.unreadable(str(mistake).splitlines()[0])])
    rows = table.num_rows + len(ragged)
    columns = {name: table.column(place) for name, place in asked.items()}
    numbers = np.delete(np.arange(1, rows + 1), [finding.row - 1 for finding in ragged])
    # `pa.array` would import pandas to test for a series, so the array is built from its buffer.
    columns["_row"] = pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])
    return CsvRows(pa.table(columns), rows, ragged)


def check_header(contract: Contract, file: DataFile, header: list[str]) -> list[Diagnostic]:
    """Return an error for each declared column that is not exactly once in the header. Other columns are allowed."""
    problems = []
    for column in contract.columns:
        place = Cell(file.shown, None, column.header)
        count = header.count(column.header)
        if count == 0:
            spare = [name for name in header if not any(other.header == name for other in contract.columns)]
            words = {"source": contract.name, "column": column.name, "header": column.header}
            hint = did_you_mean(column.header, spare)
            problems.append(diagnose("data-missing-column", place, (), hint=hint, **words))
        elif count > 1:
            problems.append(diagnose("data-header-twice", place, header=column.header))
    return problems


#: The delimiters that programs write.
_DELIMITERS = (",", ";", "\t", "|")

#: The line before the header in which Excel writes, and reads, the delimiter.
_SEP = re.compile(r"\"?sep=([^\r\n])\"?[,;\t]*", re.IGNORECASE)


def _check_delimiter(contract: Contract, file: DataFile, data: bytes) -> Diagnostic | None:
    """Return an error if the first line is a `sep=` line of Excel, or needs another delimiter.

    It needs another delimiter if that one finds more of the declared columns.
    """
    line = data.split(b"\n", 1)[0].split(b"\r", 1)[0].decode()
    told = _SEP.fullmatch(line)
    if told is not None:
        return diagnose("data-sep-line", Cell(file.shown), (), found=_shown(told[1]), source=contract.name)
    declared = {column.header for column in contract.columns}
    parted = {mark: len(declared.intersection(_fields(line, mark))) for mark in (contract.delimiter, *_DELIMITERS)}
    best = max(parted, key=lambda mark: parted[mark])
    if parted[best] == parted[contract.delimiter]:
        return None
    words = {"found": _shown(best), "wanted": _shown(contract.delimiter)}
    return diagnose("data-delimiter", Cell(file.shown), (), source=contract.name, **words)


def _fields(line: str, delimiter: str) -> list[str]:
    _allow_fields_of(len(line))
    return next(csv.reader([line], delimiter=delimiter), [])


def _allow_fields_of(characters: int) -> None:
    """Let `csv` read fields that are as long as the text that is read. It refuses more than 131,072 characters."""
    csv.field_size_limit(max(csv.field_size_limit(), characters))


def _shown(delimiter: str) -> str:
    return "\\t" if delimiter == "\t" else delimiter


def _read(contract: Contract, file: DataFile) -> tuple[bytes, Diagnostic | None]:
    """Return the decompressed bytes of a file, and the error that spoils it, if any.

    The bytes must be UTF-8 without NUL bytes.

    Raises:
        OSError: If the file cannot be read.
    """
    data = file.path.read_bytes()
    if file.path.suffix == ".gz":
        most = max(_LEAST_UNPACKED, _MOST_PACKED * len(data))
        try:
            data = gzip.GzipFile(fileobj=io.BytesIO(data)).read(most + 1)
        except (gzip.BadGzipFile, EOFError, zlib.error) as mistake:
            return b"", file.unreadable(str(mistake))
        if len(data) > most:
            return b"", file.unreadable(f"unpacked it is more than {_MOST_PACKED} times as large")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as mistake:
        return b"", diagnose("data-not-utf8", _cell_at(contract, file, data[: mistake.start]), at=mistake.start + 1)
    nul = data.find(b"\0")
    if nul >= 0:
        return b"", diagnose("data-nul", _cell_at(contract, file, data[:nul]))
    return data, None


def _cell_at(contract: Contract, file: DataFile, before: bytes) -> Cell:
    """Return the cell of the file that follows the bytes `before`."""
    records = (record for record in _records(contract, before.removeprefix(_BOM) + b".", strict=False) if record)
    header = next(records, [])
    numbered: deque[tuple[int, list[str]]] = deque(enumerate(records, 1), maxlen=1)
    row, last = numbered[0] if numbered else (0, [])
    place = len(last) - 1
    return Cell(file.shown, row or None, header[place] if row and place < len(header) else None)


def _check_quotes(contract: Contract, file: DataFile, data: bytes) -> Diagnostic | None:
    """Return an error if a quote is not closed.

    Quotes are checked before rows are read, because an open quote would swallow the rows after it.
    """
    if b'"' not in data:
        return None
    row = 0
    try:
        for record in _records(contract, data):
            row += bool(record)
    except csv.Error:
        return diagnose("data-quote", Cell(file.shown, row or None))
    return None


def _records(contract: Contract, data: bytes, *, strict: bool = True) -> Iterator[list[str]]:
    """Return the records of a CSV text.

    With `strict` set to False the text may end inside a quoted field.
    """
    _allow_fields_of(len(data))
    text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="")
    return csv.reader(text, delimiter=contract.delimiter, strict=strict)
