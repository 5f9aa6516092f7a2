"""Format plan text: parse it, lay it out, and verify the result."""

from __future__ import annotations

from spmlang.diagnostics.diagnostic import Diagnostic, diagnose, errors
from spmlang.diagnostics.text import SourceText, Span
from spmlang.syntax.parse import parse
from spmlang.syntax.tree import Parsed

from .comments import find_comments
from .layout import render
from .statements import layout_file
from .verify import difference


def format_text(source: SourceText) -> tuple[str | None, list[Diagnostic]]:
    """Return the formatted text of a file, or None with the diagnostics that prevent it.

    These are the file's syntax errors, or `format-unsafe` if the verification fails.
    """
    parsed = parse(source)
    if errors(parsed.diagnostics):
        return None, list(parsed.diagnostics)
    text = layout(parsed)
    again = parse(SourceText(source.path, text))
    what = difference(parsed, again) if not again.diagnostics else "its syntax"
    if what is None and layout(again) != text:
        what = "its layout when formatted again"
    if what is not None:
        return None, [diagnose("format-unsafe", Span(source, 0, 0), what=what)]
    return text, []


def layout(parsed: Parsed) -> str:
    """Return the layout of a parsed file without the verification. The file must have no syntax errors."""
    comments = find_comments(parsed.source.text, parsed.tokens())
    return render(layout_file(parsed.items, comments))
