"""Plan text that stands in a page."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from spmlang.format.formatting import format_text
from spmlang.source.diagnostics import Diagnostic, errors
from spmlang.source.text import SourceText
from spmlang.syntax.lower import lower
from spmlang.syntax.parse import parse

#: Where a piece of a declaration can stand.
_AROUND = (
    "plan piece version 2 changes version 1 {{\n{0}}}\n",
    "measure piece {{\n{0}}}\n",
    "territory piece of rows {{\n{0}}}\n",
    "quota piece {{\n{0}}}\n",
    "calendar piece {{\n{0}}}\n",
    'example "piece" {{\n{0}}}\n',
    "plan piece version 1 {{\n  commission piece {{\n{1}  }}\n}}\n",
)


def mistakes(text: str, name: str = "snippet.spm") -> list[Diagnostic]:
    """What is wrong with the text as a plan file, before anyone asks what its names mean."""
    parsed = parse(SourceText(name, text))
    _, problems = lower(parsed)
    return errors([*parsed.diagnostics, *problems])


def as_file(text: str) -> str | None:
    """The text as a plan file of its own: itself, or put into the declaration that it is a piece of. None where nothing fits."""
    return next((candidate for candidate in _candidates(textwrap.dedent(text)) if not mistakes(candidate)), None)


def formatted(text: str) -> str | None:
    """The text in the formatter's layout; None where it cannot be formatted."""
    return format_text(SourceText("snippet.spm", text))[0]


def _candidates(text: str) -> Iterator[str]:
    yield text
    for around in _AROUND:
        yield around.format(textwrap.indent(text, "  "), textwrap.indent(text, "    "))
