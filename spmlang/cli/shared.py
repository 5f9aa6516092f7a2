"""Functions for all commands: print diagnostics, and read the terminal's width and colours."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable
from typing import TextIO

from spmlang.diagnostics.diagnostic import Diagnostic, exit_code, limit_diagnostics
from spmlang.diagnostics.terminal import render_json, render_terminal
from spmlang.version import __version__


def report(diagnostics: Iterable[Diagnostic], how: str = "text", *, to_stdout: bool = False) -> int:
    """Print diagnostics, and return the exit code of the errors among them.

    Args:
        diagnostics: The diagnostics.
        how: The format: "text", "json", "sarif" or "github".
        to_stdout: True to print to standard output instead of standard error.
    """
    found = list(diagnostics)
    stream = sys.stdout if to_stdout else sys.stderr
    stream.write(_rendered(limit_diagnostics(found), how, stream))
    return exit_code(found)


def _rendered(found: list[Diagnostic], how: str, stream: TextIO) -> str:
    """Return diagnostics as text in the format `how`."""
    match how:
        case "json":
            return render_json(found)
        case "sarif":
            from spmlang.diagnostics.sarif import render_sarif

            return render_sarif(found, __version__)
        case "github":
            from spmlang.diagnostics.github import render_github

            return render_github(found)
    return render_terminal(found, width(), wants_color(stream))


def width() -> int:
    """Return the number of columns of the terminal; 100 without a terminal."""
    return shutil.get_terminal_size((100, 24)).columns


def wants_color(stream: TextIO) -> bool:
    """Return True if ANSI colours suit the stream: a terminal without NO_COLOR (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def counted(number: int, word: str, plural: str = "") -> str:
    """Return a number with its noun, such as `1 plan`, `2 plans` or `1,200 lines`."""
    return f"{number:,} {word if number == 1 else plural or word + 's'}"
