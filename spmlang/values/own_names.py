"""Spelling of names that people give, where relations and columns of our own stand beside them."""

from __future__ import annotations

#: What no name of a plan or a source has in it, and no identifier of our own either.
MARK, JOINT = ":", "."


def own_name(word: str, *names: object) -> str:
    """An identifier for what people name: `sold:bookings`, `due:rep.1.base`.

    Names have letters, digits and `_` (and the keys that are made of them blanks and `@`). So it is none of our own, which have
    no mark, whatever the name is; and two of them are alike only where the word and all names are.
    """
    return f"{word}{MARK}{JOINT.join(map(str, names))}"
