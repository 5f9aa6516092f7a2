"""Text in, formatted text out: parse, lay out, prove."""

from __future__ import annotations

from spmlang.diagnostics.diagnostic import Diagnostic, diagnose, errors
from spmlang.diagnostics.text import SourceText, Span
from spmlang.syntax.parse import parse
from spmlang.syntax.tree import Parsed

from .comments import cut
from .layout import render
from .statements import layout_file
from .verify import lost


def format_text(source: SourceText) -> tuple[str | None, list[Diagnostic]]:
    """The file in the one layout, or None and why not: its syntax errors, or `format-unsafe` when the proof failed."""
    parsed = parse(source)
    if errors(parsed.diagnostics):
        return None, list(parsed.diagnostics)
    text = layout(parsed)
    again = parse(SourceText(source.path, text))
    what = lost(parsed, again) if not again.diagnostics else "its syntax"
    if what is None and layout(again) != text:
        what = "its layout when formatted again"
    if what is not None:
        return None, [diagnose("format-unsafe", Span(source, 0, 0), what=what)]
    return text, []


def layout(parsed: Parsed) -> str:
    """The layout of a parsed file without the proof. The file must be free of syntax errors."""
    comments = cut(parsed.source.text, parsed.tokens())
    return render(layout_file(parsed.items, comments))
