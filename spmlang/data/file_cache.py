"""Results that earlier runs computed from single files, each stored under the hash of everything it depends on.

An entry never changes, because another input has another name. The hash of its content is in its name, too, so a
damaged entry is found, removed and computed again. An entry that was not used for a month is removed.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from spmlang.diagnostics.diagnostic import Problems, diagnose

from .files import DataFile
from .sql_text import fetch, file_path, quoted

#: The file that marks a folder as a store. Backup programs know it, too (bford.info/cachedir).
_TAG = "CACHEDIR.TAG"
_TAG_TEXT = (
    "Signature: 8a477f597d28d172789f06886806bc55\n# What `spm run --reuse` remembers. It can be deleted at any time.\n"
)

#: The name of an entry, or of one that is being written.
_ENTRY = re.compile(r"[0-9a-f]{64}(-[0-9a-f]{64})?|\.[0-9a-f]{64}(-[0-9a-f]{64})?\.\d+")

_LIFETIME = 30 * 24 * 3600  # seconds from the last use of an entry
#: The hash of a file is not stored if the file changed less than this ago, because it may change once more within the
#: same tick of its clock.
_TICK = 2_000_000_000  # nanoseconds

#: The type of whole numbers beyond 64 bits, and the type that stores them, because Parquet has no such integers.
_WIDE, _STORED = "HUGEINT", "DECIMAL(38,0)"


def digest(*parts: object) -> str:
    """Return the hash of some parts. The text (`repr`) of each part must describe it completely."""
    return hashlib.sha256("\0".join(map(repr, parts)).encode()).hexdigest()


@cache
def program_digest() -> str:
    """Return the hash of this program and of DuckDB's version, so that other versions' results are not used."""
    package = Path(__file__).resolve().parent.parent
    found = hashlib.sha256(duckdb.__version__.encode())
    for path in sorted(package.rglob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()


@dataclass(frozen=True)
class Store:
    """A folder of entries."""

    folder: Path

    @classmethod
    def opened(cls, folder: Path) -> Store:
        """Return the store in a folder. The folder is made if it does not exist.

        Raises:
            Problems: If the folder holds anything but a store.
        """
        store, tag = cls(folder), folder / _TAG
        if not (tag.is_file() and tag.read_text(encoding="utf-8", errors="replace") == _TAG_TEXT):
            if folder.is_dir():
                # Another run may be about to make the tag.
                inside = sorted(path for path in folder.iterdir() if not path.name.startswith(f".{_TAG}."))
                if inside:
                    words = {"folder": folder.as_posix(), "found": inside[0].as_posix()}
                    raise Problems([diagnose("reuse-folder-taken", None, (), **words)])
            folder.mkdir(parents=True, exist_ok=True)
            store._write(tag, _TAG_TEXT.encode())
        return store

    def fingerprint(self, file: DataFile) -> str:
        """Return the SHA-256 of a file.

        The file is not read if its size, inode and times of change equal those of an earlier call. The time `ctime`
        shows every change, because only the operating system can set it.
        """
        status = file.path.stat()
        marks = (str(file.path.resolve()), status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
        entry = self.folder / "files" / digest("file", *marks)
        try:
            found = entry.read_text(encoding="ascii")
            os.utime(entry)
        except FileNotFoundError:
            found = file.sha256()
            if time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns) > _TICK:
                self._write(entry, found.encode())
        return found

    def find(self, name: str) -> Path | None:
        """Return the path of an entry, or None if there is no undamaged one. Damaged entries are removed."""
        for path in self._folder(name).glob(f"{name}-*"):
            if path.name == f"{name}-{_own_hash(path)}":
                os.utime(path)
                return path
            path.unlink()
        return None

    def keep(self, name: str, content: bytes) -> Path:
        """Write an entry, and return its path."""
        path = self._folder(name) / f"{name}-{hashlib.sha256(content).hexdigest()}"
        self._write(path, content)
        return path

    def replace(self, name: str, content: bytes) -> None:
        """Write an entry, and remove the earlier one of that name."""
        path = self.find(name)
        if self.keep(name, content) != path and path is not None:
            path.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Remove entries that were not used for a month."""
        for path in self.folder.glob("*/*"):
            ours = _ENTRY.fullmatch(path.name) is not None and path.is_file()
            if ours and time.time() - path.stat().st_mtime > _LIFETIME:
                path.unlink(missing_ok=True)

    def _folder(self, name: str) -> Path:
        return self.folder / name[:2]

    def _write(self, path: Path, content: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}")
        part.write_bytes(content)
        part.replace(path)


def _own_hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def parquet_bytes(table: pa.Table) -> bytes:
    """Return a table as Parquet, the content of an entry."""
    written = pa.BufferOutputStream()
    pq.write_table(table, written, compression="zstd", compression_level=1)
    return bytes(written.getvalue())


def storable_query(cursor: duckdb.DuckDBPyConnection, query: str) -> tuple[str, str]:
    """Return a query whose result an entry can hold, and the select list that converts it back (see `stored_rows`).

    Only HUGEINT columns change, because Parquet has no integers beyond 64 bits.
    """
    columns = [(str(row[0]), str(row[1])) for row in fetch(cursor, f"describe {query}")]
    names = {name: quoted(name) for name, _ in columns}
    wide = {name for name, type_ in columns if type_ == _WIDE}
    stored = ", ".join(f"cast({names[n]} as {_STORED}) as {names[n]}" if n in wide else names[n] for n, _ in columns)
    restored = ", ".join(f"cast({names[n]} as {_WIDE}) as {names[n]}" if n in wide else names[n] for n, _ in columns)
    return f"select {stored} from ({query})", restored


def stored_rows(paths: list[Path], columns: str) -> str:
    """Return a query for the rows of entries. `columns` is the select list of `storable_query`."""
    listed = ", ".join(map(file_path, paths))
    return f"select {columns} from read_parquet([{listed}])"
