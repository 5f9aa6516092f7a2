"""Near-miss names."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(name: str, known: Iterable[str], cutoff: float = 0.6) -> str:
    """` Did you mean `x`?` for the nearest known name, or an empty string."""
    near = get_close_matches(name, list(known), n=1, cutoff=cutoff)
    return f" Did you mean `{near[0]}`?" if near else ""


def listed(names: list[str], most: int = 8) -> str:
    """`a`, `b` and `c`; of many the first ones."""
    shown = [f"`{name}`" for name in names[:most]]
    if len(names) > most:
        return ", ".join(shown) + " …"
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))
