"""Show diagnostics as SARIF 2.1.0 (OASIS), for code-scanning dashboards."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import quote

from .diagnostic import Cell, Diagnostic, catalogue
from .positions import in_order, region
from .text import Span

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"

_Json = dict[str, object]


def render_sarif(diagnostics: Iterable[Diagnostic], version: str) -> str:
    """Return a log with one run of this tool; its rules are the catalogue's entries that occur.

    Columns are code points from 1. A place in data has no region; its row and column are given in words.

    Args:
        diagnostics: The diagnostics of the run.
        version: The version of this tool.

    Raises:
        KeyError: A slug is not in the catalogue.
    """
    items = in_order(diagnostics)
    slugs = sorted({item.slug for item in items}, key=lambda slug: catalogue()[slug].code)
    run = {
        "tool": {"driver": {"name": "spmlang", "version": version, "rules": [_rule(slug) for slug in slugs]}},
        "columnKind": "unicodeCodePoints",
        "results": [_result(item, slugs.index(item.slug)) for item in items],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _rule(slug: str) -> _Json:
    wording = catalogue()[slug]
    explain = wording.explain.strip()
    return {
        "id": wording.code,
        "name": slug.title().replace("-", ""),
        "shortDescription": {"text": wording.title},
        "fullDescription": {"text": explain},
        "help": {"text": explain, "markdown": explain},
        "defaultConfiguration": {"level": wording.severity},
    }


def _result(item: Diagnostic, rule: int) -> _Json:
    result: _Json = {
        "ruleId": item.code,
        "ruleIndex": rule,
        "level": item.severity,
        "message": {"text": f"{item.message}\n{item.remedy}".rstrip()},
    }
    match item.where:
        case Span() as span:
            result["locations"] = [{"physicalLocation": _physical(span)}]
        case Cell() as cell:
            file = {"artifactLocation": {"uri": _uri(cell.file)}}
            result["locations"] = [{"physicalLocation": file, "message": {"text": cell.place}}]
    if item.fix is not None:
        place = _physical(item.fix.span)
        replacement = {"deletedRegion": place["region"], "insertedContent": {"text": item.fix.text}}
        change = {"artifactLocation": place["artifactLocation"], "replacements": [replacement]}
        result["fixes"] = [{"description": {"text": item.remedy}, "artifactChanges": [change]}]
    if item.why:
        result["relatedLocations"] = [
            {"id": number, "message": {"text": label.text}, "physicalLocation": _physical(label.span)}
            for number, label in enumerate(item.why)
        ]
    return result


def _physical(span: Span) -> _Json:
    place = region(span)
    return {
        "artifactLocation": {"uri": _uri(place.file)},
        "region": {
            "startLine": place.line,
            "startColumn": place.column,
            "endLine": place.end_line,
            "endColumn": place.end_column,
        },
    }


def _uri(path: str) -> str:
    """Return the path as a URI: a relative path unchanged, an absolute one (`/home/…`, `C:/…`) with `file:`."""
    if re.match(r"[A-Za-z]:/", path):
        return f"file:///{quote(path, safe='/:')}"
    return f"file://{quote(path)}" if path.startswith("/") else quote(path)
