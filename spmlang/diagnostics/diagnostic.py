"""The diagnostic: a mistake with its place, cause and remedy. All of spmlang uses this one type.

Wording is in `messages.toml` beside this file, keyed by a slug such as `unknown-name`. Code contains no message texts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files

from .text import Span

#: The most diagnostics shown at once. People read no more, and hostile generated files can have any number.
MOST_PROBLEMS = 1_000
#: Characters after which a message cuts a quoted text of a file.
_LONGEST_WORD = 1_000


class Severity(StrEnum):
    """The severity of a diagnostic: an error stops a run, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, kw_only=True)
class Wording:
    """An entry of the catalogue. `message` and `remedy` are format strings; `exit` is the exit code of an error."""

    code: str
    severity: Severity
    title: str
    message: str
    remedy: str
    explain: str
    exit: int


@dataclass(frozen=True)
class Label:
    """A span that explains the cause, with a few words."""

    span: Span
    text: str


@dataclass(frozen=True)
class Cell:
    """A place in a data file.

    `row` counts data rows from 1, without the header. Row and column may be absent.
    """

    file: str
    row: int | None = None
    column: str | None = None

    @property
    def place(self) -> str:
        """The place as `file, row 5, column amount`."""
        parts = [self.file]
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column is not None:
            parts.append(f"column {self.column}")
        return ", ".join(parts)


@dataclass(frozen=True)
class Fix:
    """An edit of plan text that corrects the mistake without a choice: `text` replaces the span."""

    span: Span
    text: str

    def applied(self) -> str:
        """Return the file's whole text with the edit."""
        text = self.span.source.text
        return text[: self.span.start] + self.text + text[self.span.end :]


@dataclass(frozen=True, kw_only=True)
class Diagnostic:
    """A finding. `where` is a span of a plan or project file, or a cell of a data file; `fix` corrects it."""

    slug: str
    code: str
    severity: Severity
    message: str
    remedy: str
    where: Span | Cell | None
    why: tuple[Label, ...] = ()
    fix: Fix | None = None

    def mended_by(self, fix: Fix | None) -> Diagnostic:
        """Return the diagnostic with the edit that corrects it."""
        return replace(self, fix=fix)

    @property
    def place(self) -> str:
        """The place as `file:line:column` for plan text or `file, row, column` for data; empty without a place."""
        if isinstance(self.where, Span):
            return f"{self.where.place}:{self.where.column}"
        return self.where.place if self.where else ""


@cache
def catalogue() -> dict[str, Wording]:
    """Return all wordings by slug."""
    text = files(__package__).joinpath("messages.toml").read_text(encoding="utf-8")
    return {
        slug: Wording(
            code=entry["code"],
            severity=Severity(entry.get("severity", "error")),
            title=entry["title"],
            message=entry["message"],
            remedy=entry["remedy"],
            explain=entry["explain"],
            exit=entry.get("exit", 1),
        )
        for slug, entry in tomllib.loads(text).items()
    }


def diagnose(slug: str, where: Span | Cell | None, why: Iterable[Label] = (), **words: object) -> Diagnostic:
    """Make a diagnostic from the catalogue.

    Args:
        slug: The key of the message.
        where: The place of the mistake, if it has one.
        why: Spans that explain the cause.
        words: The values of the message's placeholders.

    Raises:
        KeyError: The slug is unknown, or a word is missing.
    """
    wording = catalogue()[slug]
    words = {name: _short(word) if isinstance(word, str) else word for name, word in words.items()}
    return Diagnostic(
        slug=slug,
        code=wording.code,
        severity=wording.severity,
        message=wording.message.format(**words).strip(),
        remedy=wording.remedy.format(**words).strip(),
        where=where,
        why=tuple(why),
    )


def _short(word: str) -> str:
    return word if len(word) <= _LONGEST_WORD else f"{word[:_LONGEST_WORD]}…"


class Problems(Exception):
    """An error with the diagnostics that explain why a step cannot continue."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(f"{item.place}: {item.message}" for item in self.diagnostics))


def limit_diagnostics(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return at most MOST_PROBLEMS diagnostics and, if there were more, a diagnostic that says so.

    Errors come before warnings if the list is cut.
    """
    found = list(diagnostics)
    if len(found) <= MOST_PROBLEMS:
        return found
    found = [item for item in found if item.slug != "check-too-many"]
    found.sort(key=lambda item: item.severity is Severity.WARNING)
    return [*found[:MOST_PROBLEMS], diagnose("check-too-many", None, most=MOST_PROBLEMS)]


def errors(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return only the errors."""
    return [item for item in diagnostics if item.severity is Severity.ERROR]


def exit_code(diagnostics: Iterable[Diagnostic]) -> int:
    """Return the greatest exit code of the errors, or 0 without an error.

    1 is for plans and data, 2 for the command, 3 for the machine.
    """
    return max((catalogue()[item.slug].exit for item in errors(diagnostics)), default=0)
