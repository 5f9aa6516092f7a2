"""A file's text to its lossless tree. A statement that cannot be read is reported, cut out, and the rest is read again."""

from __future__ import annotations

import re

from spmlang.source.diagnostics import Diagnostic
from spmlang.source.text import SourceText, Span

from .driving import parse_good_item
from .items import RawItem, split
from .tree import Item, Node, Parsed

#: After so many mistakes in a file it is no plan, and nobody needs to know what was meant by each.
_MOST_MENDED = 200
_DECLARED = re.compile(r"\w+[ \t]+([a-z][a-z0-9_]*)")


def parse(source: SourceText) -> Parsed:
    """Parse one file. Never raises for bad text: everything wrong is in `diagnostics`."""
    raw_items, problems = split(source)
    items: list[Item] = []
    lost: list[str] = []
    for raw in raw_items:
        node, found, readable = _parse_item(source, raw, mends=len(problems) < _MOST_MENDED)
        problems += found
        if node is not None and readable:
            items.append(Item(node, damaged=bool(found or raw.text.edits)))
        else:
            declared = _DECLARED.match(raw.text.text)
            lost += [declared.group(1)] if declared else []
    problems.sort(key=lambda item: item.where.start if isinstance(item.where, Span) else 0)
    return Parsed(source, tuple(items), tuple(lost), tuple(problems))


def _parse_item(source: SourceText, raw: RawItem, *, mends: bool) -> tuple[Node | None, list[Diagnostic], bool]:
    """The item's tree, what is wrong with it, and whether its header could be read."""
    node = None if raw.text.edits else parse_good_item(raw.text.text, raw.start)
    if node is not None:
        return node, [], True
    from .mending import parse_item  # only now: it imports Lark, which good text does not need

    return parse_item(source, raw, mends=mends)
