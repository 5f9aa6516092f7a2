"""Read the text of a CSV file, and check it before it is split into rows."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections import deque
from collections.abc import Iterator

from spmlang.data.files import DataFile
from spmlang.diagnostics.diagnostic import Cell, Diagnostic, Problems, diagnose
from spmlang.project.contract import Contract

_BOM = b"\xef\xbb\xbf"

#: The limits of an unpacked file, as a multiple of its packed size and in bytes. The larger one holds. Tables of text
#: shrink to a tenth or less.
_MOST_PACKED, _LEAST_UNPACKED = 100, 1 << 26

#: The delimiters that programs write.
_DELIMITERS = (",", ";", "\t", "|")

#: The line before the header in which Excel writes, and reads, the delimiter.
_SEP = re.compile(r"\"?sep=([^\r\n])\"?[,;\t]*", re.IGNORECASE)


def read_text(contract: Contract, file: DataFile) -> bytes:
    """Return the checked text of a file from its header on: UTF-8 without NUL, with the delimiter of the contract.

    Raises:
        Problems: If the text is not valid.
        OSError: If the file may not be read.
    """
    data = _unpacked(file)
    problem = _check_encoding(contract, file, data)
    if problem is None:
        data = data.removeprefix(_BOM).lstrip(b"\r\n")
        problem = _check_format(contract, file, data)
    if problem is not None:
        raise Problems([problem])
    return data


def records(contract: Contract, text: bytes, *, strict: bool = True) -> Iterator[list[str]]:
    """Return the records of a CSV text.

    With `strict` set to False the text may end inside a quoted field.
    """
    _allow_fields_of(len(text))
    stream = io.TextIOWrapper(io.BytesIO(text), encoding="utf-8", newline="")
    return csv.reader(stream, delimiter=contract.delimiter, strict=strict)


def _unpacked(file: DataFile) -> bytes:
    """Return the bytes of a file, decompressed if its name ends with `.gz`.

    Raises:
        Problems: If the file is damaged, or unpacks to more than the limit.
    """
    data = file.path.read_bytes()
    if file.path.suffix != ".gz":
        return data
    most = max(_LEAST_UNPACKED, _MOST_PACKED * len(data))
    try:
        data = gzip.GzipFile(fileobj=io.BytesIO(data)).read(most + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as mistake:
        raise Problems([file.unreadable(str(mistake))]) from mistake
    if len(data) > most:
        raise Problems([file.unreadable(f"unpacked it is more than {_MOST_PACKED} times as large")])
    return data


def _check_encoding(contract: Contract, file: DataFile, data: bytes) -> Diagnostic | None:
    """Return an error if the bytes are not UTF-8, or if there is a NUL among them."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as mistake:
        return diagnose("data-not-utf8", _cell_after(contract, file, data[: mistake.start]), at=mistake.start + 1)
    nul = data.find(b"\0")
    return diagnose("data-nul", _cell_after(contract, file, data[:nul])) if nul >= 0 else None


def _cell_after(contract: Contract, file: DataFile, before: bytes) -> Cell:
    """Return the cell of the file that follows the bytes `before`."""
    rows = (record for record in records(contract, before.removeprefix(_BOM) + b".", strict=False) if record)
    header = next(rows, [])
    numbered: deque[tuple[int, list[str]]] = deque(enumerate(rows, 1), maxlen=1)
    row, last = numbered[0] if numbered else (0, [])
    place = len(last) - 1
    return Cell(file.shown, row or None, header[place] if row and place < len(header) else None)


def _check_format(contract: Contract, file: DataFile, text: bytes) -> Diagnostic | None:
    """Return an error if the text is empty, has another delimiter, or a quote that is not closed."""
    if not text.strip():
        return diagnose("data-empty-file", Cell(file.shown))
    return _check_delimiter(contract, file, text) or _check_quotes(contract, file, text)


def _check_delimiter(contract: Contract, file: DataFile, text: bytes) -> Diagnostic | None:
    """Return an error if the first line is a `sep=` line of Excel, or needs another delimiter.

    It needs another delimiter if that one finds more of the declared columns.
    """
    line = text.split(b"\n", 1)[0].split(b"\r", 1)[0].decode()
    sep = _SEP.fullmatch(line)
    if sep is not None:
        return diagnose("data-sep-line", Cell(file.shown), (), found=_shown(sep[1]), source=contract.name)
    declared = {column.header for column in contract.columns}
    columns = {mark: len(declared.intersection(_fields(line, mark))) for mark in (contract.delimiter, *_DELIMITERS)}
    best = max(columns, key=lambda mark: columns[mark])
    if columns[best] == columns[contract.delimiter]:
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


def _check_quotes(contract: Contract, file: DataFile, text: bytes) -> Diagnostic | None:
    """Return an error if a quote is not closed.

    Quotes are checked before rows are read, because an open quote would swallow the rows after it.
    """
    if b'"' not in text:
        return None
    row = 0
    try:
        for record in records(contract, text):
            row += bool(record)
    except csv.Error:
        return diagnose("data-quote", Cell(file.shown, row or None))
    return None
