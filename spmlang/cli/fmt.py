"""`spm fmt`: format plan files in the one layout."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from spmlang.cli.shared import counted, report
from spmlang.diagnostics.diagnostic import Diagnostic, Problems, diagnose
from spmlang.diagnostics.text import SourceText
from spmlang.format.api import format_text


def run(arguments: argparse.Namespace) -> int:
    """Format files in place, or standard input to standard output.

    With `--check` or `--diff` no file is written. A file with syntax errors is reported and left unchanged. The exit
    code is 1 for such a file, or with `--check` for one that would change.
    """
    if arguments.paths == ["-"]:
        return _stdin(arguments)
    problems: list[Diagnostic] = []
    changed = unchanged = 0
    for path in _files(arguments.paths):
        source = SourceText(path.as_posix(), path.read_bytes().decode("utf-8-sig", errors="replace"))
        text, found = format_text(source)
        problems += found
        if text is None:
            continue
        if path.read_bytes() == text.encode():
            unchanged += 1
            continue
        changed += 1
        _handle(arguments, path, source.text, text)
    code = report(problems)
    would = "would change" if arguments.check or arguments.diff else "formatted"
    print(
        f"{counted(changed, 'file')} {would}, {unchanged} {'is' if unchanged == 1 else 'are'} as they should be",
        file=sys.stderr,
    )
    return 1 if code or (arguments.check and changed) else 0


def _handle(arguments: argparse.Namespace, path: Path, before: str, after: str) -> None:
    """Show the change of a file, name the file or write it, as the options say."""
    if arguments.diff:
        sys.stdout.writelines(_diff(path.as_posix(), before, after))
    elif arguments.check:
        print(path.as_posix())
    else:
        # Written to a new file and renamed, so that the plan file is never incomplete.
        new = path.with_name(f".{path.name}.{os.getpid()}")
        new.write_bytes(after.encode())
        new.chmod(path.stat().st_mode & 0o777)
        new.replace(path)


def _stdin(arguments: argparse.Namespace) -> int:
    """Format standard input, and return the exit code."""
    before = sys.stdin.buffer.read().decode("utf-8-sig", errors="replace")
    after, problems = format_text(SourceText("standard input", before))
    if after is None:
        return report(problems)
    if arguments.diff:
        sys.stdout.writelines(_diff("standard input", before, after))
    elif not arguments.check:
        sys.stdout.write(after)
    return 1 if arguments.check and before != after else 0


def _diff(name: str, before: str, after: str) -> Iterator[str]:
    yield from difflib.unified_diff(before.splitlines(keepends=True), after.splitlines(keepends=True), name, name)


def _files(paths: list[str]) -> Iterator[Path]:
    """Yield the named files, and all plan files below the named folders.

    Raises:
        Problems: If a path does not exist.
    """
    for path in map(Path, paths):
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*.spm") if file.is_file())
        elif path.is_file():
            yield path
        else:
            raise Problems([diagnose("fmt-no-file", None, path=path.as_posix())])
