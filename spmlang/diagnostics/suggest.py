"""Suggest names that are similar to an unknown one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

#: The most names that a name is compared with, and the longest name compared, because each comparison takes time.
_MOST, _LONGEST = 1_000, 200


def did_you_mean(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return ` Did you mean `x`?` for the nearest known name, or an empty text."""
    if len(name) > _LONGEST:
        return ""
    names = [other for other in known if len(other) <= _LONGEST]
    if len(names) > _MOST:
        names = [other for other in names if other[:2] == name[:2]][:_MOST]
    near = get_close_matches(name, names, n=1, cutoff=cutoff)
    return f" Did you mean `{near[0]}`?" if near else ""


def listed(names: list[str], most: int = 8) -> str:
    """Join names as `a`, `b` and `c`, and cut the list after `most` names."""
    shown = [f"`{name}`" for name in names[:most]]
    if len(names) > most:
        return ", ".join(shown) + " …"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
