"""Parquet sources that Spark reads from their files, with the columns and types that `Tables.arrow` gives."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import pyarrow.parquet as pq

from spmlang.data.tables import ReadableInPlace, Tables

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame, SparkSession
    from pyspark.sql.types import StructType

#: The environment variable to set to "1" if the executors of a cluster see the data folder under the same path as this
#: process.
SHARED = "SPARK_SHARED"

#: The characters that Spark takes for a pattern in a path, or does not allow in the name of a file.
_SPECIAL = frozenset("[]{}*?\\:")

#: Spark's names of the types of data/tables.py; decimals have the same name in both.
_TYPES = {"VARCHAR": "string", "DATE": "date", "BOOLEAN": "boolean", "BIGINT": "long"}

_LONGEST = 2**31 - 1


def read_files(session: SparkSession, tables: Tables, source: str, columns: list[str]) -> DataFrame | None:
    """Return columns of a source that Spark reads from its files.

    Returns:
        The columns, or None if Spark cannot read these files, or would read something other than the proven rows.
    """
    stored = tables.in_place.get(source)
    if stored is None or not sees_files(session):
        return None
    needed = _needed(stored, columns)
    if not needed or not needed <= set(stored.columns):
        return None
    folder = stored.folder.resolve().as_posix().rstrip("/") + "/"
    headers = {stored.columns[name].header for name in needed}
    if not all(_is_plain(folder, file, headers) for file in stored.files):
        return None
    rows = _scan(session, folder, stored.files, _schema(stored, needed))
    # Spark leaves out files by their names without an error (`_…`, `.…`), so the number of files is compared.
    if len(rows.inputFiles()) != len(stored.files):
        return None
    expressions = _Columns(stored, folder, rows)
    return rows.select(*(expressions.named(name).alias(name) for name in columns))


def sees_files(session: SparkSession) -> bool:
    """Return True if Spark finds files under the paths of this process.

    It does on this machine, and where the environment variable `SPARK_SHARED` says so.
    """
    if os.environ.get(SHARED) == "1":
        return True
    # A client of Spark Connect has no context, and does not know where its server runs.
    context = None if type(session).__module__.startswith("pyspark.sql.connect") else session.sparkContext
    return context is not None and str(context.master).startswith("local")


def _needed(stored: ReadableInPlace, columns: list[str]) -> set[str]:
    """Return the columns of the files that the requested columns are made from."""
    keys = stored.key if "_key" in columns else ()
    return {*columns, *keys} - {"_file", "_row", "_key"}


def _is_plain(folder: str, file: str, headers: set[str]) -> bool:
    """Return True if Spark reads the proven values from a file.

    It does if the file has each column exactly once, and if no folder of its path is named `column=value` for one of
    them, because Spark would read the value from the path.

    Args:
        folder: the data folder, with a slash at the end.
        file: the file, relative to the folder.
        headers: the columns by their names in the file.
    """
    path = folder + file
    if _SPECIAL & set(path) or ".." in PurePosixPath(file).parts:
        return False
    in_path = {part.split("=")[0].lower() for part in PurePosixPath(path).parts[:-1] if "=" in part}
    names = [name.lower() for name in pq.read_schema(path).names]
    return all(names.count(header.lower()) == 1 and header.lower() not in in_path for header in headers)


def _schema(stored: ReadableInPlace, needed: set[str]) -> StructType:
    """Return the types of the columns to read. Without them Spark would infer the types of all files from one file."""
    from pyspark.sql.types import StructType

    schema = StructType()
    for column in (stored.columns[name] for name in sorted(needed)):
        schema.add(column.header, _TYPES.get(column.type, column.type.lower()))
    return schema


def _scan(session: SparkSession, folder: str, files: tuple[str, ...], schema: StructType) -> DataFrame:
    """Return the rows of the files. Days before 1582 are read in the proleptic Gregorian calendar, as DuckDB does."""
    reader = session.read.schema(schema).option("datetimeRebaseMode", "CORRECTED")
    # Without the scheme a cluster would look for the files in its own file system.
    return reader.parquet(*(f"file://{folder}{file}" for file in files))


@dataclass(frozen=True)
class _Columns:
    """A source's columns as Spark expressions, made as in data/typed_rows.py.

    `folder` ends with a slash; `rows` are the rows of the files.
    """

    stored: ReadableInPlace
    folder: str
    rows: DataFrame

    def named(self, name: str) -> Column:
        """Return a column by the contract's name, or `_file`, `_row` or `_key`, which every source has."""
        match name:
            case "_file":
                return self._file()
            case "_row":
                return self._row()
            case "_key":
                return self._key()
        return self._value(name)

    def _value(self, name: str) -> Column:
        """Return a column's value, absent for an empty text if the column is declared so (`blank`)."""
        from pyspark.sql import functions

        column = self.stored.columns[name]
        value = functions.col("`" + column.header.replace("`", "``") + "`")
        return functions.nullif(value, functions.lit("")) if column.blank else value

    def _row(self) -> Column:
        """Return the number of the row in its file, from 1."""
        from pyspark.sql import functions

        return self._metadata("row_index") + functions.lit(1)

    def _file(self) -> Column:
        """Return the path of the file, relative to the folder."""
        from pyspark.sql import functions

        # Spark gives the path as a URI. Its plus signs are literal, but `url_decode` would make blanks of them.
        path = functions.url_decode(
            functions.replace(self._metadata("file_path"), functions.lit("+"), functions.lit("%2B"))
        )
        path = functions.regexp_replace(path, "^file:/+", "/")
        return functions.substring(path, len(self.folder) + 1, _LONGEST)

    def _key(self) -> Column:
        """Return the key as one text, as data/typed_rows.py does."""
        from pyspark.sql import functions

        texts = [self._value(name).cast("string") for name in self.stored.key]
        if len(texts) < 2:
            return texts[0] if texts else self._row().cast("string")
        for special in ("\\", "|"):
            texts = [functions.replace(text, functions.lit(special), functions.lit(f"\\{special}")) for text in texts]
        return functions.concat_ws("|", *texts)

    def _metadata(self, name: str) -> Column:
        """Return a field of Spark's metadata about the row's file."""
        return self.rows.metadataColumn("_metadata").getField(name)
