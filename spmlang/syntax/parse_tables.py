"""Keeps Lark's parse tables in the user's cache folder, so that a command starts 0.2 s sooner. It may fail silently."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path

import lark


def cached_tables(grammar: str) -> lark.Lark | None:
    """The parser kept for exactly this grammar, program, Lark and Python; None when there is none that may be trusted."""
    try:
        path = _path(grammar)
        if path is None or not _is_private(path.parent):
            return None
        with path.open("rb") as file:
            return lark.Lark.load(file)
    except Exception:  # a damaged file can raise anything; building the tables anew is always right
        return None


def keep_tables(grammar: str, parser: lark.Lark) -> None:
    """Keep a parser for the next start. The file appears whole or not at all."""
    try:
        path = _path(grammar)
        if path is None:
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_private(path.parent):
            return
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            try:
                parser.save(file)
            except BaseException:  # interrupted, too: nothing half written stays
                os.unlink(file.name)
                raise
        os.replace(file.name, path)
    except (OSError, RuntimeError):  # no home, a full or read-only disk: the tables are built at the next start
        return


def _path(grammar: str) -> Path | None:
    folder = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    base = Path(folder) if folder else Path.home() / ".cache"
    if not base.is_absolute():
        return None
    program = (Path(__file__).parent / "grammar.py").read_text(encoding="utf-8")
    key = hashlib.sha256("\0".join((grammar, program, lark.__version__, sys.version)).encode()).hexdigest()
    return base / "spmlang" / f"parse-tables-{key[:32]}.pickle"


def _is_private(folder: Path) -> bool:
    """A pickle may run code, so only a folder that nobody else can write to is read."""
    if os.name == "nt":
        return True
    found = folder.stat()
    return found.st_uid == os.getuid() and not found.st_mode & 0o022
