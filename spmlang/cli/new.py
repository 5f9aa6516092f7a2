"""`spm new`: start a small project that runs."""

from __future__ import annotations

import argparse
import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from spmlang.diagnostics.diagnostic import Problems, diagnose


def run(arguments: argparse.Namespace) -> int:
    """Write the project into a new or empty folder.

    Raises:
        Problems: If the folder holds anything.
    """
    folder: Path = arguments.folder
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Problems([diagnose("new-folder-taken", None, folder=folder.as_posix())])
    _copy(files("spmlang.cli").joinpath("template"), folder)
    settings = folder / "spm.yaml"
    name = re.sub(r"[^a-z0-9]+", "_", folder.resolve().name.lower()).strip("_") or "my_company"
    text = settings.read_text(encoding="utf-8").replace("name: my_company", f"name: {name}", 1)
    settings.write_text(text, encoding="utf-8")
    shown = folder.as_posix()
    print(f"A plan project in {shown}/. Now:")
    print(f"  spm check {shown}   reads the plans and says what is wrong with them")
    print(f"  spm test {shown}    computes the examples")
    print(f"  spm run {shown}     pays")
    return 0


def _copy(source: Traversable, target: Path) -> None:
    """Copy the template and its folders."""
    target.mkdir(parents=True, exist_ok=True)
    for item in sorted(source.iterdir(), key=lambda entry: entry.name):
        if item.is_dir():
            _copy(item, target / item.name)
        else:
            (target / item.name).write_bytes(item.read_bytes())
