"""What is wrong, where, why, and the remedy: one diagnostic type for the whole house.

Wording lives in `messages.toml` beside this file, keyed by a slug such as `unknown-name`; code never spells a message.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from importlib.resources import files

from .text import Span

#: So many problems are told at once: nobody reads more, and what is made by a program for harm has no end.
MOST_PROBLEMS = 1_000
#: What a message cites of a file is cut after so many characters.
_LONGEST_WORD = 1_000


class Severity(StrEnum):
    """How bad it is: an error stops a run, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Wording:
    """One entry of the catalogue. `message` and `remedy` are format strings; `exit` is the code that an error ends with."""

    code: str
    severity: Severity
    title: str
    message: str
    remedy: str
    explain: str
    exit: int


@dataclass(frozen=True)
class Label:
    """A span that says why, with a few words."""

    span: Span
    text: str


@dataclass(frozen=True)
class Cell:
    """A place in a data file: `row` counts data rows from 1 (the header is not counted); either may be absent."""

    file: str
    row: int | None = None
    column: str | None = None

    @property
    def place(self) -> str:
        """`file, row 5, column amount`."""
        parts = [self.file]
        if self.row is not None:
            parts.append(f"row {self.row}")
        if self.column is not None:
            parts.append(f"column {self.column}")
        return ", ".join(parts)


@dataclass(frozen=True)
class Fix:
    """An edit of plan text that mends what is wrong without a choice: what the span covers becomes `text`."""

    span: Span
    text: str

    def applied(self) -> str:
        """The file's whole text with the edit."""
        text = self.span.source.text
        return text[: self.span.start] + self.text + text[self.span.end :]


@dataclass(frozen=True)
class Diagnostic:
    """One finding. `where` is a span in a plan or project file, or a cell of a data file; `fix` mends it."""

    slug: str
    code: str
    severity: Severity
    message: str
    remedy: str
    where: Span | Cell | None
    why: tuple[Label, ...] = ()
    fix: Fix | None = None

    def mended_by(self, fix: Fix | None) -> Diagnostic:
        """The same finding with the edit that mends it."""
        return replace(self, fix=fix)

    @property
    def place(self) -> str:
        """`file:line:column` for plan text, `file, row, column` for data, empty without a place."""
        if isinstance(self.where, Span):
            return f"{self.where.place}:{self.where.column}"
        return self.where.place if self.where else ""


@cache
def catalogue() -> dict[str, Wording]:
    """Every wording by slug."""
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
    """Make a diagnostic from the catalogue; `words` fill the placeholders. Raises KeyError for an unknown slug or word."""
    wording = catalogue()[slug]
    words = {name: _short(word) if isinstance(word, str) else word for name, word in words.items()}
    return Diagnostic(
        slug,
        wording.code,
        wording.severity,
        wording.message.format(**words).strip(),
        wording.remedy.format(**words).strip(),
        where,
        tuple(why),
    )


def _short(word: str) -> str:
    return word if len(word) <= _LONGEST_WORD else f"{word[:_LONGEST_WORD]}…"


class Problems(Exception):
    """Raised at an edge that cannot go on; carries the diagnostics that say why."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("; ".join(f"{item.place}: {item.message}" for item in self.diagnostics))


def most_telling(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """What is told of diagnostics: all, or of very many the first ones, errors before warnings, and that there are more."""
    found = list(diagnostics)
    if len(found) <= MOST_PROBLEMS:
        return found
    found = [item for item in found if item.slug != "check-too-many"]
    found.sort(key=lambda item: item.severity is Severity.WARNING)
    return [*found[:MOST_PROBLEMS], diagnose("check-too-many", None, most=MOST_PROBLEMS)]


def errors(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Only the errors."""
    return [item for item in diagnostics if item.severity is Severity.ERROR]


def exit_code(diagnostics: Iterable[Diagnostic]) -> int:
    """0 without an error; else 1 for plans and data, 2 for the command, 3 for the machine: the greatest of all."""
    return max((catalogue()[item.slug].exit for item in errors(diagnostics)), default=0)
