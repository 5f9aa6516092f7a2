"""Results that earlier runs computed from single files, stored under the hash of everything that they depend on.

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
_TAGGED = (
    "Signature: 8a477f597d28d172789f06886806bc55\n# What `spm run --reuse` remembers. It can be deleted at any time.\n"
)

#: The name of an entry, or of one that is being written.
_ENTRY = re.compile(r"[0-9a-f]{64}(-[0-9a-f]{64})?|\.[0-9a-f]{64}(-[0-9a-f]{64})?\.\d+")

_FORGOTTEN = 30 * 24 * 3600  # seconds
#: The hash of a file is not stored if the file changed less than this ago, because it may change once more within the
#: same tick of its clock.
_TICK = 2_000_000_000  # nanoseconds

#: The type of whole numbers beyond 64 bits, and the type that stores them, because Parquet has no such integers.
_WIDE, _KEPT = "HUGEINT", "DECIMAL(38,0)"


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
        """Return the store in a folder, which is made if there is none.

        Raises:
            Problems: If the folder holds anything but a store.
        """
        store, tag = cls(folder), folder / _TAG
        if not (tag.is_file() and tag.read_text(encoding="utf-8", errors="replace") == _TAGGED):
            if folder.is_dir():
                # Another run may be about to make the tag.
                inside = sorted(path for path in folder.iterdir() if not path.name.startswith(f".{_TAG}."))
                found = next(iter(inside), None)
                if found is not None:
                    words = {"folder": folder.as_posix(), "found": found.as_posix()}
                    raise Problems([diagnose("reuse-folder-taken", None, (), **words)])
            folder.mkdir(parents=True, exist_ok=True)
            store._write(tag, _TAGGED.encode())
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
            if ours and time.time() - path.stat().st_mtime > _FORGOTTEN:
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


def as_bytes(table: pa.Table) -> bytes:
    """Return a table as the content of an entry, which is Parquet."""
    written = pa.BufferOutputStream()
    pq.write_table(table, written, compression="zstd", compression_level=1)
    return bytes(written.getvalue())


def kept_form(cursor: duckdb.DuckDBPyConnection, query: str) -> tuple[str, str]:
    """Return a query whose result an entry can hold, and the columns that convert it back.

    Only HUGEINT columns change, because Parquet has no integers beyond 64 bits. The columns returned are a select list
    for `entries`.
    """
    columns = [(str(row[0]), str(row[1])) for row in fetch(cursor, f"describe {query}")]
    names = {name: quoted(name) for name, _ in columns}
    wide = {name for name, kind in columns if kind == _WIDE}
    kept = ", ".join(f"cast({names[n]} as {_KEPT}) as {names[n]}" if n in wide else names[n] for n, _ in columns)
    back = ", ".join(f"cast({names[n]} as {_WIDE}) as {names[n]}" if n in wide else names[n] for n, _ in columns)
    return f"select {kept} from ({query})", back


def entries(paths: list[Path], back: str) -> str:
    """Return a query for the rows of entries. `back` is the select list of `kept_form`."""
    listed = ", ".join(map(file_path, paths))
    return f"select {back} from read_parquet([{listed}])"
