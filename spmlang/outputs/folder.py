"""A folder of outputs that is written as a whole or not at all.

It replaces only files of an earlier run.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path, PurePosixPath
from platform import node

from spmlang.diagnostics.diagnostic import Problems, diagnose

MANIFEST = "manifest.json"

_LONGEST_RUN = 7 * 24 * 3600  # seconds

#: Files that operating systems put into folders.
_OF_SYSTEMS = {".DS_Store", "Thumbs.db", "desktop.ini"}


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """Yield a new folder to write into, which replaces `target` if the block ends without an error.

    Raises:
        Problems: As `refuse_foreign` does, before and after the block.
        OSError: If the folder cannot be written. The error names the place as the user knows it.
    """
    refuse_foreign(target)
    target = target.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    _clean_up(target)
    new, old = (target.with_name(f".{target.name}.{word}.{os.getpid()}@{node()}") for word in ("new", "old"))
    new.mkdir()
    try:
        yield new
        refuse_foreign(target)  # a file may have been added while the run was computing
        if target.exists():
            target.rename(old)
        new.rename(target)
    except OSError as problem:
        raise _placed(problem, new, target) from problem
    finally:
        if old.exists() and not target.exists():
            old.rename(target)  # stopped between the two renames
        _remove(new)
        _remove(old)


def _placed(problem: OSError, new: Path, target: Path) -> OSError:
    """Return the same error with the path that the user named instead of the temporary one.

    Some libraries raise an OSError without a path.
    """
    place = str(problem.filename).replace(str(new), str(target)) if problem.filename else target.as_posix()
    return OSError(problem.errno, problem.strerror or str(problem), place)


def _clean_up(target: Path) -> None:
    """Remove the folders that killed runs left beside the target.

    If such a run had moved the old outputs away without replacing them, they are put back.
    """
    left = re.compile(rf"\.{re.escape(target.name)}\.(new|old)\.(\d+)(?:@(.*))?")
    for path in sorted(target.parent.iterdir()):
        match = left.fullmatch(path.name)
        if match is None or _is_at_work(path, int(match[2]), match[3]):
            continue
        if match[1] == "old" and not target.exists() and not path.is_symlink():
            path.rename(target)
        else:
            _remove(path)


def _is_at_work(path: Path, process: int, machine: str | None) -> bool:
    """Return True if the process that made the folder may still be writing to it.

    On Windows, and for a process of another machine, this cannot be known. Then a folder younger than seven days counts
    as in use.
    """
    if machine not in (None, node()) or os.name == "nt":
        return time.time() - path.lstat().st_mtime < _LONGEST_RUN
    if process == os.getpid():  # an earlier run, whose process number is in use again
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # a process of another user
        pass
    return True


def refuse_foreign(target: Path) -> None:
    """Refuse a target folder that a run must not replace.

    Raises:
        Problems: If the folder holds a file that no manifest of an earlier run lists, or if it is the current folder or
            holds it.
    """
    found = _foreign(target)
    if found is not None:
        raise Problems([diagnose("run-folder-taken", None, folder=target.as_posix(), found=found.as_posix())])
    if Path.cwd().is_relative_to(target.resolve()):
        raise Problems([diagnose("run-folder-here", None, folder=target.as_posix())])


def _foreign(target: Path) -> Path | None:
    """Return a path in the folder that no run has written; None without any. Foreign folders are not searched."""
    if not target.exists():
        return None
    if not target.is_dir():
        return target
    listed = _listed(target / MANIFEST)
    folders = {parent for name in listed for parent in PurePosixPath(name).parents}
    return _foreign_in(target, PurePosixPath(), listed, folders)


def _foreign_in(
    folder: Path, at: PurePosixPath, listed: Collection[str], folders: Collection[PurePosixPath]
) -> Path | None:
    """Return a path that no run has written, in one part of the target.

    Args:
        folder: The part.
        at: Its path relative to the target.
        listed: The files that the manifest lists, relative to the target.
        folders: The folders that hold listed files, relative to the target.
    """
    with os.scandir(folder) as found:
        entries = sorted(islice(found, len(listed) + len(folders) + len(_OF_SYSTEMS) + 1), key=lambda entry: entry.name)
    for entry in entries:
        inner = at / entry.name
        if entry.is_dir(follow_symlinks=False):
            mine = inner in folders
            foreign = _foreign_in(folder / entry.name, inner, listed, folders) if mine else folder / entry.name
        else:
            mine = entry.name in _OF_SYSTEMS or inner.as_posix() in listed
            foreign = None if mine else folder / entry.name
        if foreign is not None:
            return foreign
    return None


def _listed(manifest: Path) -> set[str]:
    """Return the files that a run's manifest lists, and the manifest itself.

    The result is empty if the file is absent or no manifest of a run.
    """
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    outputs = found.get("outputs") if isinstance(found, dict) and "spmlang" in found else None
    return {MANIFEST, *outputs} if isinstance(outputs, dict) else set()


def _remove(folder: Path) -> None:
    """Remove a folder that a run made, even if its write permission was taken away.

    A symbolic link is removed, not followed.
    """
    if folder.is_symlink():
        folder.unlink()
        return
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        for path in (folder, *(path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())):
            with suppress(OSError):
                path.chmod(0o700)
        shutil.rmtree(folder, ignore_errors=True)
