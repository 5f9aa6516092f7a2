"""The values of spm.yaml with their places, and the problems found while they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from spmlang.diagnostics.diagnostic import Diagnostic, Label, diagnose
from spmlang.diagnostics.suggest import did_you_mean
from spmlang.diagnostics.text import Span

from .contract import ColumnKind
from .schema import Shape, known_keys
from .yaml_places import Path, PlacedYaml

S = TypeVar("S", bound=Shape)

#: Pydantic's kinds of error in words for the writer of the file.
_EXPECTED = {
    "string_type": "a text is expected; put it in quotes if YAML takes it for something else",
    "string_too_short": "it is empty",
    "string_pattern_mismatch": "a single character is expected, neither a quote nor a line end",
    "int_type": "a whole number is expected",
    "bool_type": "true or false is expected",
    "list_type": "a list is expected, such as [a, b]",
    "dict_type": "keys are expected here, each on a line of its own, indented",
    "model_type": "keys are expected here, each on a line of its own, indented",
    "too_short": "at least one is needed",
}


@dataclass
class Reading:
    """The file while it is read; `problems` grows."""

    placed: PlacedYaml
    problems: list[Diagnostic]

    def report(self, slug: str, path: Path, why: Iterable[Label] = (), *, key: bool = False, **words: object) -> None:
        """Note a problem at the value of a path, or at its key if `key` is set."""
        self.problems.append(diagnose(slug, self.placed.span_of(path, key=key), why, **words))

    def in_order(self) -> list[Diagnostic]:
        """Return the problems from top to bottom of the file."""
        return sorted(self.problems, key=lambda item: item.where.start if isinstance(item.where, Span) else 0)


def validate(reading: Reading, shape: type[S], path: Path, value: object) -> S | None:
    """Validate a value against its shape and note all problems. Unknown keys alone do not make the result None.

    Args:
        reading: The file being read, which collects the problems.
        shape: The expected group of keys.
        path: The place of the value in the file.
        value: The value as read from YAML.

    Returns:
        The validated value, or None if it does not fit.
    """
    try:
        return shape.model_validate(value)
    except ValidationError as mistake:
        found = mistake.errors()
    for error in found:
        _report(reading, shape, path, error)
    unknown = {error["loc"][0] for error in found if error["type"] == "extra_forbidden" and len(error["loc"]) == 1}
    if len(unknown) < len(found) or not isinstance(value, dict):
        return None
    return shape.model_validate({key: item for key, item in value.items() if key not in unknown})


def _report(reading: Reading, shape: type[Shape], path: Path, error: ErrorDetails) -> None:
    inner = tuple(part for part in error["loc"] if part != "[key]")
    at, last = (*path, *inner), inner[-1] if inner else (path[-1] if path else "spm.yaml")
    kind, found = error["type"], error["input"]
    if kind == "extra_forbidden":
        known = known_keys(_innermost(shape, inner))
        hint = did_you_mean(str(last), known)
        reading.report("yaml-unknown-key", at, key=True, name=last, hint=hint, known=", ".join(known))
    elif kind == "missing":
        reading.report("yaml-missing-key", at[:-1], key=True, name=last)
    elif "[key]" in error["loc"]:
        reading.report("yaml-name", at, key=True, name=last)
    elif kind == "enum" and last == "type":
        hint = did_you_mean(str(found), [kind.value for kind in ColumnKind])
        reading.report("yaml-column-type", at, found=found, hint=hint)
    else:
        expected = _EXPECTED.get(kind) or _one_of(error.get("ctx", {}))
        listed = next((part for part in reversed(at) if isinstance(part, str)), "spm.yaml")
        item = f" `{reading.placed.span_of(at).text.splitlines()[0]}`" if isinstance(last, int) else ""
        reading.report("yaml-value", at, name=listed, item=item, expected=expected)


def _innermost(shape: type[Shape], inner: Path) -> type[Shape]:
    """Return the group of keys in which a path ends: `dated.form` ends in the group of `dated`."""
    for part in inner[:-1]:
        field: Any = shape.model_fields.get(str(part))
        inside = next((arg for arg in getattr(field.annotation, "__args__", ()) if _is_shape(arg)), None)
        shape = inside or shape
    return shape


def _is_shape(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Shape)


def _one_of(context: Mapping[str, object]) -> str:
    return f"{context['expected']} is expected"
