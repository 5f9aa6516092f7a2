"""What is being read of spm.yaml: values with their places, and the problems found on the way."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from spmlang.source.diagnostics import Diagnostic, Label, diagnose
from spmlang.source.suggest import did_you_mean
from spmlang.source.text import Span

from .contract import ColumnKind
from .shapes import Group, Mistake, Wrong
from .yaml_places import Path, PlacedYaml

S = TypeVar("S")


@dataclass
class Reading:
    """The file as far as it is read; `problems` grows."""

    placed: PlacedYaml
    problems: list[Diagnostic]

    def say(self, slug: str, path: Path, why: Iterable[Label] = (), *, key: bool = False, **words: object) -> None:
        """Note a problem at the value (or at the key) of a path."""
        self.problems.append(diagnose(slug, self.placed.place(path, key=key), why, **words))

    def in_order(self) -> list[Diagnostic]:
        """The problems from top to bottom of the file."""
        return sorted(self.problems, key=lambda item: item.where.start if isinstance(item.where, Span) else 0)


def prove(reading: Reading, group: Group[S], path: Path, value: object) -> S | None:
    """The value in its shape, or None; what does not fit is noted."""
    mistakes: list[Mistake] = []
    shape = group.read(value, path, mistakes)
    for mistake in mistakes:
        _say(reading, mistake)
    return shape


def _say(reading: Reading, mistake: Mistake) -> None:
    at = mistake.path
    last = at[-1] if at else "spm.yaml"
    match mistake.wrong:
        case Wrong.UNKNOWN_KEY:
            hint, known = did_you_mean(str(last), mistake.known), ", ".join(mistake.known)
            reading.say(mistake.wrong, at, key=True, name=last, hint=hint, known=known)
        case Wrong.MISSING_KEY:
            reading.say(mistake.wrong, at[:-1], key=True, name=last)
        case Wrong.NAME:
            reading.say(mistake.wrong, at, key=True, name=last)
        case Wrong.COLUMN_TYPE:
            hint = did_you_mean(str(mistake.found), [kind.value for kind in ColumnKind])
            reading.say(mistake.wrong, at, found=mistake.found, hint=hint)
        case Wrong.VALUE:
            reading.say(mistake.wrong, at, name=last, expected=mistake.expected)
