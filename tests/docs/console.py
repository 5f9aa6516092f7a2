"""The commands that a page shows, run for real in a folder of their own.

A block after `<!-- shows: FILE -->` holds a file. After `<!-- shows: FILE, columns payee amount -->` it holds two columns of the
file's table, so that a page does not change when the file gets a column that the page does not talk about.

`$ spm …` and `$ python3 -m spmlang …` run the command line; a line that ends with a backslash continues on the next one. All
other commands, such as `git`, must be in a block marked `<!-- not run: WHY -->`. Blanks at the end of a line, which editors
remove, do not count.
"""

from __future__ import annotations

import csv
import io
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.docs.pages import ROOT, Block, blocks

_COMMANDS = (("spm",), ("python3", "-m", "spmlang"))


def played(page: Path, folder: Path) -> dict[Block, str]:
    """What every block of a page should hold, by block: commands are run, files written and read, from block to block.

    Raises ValueError for a command that can neither be run nor is marked as not run, and for an edit that does not fit.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if "plans/" in page.read_text(encoding="utf-8"):
        shutil.copytree(ROOT / "plans", folder / "plans", dirs_exist_ok=True)
    found = {}
    for block in blocks(page):
        _write(block, folder)
        if block.mark == "shows":
            found[block] = _shown(block, folder)
        elif block.language == "console" and block.mark != "not run":
            found[block] = "".join(_played(block, folder))
    return found


def build(page: Path, folder: Path) -> None:
    """Write the files of a page as they stand at its end. Of its commands only `spm new` is run, which makes files."""
    for block in blocks(page):
        _write(block, folder)
        if block.language == "console" and block.mark != "not run":
            for command, _ in commands(block):
                if command[0] == "new":
                    run(command, folder)


def _write(block: Block, folder: Path) -> None:
    """Do to the files what the block's mark says, if anything."""
    if block.mark == "file":
        (folder / block.what).parent.mkdir(parents=True, exist_ok=True)
        (folder / block.what).write_text(block.text, encoding="utf-8", newline="\n")
    elif block.mark == "add":
        with (folder / block.what).open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(f"\n{block.text}")
    elif block.mark == "edit":
        _edit(block, folder / block.what)


def _shown(block: Block, folder: Path) -> str:
    """Return the file that a block shows, with the block's columns only. Raises ValueError for a column that the file has not."""
    text = (folder / block.what).read_text(encoding="utf-8")
    if not block.columns:
        return text
    table = csv.DictReader(io.StringIO(text))
    if unknown := set(block.columns) - set(table.fieldnames or ()):
        raise ValueError(f"{block}: {block.what} has no column {', '.join(sorted(unknown))}")
    shown = io.StringIO()
    writer = csv.DictWriter(shown, block.columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return shown.getvalue()


def _edit(block: Block, path: Path) -> None:
    """Lines that begin with `-` become lines that begin with `+`; lines that begin with a blank say where."""
    lines = block.text.splitlines()
    before = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
    after = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
    text = path.read_text(encoding="utf-8")
    if text.count(before) != 1:
        raise ValueError(f"{block}: {block.what} holds these lines {text.count(before)} times")
    path.write_text(text.replace(before, after), encoding="utf-8", newline="\n")


def _played(block: Block, folder: Path) -> Iterator[str]:
    for command, shown in commands(block):
        yield shown
        output = run(command, folder)
        yield "".join(f"{line.rstrip()}\n" for line in output.splitlines())


def commands(block: Block) -> Iterator[tuple[list[str], str]]:
    """Each command of a block: as words (of `spm`), and as the page shows it. Outputs are left out."""
    lines = iter(block.text.splitlines(keepends=True))
    for line in lines:
        if not line.startswith("$ "):
            continue
        shown = line
        while shown.endswith("\\\n"):
            shown += next(lines)
        words = shlex.split(shown.removeprefix("$ ").replace("\\\n", " "), comments=True)
        start = next((start for start in _COMMANDS if tuple(words[: len(start)]) == start), None)
        if start is None:
            raise ValueError(f"{block}: `{words[0]}` is not run here; mark the block `<!-- not run: why -->`")
        yield words[len(start) :], shown


def run(words: list[str], folder: Path) -> str:
    """What `spm` with these words prints in a folder: output and errors, in the order in which they come."""
    environment = {name: value for name, value in os.environ.items() if name not in ("SPM_DATA", "FORCE_COLOR")}
    environment |= {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}
    environment |= {"COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    done = subprocess.run(
        [sys.executable, "-m", "spmlang.cli.main", *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=300,
    )
    return done.stdout.decode("utf-8")
