"""The files of a source, found by pattern, with their shown names and fingerprints."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from spmlang.diagnostics.diagnostic import Cell, Diagnostic, diagnose
from spmlang.project.contract import Contract, Folder, Project
from spmlang.project.find_files import find


@dataclass(frozen=True)
class DataFile:
    """One data file. `shown` is its path relative to the folder of its pattern, with forward slashes."""

    path: Path
    shown: str

    def sha256(self) -> str:
        """Return the SHA-256 of the bytes on disk.

        Raises:
            OSError: If the file cannot be read.
        """
        with self.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()

    def unreadable(self, problem: str) -> Diagnostic:
        """Return the error for a file that cannot be read. A path in `problem` is replaced by the shown name."""
        return diagnose("data-unreadable", Cell(self.shown), problem=problem.replace(self.path.as_posix(), self.shown))


def check_folder(project: Project, contracts: Iterable[Contract], data_folder: Path | None) -> list[Diagnostic]:
    """Return an error if a source has its files in the data folder and there is no such folder.

    Raises:
        OSError: If the folder may not be read.
    """
    folder = _folder(project, Folder.DATA, data_folder)
    if all(contract.folder is Folder.PROJECT for contract in contracts):
        return []
    if not folder.is_dir():
        return [diagnose("data-no-folder", None, folder=folder.as_posix())]
    os.scandir(folder).close()
    return []


def _folder(project: Project, folder: Folder, data_folder: Path | None) -> Path:
    """Return the folder in which a source's patterns are searched."""
    root = Path(project.root)
    return root if folder is Folder.PROJECT else data_folder or root / project.data


def find_files(
    project: Project, contract: Contract, data_folder: Path | None
) -> tuple[list[DataFile], list[Diagnostic]]:
    """Return the files of a source sorted by shown name, and an error for each pattern without a file.

    Raises:
        OSError: If a folder may not be read.
    """
    folder = _folder(project, contract.folder, data_folder)
    found: dict[str, DataFile] = {}
    problems = []
    for pattern in contract.files:
        matches = find(folder, pattern)
        if not matches:
            words = {"source": contract.name, "pattern": pattern, "folder": folder.as_posix()}
            problems.append(diagnose("data-no-files", contract.span, (), **words))
        for path in matches:
            shown = path.relative_to(folder).as_posix()
            found[shown] = DataFile(path, shown)
    return [found[shown] for shown in sorted(found)], problems
