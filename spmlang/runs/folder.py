"""A folder of outputs that appears whole or not at all, and replaces only what a run wrote before."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spmlang.source.diagnostics import Problems, diagnose

MANIFEST = "manifest.json"


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A new folder to write into; it takes the place of `target` when the block ends without an error.

    Raises Problems where `target` holds anything but the outputs of an earlier run.
    """
    if target.exists() and not _is_ours(target):
        raise _taken(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    new, old = (target.with_name(f".{target.name}.{word}.{os.getpid()}") for word in ("new", "old"))
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir()
    try:
        yield new
        if target.exists():
            if not _is_ours(target):  # it has come while the run was computing
                raise _taken(target)
            target.rename(old)
        new.rename(target)
    finally:
        if old.exists() and not target.exists():
            old.rename(target)  # stopped between the two
        shutil.rmtree(new, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _taken(target: Path) -> Problems:
    return Problems([diagnose("run-folder-taken", None, folder=target.as_posix())])


def _is_ours(target: Path) -> bool:
    return target.is_dir() and ((target / MANIFEST).is_file() or not any(target.iterdir()))
