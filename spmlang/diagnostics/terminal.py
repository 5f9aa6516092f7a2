"""Show diagnostics for people at a terminal, and as JSON for programs. Other formats: `sarif.py`, `github.py`."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict

from .diagnostic import Cell, Diagnostic, Severity
from .positions import in_order, region
from .snippet import Paint, clean, snippet
from .text import Span

_BOLD, _RED, _YELLOW, _BLUE, _CYAN = "1", "1;31", "1;33", "1;34", "1;36"
_NARROWEST = 40


def render_terminal(diagnostics: Iterable[Diagnostic], width: int = 100, color: bool = False) -> str:
    """Return each diagnostic with its lines of plan text, and a last line of counts.

    Diagnostics are in the order of files and positions.

    Args:
        diagnostics: The diagnostics; without any the text is empty.
        width: The width of the terminal, in columns.
        color: True to add ANSI codes.
    """
    items = in_order(diagnostics)
    if not items:
        return ""
    blocks = ["\n".join(_block(item, max(width, _NARROWEST), color)) for item in items]
    return "\n\n".join([*blocks, summary(items)]) + "\n"


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Return `2 errors, 1 warning`, or an empty text without diagnostics."""
    counts = Counter(item.severity for item in diagnostics)
    parts = [(counts[severity], severity) for severity in Severity if counts[severity]]
    return ", ".join(f"{count} {severity}{'s' if count > 1 else ''}" for count, severity in parts)


def render_json(diagnostics: Iterable[Diagnostic]) -> str:
    """Return a JSON list with an object per diagnostic, in order of file and position.

    `code`, `slug`, `severity` ("error" or "warning"), `message`, `remedy`: texts.
    `file`: text; null without a place.
    `line`, `column`, `end_line`, `end_column`: for plan text, else null; from 1, columns in code points, the end column
    is the first one after the place.
    `row` (data rows from 1), `cell_column` (a column's name): for data, else null; each may be null on its own.
    `why`: a list of objects with `text`, `file`, `line`, `column`, `end_line`, `end_column`.
    `fix`: an object of the same shape whose `text` replaces the text at its place, if one edit corrects the mistake;
    else null.
    """
    objects = [
        {
            "code": item.code,
            "slug": item.slug,
            "severity": item.severity,
            "message": item.message,
            "remedy": item.remedy,
            **_place_fields(item.where),
            "why": [{"text": label.text, **asdict(region(label.span))} for label in item.why],
            "fix": {"text": item.fix.text, **asdict(region(item.fix.span))} if item.fix else None,
        }
        for item in in_order(diagnostics)
    ]
    return json.dumps(objects, indent=2, ensure_ascii=False) + "\n"


def _place_fields(where: Span | Cell | None) -> dict[str, str | int | None]:
    names = ("file", "line", "column", "end_line", "end_column", "row", "cell_column")
    fields: dict[str, str | int | None] = dict.fromkeys(names)
    match where:
        case Span():
            fields |= asdict(region(where))
        case Cell():
            fields |= {"file": where.file, "row": where.row, "cell_column": where.column}
    return fields


def _block(item: Diagnostic, width: int, color: bool) -> list[str]:
    tone = _RED if item.severity is Severity.ERROR else _YELLOW
    loud, quiet, bold, helpful = (_paint(code, color) for code in (tone, _BLUE, _BOLD, _CYAN))
    spans = [label.span for label in item.why] + ([item.where] if isinstance(item.where, Span) else [])
    digits = max((len(str(region(span).end_line)) for span in spans), default=1)
    indent = " " * digits

    head = f"{item.severity}[{item.code}]"
    first, *more = _wrapped(f"{head}: {item.message}", width, "  ")
    lines = [loud(head) + bold(first.removeprefix(head)), *map(bold, more)]
    if item.place:
        lines.append(f"{indent}{quiet('-->')} {clean(item.place)}")
    if isinstance(item.where, Span):
        lines += [f"{indent} |", *snippet(item.where, "", mark="^", digits=digits, width=width, paint=loud)]
    for label in item.why:
        place = f"{label.span.place}:{label.span.column}"
        lines.append(f"{indent}{quiet(':::')} {clean(place)}")
        lines += [
            f"{indent} |",
            *snippet(label.span, clean(label.text), mark="-", digits=digits, width=width, paint=quiet),
        ]
    if item.remedy:
        first, *more = _wrapped(f"{indent} = remedy: {item.remedy}", width, f"{indent}   ")
        lines += [f"{indent} |"] if spans else []
        lines += [first.replace("= remedy:", helpful("= remedy:"), 1), *more]
    return lines


def _paint(code: str, color: bool) -> Paint:
    return lambda text: f"\x1b[{code}m{text}\x1b[0m" if color else text


def _wrapped(text: str, width: int, indent: str) -> list[str]:
    """Return the text in lines of at most `width`, all but the first indented.

    Line ends of the text are kept.
    """
    return [
        part
        for number, line in enumerate(clean(text).split("\n"))
        for part in textwrap.wrap(
            line,
            width,
            initial_indent=indent if number else "",
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )
    ]
