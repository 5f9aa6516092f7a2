"""Declarations of stages: their names and columns, and a comparison of pipelines with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from spmlang.values.own_names import JOINT, MARK, own_name

from .nodes import Stage

#: The family of columns that are spelled as plan text writes them, such as `deals.customer.state`.
DOTTED = JOINT


@dataclass(frozen=True, kw_only=True)
class StageSpec:
    """The declaration of a stage or input, or of a family of them.

    Attributes:
        word: The name, or the first word of the names of a family.
        holds: What its rows are, in one line.
        each: What a family has a stage for, such as "component"; empty for a stage of its own.
        columns: The columns that it always has.
        optional: Further columns that it has if the program needs them.
        families: The words of `own_name` of columns that the program names, such as "sold" of `sold:bookings`, and
            `DOTTED`.
    """

    word: str
    holds: str
    each: str = ""
    columns: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    families: tuple[str, ...] = ()

    def name(self, *names: object) -> str:
        """Return the name of the stage, in a family that of the stage for these names."""
        return own_name(self.word, *names) if names else self.word

    def rows(self, *names: object) -> Stage:
        """Return a read of the stage, in a family that of the stage for these names."""
        return Stage(self.name(*names))

    def differences(self, columns: tuple[str, ...]) -> Iterator[str]:
        """Yield how the columns of a stage differ from its declaration."""
        yield from (f"lacks {name}" for name in self.columns if name not in columns)
        declared = {*self.columns, *self.optional}
        yield from (
            f"has {name}, which is not declared"
            for name in columns
            if name not in declared and family_of(name) not in self.families
        )


def family_of(name: str) -> str | None:
    """Return the word of a name that `own_name` made, `DOTTED` for one of plan text, and None for a fixed name."""
    word, mark, _ = name.partition(MARK)
    if mark:
        return word
    return DOTTED if JOINT in name else None


def undeclared(stages: Mapping[str, tuple[str, ...]], specs: Iterable[StageSpec]) -> list[str]:
    """Return how stages, given with their columns by name, differ from their declarations."""
    declared = {spec.word: spec for spec in specs}
    found: list[str] = []
    for name, columns in stages.items():
        spec = declared.get(family_of(name) or name)
        if spec is None or (name != spec.word and not spec.each):
            found.append(f"{name}: is not declared")
        else:
            found.extend(f"{name}: {difference}" for difference in spec.differences(columns))
    return found
