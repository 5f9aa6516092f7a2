"""Keep objects made from the grammar in the user's cache folder.

A command then starts 0.3 s sooner. Failures are silent, because the objects can always be built again.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

T = TypeVar("T")


def load_cached(name: str, made_from: str, load: Callable[[IO[bytes]], T]) -> T | None:
    """Load the object that was kept for exactly this text, program and Python.

    Args:
        name: The kind of object; part of the file's name.
        made_from: The text from which the object was made.
        load: Reads the object from a file.

    Returns:
        The object, or None if there is none or if other users may write to its folder.
    """
    try:
        path = _path(name, made_from)
        if path is None or not _is_private(path.parent):
            return None
        with path.open("rb") as file:
            return load(file)
    except Exception:  # a damaged file can raise anything, and building the object again is always right
        return None


def store_cached(name: str, made_from: str, save: Callable[[IO[bytes]], None]) -> None:
    """Keep an object for the next start. The file is written completely or not at all.

    Args:
        name: The kind of object; part of the file's name.
        made_from: The text from which the object was made.
        save: Writes the object to a file.
    """
    try:
        path = _path(name, made_from)
        if path is None:
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_private(path.parent):
            return
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            try:
                save(file)
            except BaseException:  # also when interrupted, so that no half-written file stays
                os.unlink(file.name)
                raise
        os.replace(file.name, path)
    except (OSError, RuntimeError):  # no home, a full or read-only disk: the next start builds it again
        return


def _path(name: str, made_from: str) -> Path | None:
    folder = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    base = Path(folder) if folder else Path.home() / ".cache"
    if not base.is_absolute():
        return None
    makers = [
        (Path(__file__).parent / maker).read_text(encoding="utf-8") for maker in ("lark_parser.py", "lalr_tables.py")
    ]
    key = hashlib.sha256("\0".join((made_from, *makers, sys.version)).encode()).hexdigest()
    return base / "spmlang" / f"{name}-{key[:32]}.pickle"


def _is_private(folder: Path) -> bool:
    """Return True if no other user may write to the folder, because loading a pickle may run code."""
    if os.name == "nt":
        return True
    found = folder.stat()
    return found.st_uid == os.getuid() and not found.st_mode & 0o022
