"""Show diagnostics as GitHub workflow commands, which appear beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterable

from .diagnostic import Cell, Diagnostic, catalogue
from .positions import in_order, region
from .text import Span


def render_github(diagnostics: Iterable[Diagnostic]) -> str:
    """Return a line `::error file=…,line=…,endLine=…,col=…,title=…::message` (or `::warning`) per diagnostic.

    GitHub refuses columns for a place that covers several lines, so these have none. The reasons and the remedy follow
    the message on lines of their own.

    Raises:
        KeyError: A slug is not in the catalogue.
    """
    return "".join(f"{_command(item)}\n" for item in in_order(diagnostics))


def _command(item: Diagnostic) -> str:
    properties = {**_place(item), "title": f"{item.code} {catalogue()[item.slug].title}"}
    text = "\n".join([_message(item), *(f"{label.span.place}: {label.text}" for label in item.why), item.remedy])
    said = ",".join(f"{name}={_escaped_property(str(value))}" for name, value in properties.items())
    return f"::{item.severity} {said}::{_escaped(text.rstrip())}"


def _place(item: Diagnostic) -> dict[str, str | int]:
    match item.where:
        case Span() as span:
            place = region(span)
            lines: dict[str, str | int] = {"file": place.file, "line": place.line, "endLine": place.end_line}
            return lines if place.line != place.end_line else {**lines, "col": place.column}
        case Cell() as cell:
            return {"file": cell.file}
    return {}


def _message(item: Diagnostic) -> str:
    """Return the message. For data it includes the row and column, for which GitHub has no property."""
    return f"{item.place}: {item.message}" if isinstance(item.where, Cell) else item.message


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped_property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
