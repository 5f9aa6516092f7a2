"""CSV files as text columns with their row numbers; nothing is typed or guessed here.

A row is what the CSV says is one: a quoted field may hold line ends, and lines without anything on them are no rows.
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

from spmlang.diagnostics.diagnostic import Cell, Diagnostic, diagnose
from spmlang.diagnostics.suggest import did_you_mean
from spmlang.project.contract import Contract

from .files import DataFile
from .row_errors import MOST, RowError

_BOM = b"\xef\xbb\xbf"
_BLOCK = 1 << 26  # bytes parsed at a time; a single row is never longer
#: A packed file is so many times as large unpacked at most, or of so many bytes: tables of text shrink to a tenth or less.
_MOST_PACKED, _LEAST_UNPACKED = 100, 1 << 26


@dataclass
class CsvRows:
    """The readable rows of a file: the declared columns under the contract's names, all text, with `_row`."""

    table: pa.Table | None
    rows: int = 0
    ragged: list[RowError] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)


def read_csv(contract: Contract, file: DataFile) -> CsvRows:
    """Read one file. What spoils the whole file is in `problems`; a row of another length is in `ragged`."""
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
    # Not `pa.array`, which imports pandas to find out that this is no series.
    columns["_row"] = pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])
    return CsvRows(pa.table(columns), rows, ragged)


def check_header(contract: Contract, file: DataFile, header: list[str]) -> list[Diagnostic]:
    """Every declared column stands in the header, once; others may stand there, too."""
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


#: The signs that programs put between fields.
_DELIMITERS = (",", ";", "\t", "|")

#: What Excel writes, and reads, before the header: the sign between the fields.
_SEP = re.compile(r"\"?sep=([^\r\n])\"?[,;\t]*", re.IGNORECASE)


def _check_delimiter(contract: Contract, file: DataFile, data: bytes) -> Diagnostic | None:
    """A line for Excel instead of the header, or a header in which another sign finds more of the declared columns."""
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
    return next(csv.reader([line], delimiter=delimiter), [])


def _shown(delimiter: str) -> str:
    return "\\t" if delimiter == "\t" else delimiter


def _read(contract: Contract, file: DataFile) -> tuple[bytes, Diagnostic | None]:
    """The (decompressed) bytes, proven to be UTF-8 without NUL bytes. Raises OSError."""
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
    """The cell in which the text goes on after `before`."""
    records = (record for record in _records(contract, before.removeprefix(_BOM) + b".", strict=False) if record)
    header = next(records, [])
    numbered: deque[tuple[int, list[str]]] = deque(enumerate(records, 1), maxlen=1)
    row, last = numbered[0] if numbered else (0, [])
    place = len(last) - 1
    return Cell(file.shown, row or None, header[place] if row and place < len(header) else None)


def _check_quotes(contract: Contract, file: DataFile, data: bytes) -> Diagnostic | None:
    """A quote that is not closed swallows the rows after it, so quotes are checked before anything is read."""
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
    """The records of a text, or of its beginning, where a quote may still be open: then not `strict`."""
    csv.field_size_limit(max(csv.field_size_limit(), len(data)))
    text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8", newline="")
    return csv.reader(text, delimiter=contract.delimiter, strict=strict)
