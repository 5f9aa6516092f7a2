"""Open the files of a source. Each format has a module, named in `project/formats.py`, with a function `open_files`."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

from spmlang.data.files import DataFile
from spmlang.data.row_errors import RowErrors
from spmlang.data.tables import ReadableInPlace
from spmlang.data.value_checks import ColumnCheck
from spmlang.project.contract import Contract

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, kw_only=True)
class OpenedFiles:
    """The files of a source, ready to be queried.

    Attributes:
        rows: A query for the rows of all files: the contract's columns as they arrive, `_file` and `_row` (from 1).
        checks: The check of each column of the contract.
        rows_of_file: Such a query for each file alone, if queries read the files from disk. Empty if the rows are in
            memory, so that their typed copy is stored in the database instead.
        in_memory: The names under which tables in memory are registered with the database.
        in_place: What an engine needs to read the files by itself; None if it must not.
    """

    rows: str
    checks: list[ColumnCheck]
    rows_of_file: tuple[str, ...] = ()
    in_memory: tuple[str, ...] = ()
    in_place: ReadableInPlace | None = None


class Reader(Protocol):
    """A module that reads one format."""

    def open_files(
        self, connection: duckdb.DuckDBPyConnection, contract: Contract, files: list[DataFile], errors: RowErrors
    ) -> OpenedFiles | None:
        """Open the files of a source.

        Args:
            connection: The database that will query the rows.
            contract: The contract of the source.
            files: Its files, at least one.
            errors: Receives the errors, each with its file, row and column.

        Returns:
            The opened files, or None if one cannot be read.

        Raises:
            OSError: If a file may not be read.
        """


def reader_of(contract: Contract) -> Reader:
    """Return the module that reads the format of a source."""
    # Imported by name, so that a new format needs no second table, and a run imports only what it reads.
    return cast(Reader, import_module(f"{__name__}.{contract.format}"))
