"""A folder of outputs that appears whole or not at all, and replaces only what a run wrote before."""

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

#: What systems put into folders that people look at.
_OF_SYSTEMS = {".DS_Store", "Thumbs.db", "desktop.ini"}


@contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A new folder to write into; it takes the place of `target` when the block ends without an error.

    Raises Problems as `refuse_foreign` does.
    """
    refuse_foreign(target)
    target = target.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    _clean_up(target)
    new, old = (target.with_name(f".{target.name}.{word}.{os.getpid()}@{node()}") for word in ("new", "old"))
    new.mkdir()
    try:
        yield new
        refuse_foreign(target)  # it may have come while the run was computing
        if target.exists():
            target.rename(old)
        new.rename(target)
    except OSError as problem:
        raise _placed(problem, new, target) from problem
    finally:
        if old.exists() and not target.exists():
            old.rename(target)  # stopped between the two
        _remove(new)
        _remove(old)


def _placed(problem: OSError, new: Path, target: Path) -> OSError:
    """The same trouble with its place, as the user named the folder: some libraries do not tell it."""
    place = str(problem.filename).replace(str(new), str(target)) if problem.filename else target.as_posix()
    return OSError(problem.errno, problem.strerror or str(problem), place)


def _clean_up(target: Path) -> None:
    """Remove what killed runs left beside the target, and put back outputs that one was about to replace."""
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
    """True where the run that made the folder may still be writing: its process lives.

    Of a run on another machine, and on Windows, nobody can say; it is taken to be at work for some days.
    """
    if machine not in (None, node()) or os.name == "nt":
        return time.time() - path.lstat().st_mtime < _LONGEST_RUN
    if process == os.getpid():  # a run of earlier, whose number came again
        return False
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # somebody else's
        pass
    return True


def refuse_foreign(target: Path) -> None:
    """Raise Problems where outputs cannot go to `target`.

    It holds anything that is not listed in the manifest of an earlier run, or it is the folder one is in.
    """
    found = _foreign(target)
    if found is not None:
        raise Problems([diagnose("run-folder-taken", None, folder=target.as_posix(), found=found.as_posix())])
    if Path.cwd().is_relative_to(target.resolve()):
        raise Problems([diagnose("run-folder-here", None, folder=target.as_posix())])


def _foreign(target: Path) -> Path | None:
    """A thing in a folder that no run has written; None without any. What no run has written is not walked."""
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
    """The same, in the part of the target that is called `at` there. `folders` are those that hold what is listed."""
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
    """The files of a run, as its manifest lists them, with itself; none where it is no manifest of a run."""
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    outputs = found.get("outputs") if isinstance(found, dict) and "spmlang" in found else None
    return {MANIFEST, *outputs} if isinstance(outputs, dict) else set()


def _remove(folder: Path) -> None:
    """Remove one of our own folders, also where somebody took away the right to write in it. Links are not followed."""
    if folder.is_symlink():
        folder.unlink()
        return
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        for path in (folder, *(path for path in folder.rglob("*") if path.is_dir() and not path.is_symlink())):
            with suppress(OSError):
                path.chmod(0o700)
        shutil.rmtree(folder, ignore_errors=True)
