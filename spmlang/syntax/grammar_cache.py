"""Keeps what is made from the grammar in the user's cache folder, so that a command starts 0.3 s sooner. It may fail silently."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

T = TypeVar("T")


def kept(name: str, made_from: str, load: Callable[[IO[bytes]], T]) -> T | None:
    """What is kept of that name for exactly this text, program and Python; None when there is none that may be trusted."""
    try:
        path = _path(name, made_from)
        if path is None or not _is_private(path.parent):
            return None
        with path.open("rb") as file:
            return load(file)
    except Exception:  # a damaged file can raise anything; to make it anew is always right
        return None


def keep(name: str, made_from: str, save: Callable[[IO[bytes]], None]) -> None:
    """Keep it for the next start. The file appears whole or not at all."""
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
            except BaseException:  # interrupted, too: nothing half written stays
                os.unlink(file.name)
                raise
        os.replace(file.name, path)
    except (OSError, RuntimeError):  # no home, a full or read-only disk: it is made at the next start
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
    """A pickle may run code, so only a folder that nobody else can write to is read."""
    if os.name == "nt":
        return True
    found = folder.stat()
    return found.st_uid == os.getuid() and not found.st_mode & 0o022
