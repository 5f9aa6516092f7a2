"""Checks of plain values: what may stand at a key, and at the keys of a group. Each notes every mistake, with its path."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from .yaml_places import Path

S = TypeVar("S")

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_GROUP = "keys are expected here, each on a line of its own, indented"
_SOME = "at least one is needed"


class Wrong(StrEnum):
    """Kinds of mistakes. Each is told by a message of that slug."""

    UNKNOWN_KEY = "yaml-unknown-key"
    MISSING_KEY = "yaml-missing-key"
    NAME = "yaml-name"
    COLUMN_TYPE = "yaml-column-type"
    VALUE = "yaml-value"


@dataclass(frozen=True)
class Mistake:
    """What is wrong at a path: what was found there, what is expected instead, or which keys are known."""

    wrong: Wrong
    path: Path
    found: object = None
    expected: str = ""
    known: tuple[str, ...] = ()


Mistakes = list[Mistake]
Check = Callable[[object, Path, Mistakes], object]


@dataclass(frozen=True)
class Key:
    """What may stand at a key, and the name of the value where it is not that of the key."""

    check: Check
    name: str = ""
    required: bool = False


@dataclass(frozen=True)
class Group(Generic[S]):
    """Keys that may stand together, and no others; `make` takes their values."""

    make: Callable[..., S]
    keys: Mapping[str, Key]

    def read(self, value: object, path: Path, mistakes: Mistakes) -> S | None:
        """The group's values, or None. Unknown keys alone do not spoil the rest."""
        if not isinstance(value, dict):
            _expected(mistakes, path, value, _GROUP)
            return None
        before, values = len(mistakes), dict[str, Any]()
        for key, told in self.keys.items():
            if key in value:
                values[told.name or key] = told.check(value[key], (*path, key), mistakes)
            elif told.required:
                mistakes.append(Mistake(Wrong.MISSING_KEY, (*path, key)))
        is_whole = len(mistakes) == before
        known = tuple(self.keys)
        mistakes += [Mistake(Wrong.UNKNOWN_KEY, (*path, key), known=known) for key in value if key not in self.keys]
        return self.make(**values) if is_whole else None


def text(value: object, path: Path, mistakes: Mistakes) -> object:
    """A text that is not empty."""
    if not isinstance(value, str):
        words = "a text is expected; put it in quotes if YAML takes it for something else"
        _expected(mistakes, path, value, words)
    elif not value:
        _expected(mistakes, path, value, "it is empty")
    return value


def sign(value: object, path: Path, mistakes: Mistakes) -> object:
    """A single character."""
    if not isinstance(value, str):
        return text(value, path, mistakes)
    if len(value) != 1 or value in '"\r\n':
        _expected(mistakes, path, value, "a single character is expected, neither a quote nor a line end")
    return value


def whole(value: object, path: Path, mistakes: Mistakes) -> object:
    """A whole number."""
    if type(value) is not int:
        _expected(mistakes, path, value, "a whole number is expected")
    return value


def flag(value: object, path: Path, mistakes: Mistakes) -> object:
    """True or false."""
    if not isinstance(value, bool):
        _expected(mistakes, path, value, "true or false is expected")
    return value


def number(value: object, path: Path, mistakes: Mistakes) -> object:
    """A number as it is written."""
    return text(str(value) if type(value) is int else value, path, mistakes)


def maybe(check: Check) -> Check:
    """The same, or nothing."""
    return lambda value, path, mistakes: None if value is None else check(value, path, mistakes)


def texts(value: object, path: Path, mistakes: Mistakes) -> object:
    """A list of texts."""
    if not isinstance(value, list):
        _expected(mistakes, path, value, "a list is expected, such as [a, b]")
        return value
    return [text(item, (*path, index), mistakes) for index, item in enumerate(value)]


def one_or_more(value: object, path: Path, mistakes: Mistakes) -> object:
    """A list of texts, or a single one; not an empty list."""
    if value == []:
        _expected(mistakes, path, value, _SOME)
    return any_number(value, path, mistakes)


def any_number(value: object, path: Path, mistakes: Mistakes) -> object:
    """A list of texts, or a single one."""
    return [text(value, (*path, 0), mistakes)] if isinstance(value, str) else texts(value, path, mistakes)


def named(value: object, path: Path, mistakes: Mistakes) -> object:
    """Keys that are names, at least one; what stands at them is proven elsewhere."""
    if not isinstance(value, dict):
        _expected(mistakes, path, value, _GROUP)
        return value
    if not value:
        _expected(mistakes, path, value, _SOME)
    mistakes += [Mistake(Wrong.NAME, (*path, key)) for key in value if not _NAME.fullmatch(key)]
    return value


def one_of(kind: type[StrEnum], wrong: Wrong = Wrong.VALUE) -> Check:
    """One of a few words."""
    known = {item.value: item for item in kind}
    *most, last = (f"'{word}'" for word in known)
    words = f"{', '.join(most)} or {last} is expected"

    def check(value: object, path: Path, mistakes: Mistakes) -> object:
        found = known.get(value) if isinstance(value, str) else None
        if found is None:
            mistakes.append(Mistake(wrong, path, value, words))
        return found

    return check


def _expected(mistakes: Mistakes, path: Path, found: object, words: str) -> None:
    mistakes.append(Mistake(Wrong.VALUE, path, found, words))
