"""Generated identifiers that never collide with the names in plans and sources."""

from __future__ import annotations

#: Characters that no name of a plan or a source contains, and no fixed identifier of the engine either.
MARK, JOINT = ":", "."


def own_name(word: str, *names: object) -> str:
    """Return an identifier made of a word and names of a plan: `sold:bookings`, `due:rep.1.base`.

    Names have letters, digits and `_`. The keys made from names also have `@`, `<` and `-`. Fixed identifiers never
    have the mark, so the result never equals one of them. Two results are equal only if the word and all names are
    equal.
    """
    return f"{word}{MARK}{JOINT.join(map(str, names))}"
