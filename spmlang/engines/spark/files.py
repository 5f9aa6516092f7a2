"""Parquet sources that Spark reads from their files by itself: the same columns and types as `Tables.arrow` gives."""

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

#: Set to "1" where the executors of a cluster see the data folder under the same path as this process.
SHARED = "SPARK_SHARED"

#: What Spark takes for a pattern in a path, or cannot have in the name of a file.
_SPECIAL = frozenset("[]{}*?\\:")

#: What Spark calls the types of data/tables.py; decimals are called alike.
_TYPES = {"VARCHAR": "string", "DATE": "date", "BOOLEAN": "boolean", "BIGINT": "long"}

_LONGEST = 2**31 - 1


def read_files(session: SparkSession, tables: Tables, source: str, columns: list[str]) -> DataFrame | None:
    """Columns of a source as Spark reads them from its files; None where it cannot, or would read something else."""
    stored = tables.stored.get(source)
    if stored is None or not sees_files(session):
        return None
    needed = _needed(stored, columns)
    if not needed or not needed <= set(stored.columns):
        return None
    folder = stored.folder.resolve().as_posix().rstrip("/") + "/"
    headers = {stored.columns[name].header for name in needed}
    if not all(_is_plain(folder, file, headers) for file in stored.files):
        return None
    rows = _scanned(session, folder, stored.files, _schema(stored, needed))
    # A file that Spark leaves out by its name must not be missed in silence.
    if len(rows.inputFiles()) != len(stored.files):
        return None
    made = _Columns(stored, folder, rows)
    return rows.select(*(made.named(name).alias(name) for name in columns))


def sees_files(session: SparkSession) -> bool:
    """Whether Spark finds files under the paths of this process: on this machine, or where somebody says so."""
    if os.environ.get(SHARED) == "1":
        return True
    # A client of Spark Connect has no context; where its server runs cannot be told.
    context = None if type(session).__module__.startswith("pyspark.sql.connect") else session.sparkContext
    return context is not None and str(context.master).startswith("local")


def _needed(stored: ReadableInPlace, columns: list[str]) -> set[str]:
    """The columns of the files that the asked ones are made of."""
    keys = stored.key if "_key" in columns else ()
    return {*columns, *keys} - {"_file", "_row", "_key"}


def _is_plain(folder: str, file: str, headers: set[str]) -> bool:
    """Whether Spark reads of this file what the proof read of it: each column lies in it once, and none is told by its path."""
    path = folder + file
    if _SPECIAL & set(path) or ".." in PurePosixPath(file).parts:
        return False
    told = {part.split("=")[0].lower() for part in PurePosixPath(path).parts[:-1] if "=" in part}
    inside = [name.lower() for name in pq.read_schema(path).names]
    return all(inside.count(header.lower()) == 1 and header.lower() not in told for header in headers)


def _schema(stored: ReadableInPlace, needed: set[str]) -> StructType:
    """The types of what is read. They are given, not found out: Spark would ask one file for those of all."""
    from pyspark.sql.types import StructType

    schema = StructType()
    for column in (stored.columns[name] for name in sorted(needed)):
        schema.add(column.header, _TYPES.get(column.type, column.type.lower()))
    return schema


def _scanned(session: SparkSession, folder: str, files: tuple[str, ...], schema: StructType) -> DataFrame:
    """The files' rows. Days of long ago are those of the proleptic calendar, as everywhere here."""
    reader = session.read.schema(schema).option("datetimeRebaseMode", "CORRECTED")
    # With the scheme, or a cluster would look for them in its own file system.
    return reader.parquet(*(f"file://{folder}{file}" for file in files))


@dataclass(frozen=True)
class _Columns:
    """What data/load.py makes of the columns of a file, in the words of Spark."""

    stored: ReadableInPlace
    folder: str
    rows: DataFrame

    def named(self, name: str) -> Column:
        """A column by the contract's name, or one of those that every source has."""
        match name:
            case "_file":
                return self._file()
            case "_row":
                return self._row()
            case "_key":
                return self._key()
        return self._value(name)

    def _value(self, name: str) -> Column:
        from pyspark.sql import functions

        column = self.stored.columns[name]
        value = functions.col("`" + column.header.replace("`", "``") + "`")
        return functions.nullif(value, functions.lit("")) if column.blank else value

    def _row(self) -> Column:
        from pyspark.sql import functions

        return self._metadata("row_index") + functions.lit(1)

    def _file(self) -> Column:
        """The path without the folder. Spark tells it as a URI, in which a plus is a plus."""
        from pyspark.sql import functions

        path = functions.url_decode(
            functions.replace(self._metadata("file_path"), functions.lit("+"), functions.lit("%2B"))
        )
        path = functions.regexp_replace(path, "^file:/+", "/")
        return functions.substring(path, len(self.folder) + 1, _LONGEST)

    def _key(self) -> Column:
        """The key as one text; see data/load.py."""
        from pyspark.sql import functions

        texts = [self._value(name).cast("string") for name in self.stored.key]
        if len(texts) < 2:
            return texts[0] if texts else self._row().cast("string")
        for special in ("\\", "|"):
            texts = [functions.replace(text, functions.lit(special), functions.lit(f"\\{special}")) for text in texts]
        return functions.concat_ws("|", *texts)

    def _metadata(self, name: str) -> Column:
        return self.rows.metadataColumn("_metadata").getField(name)
