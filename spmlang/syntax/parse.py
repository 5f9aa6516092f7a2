"""Parse the text of a plan file into its lossless tree.

A statement that cannot be read is reported and cut out, and the rest is parsed again.
"""

from __future__ import annotations

import re
from itertools import islice

from spmlang.diagnostics.diagnostic import Diagnostic, diagnose
from spmlang.diagnostics.hidden_characters import hidden_in, without_hidden
from spmlang.diagnostics.text import SourceText, Span

from .fast_parser import TooDeep, parse_good_item
from .foreign_spelling import find_misleading_phrase
from .missing_braces import insert_missing_braces, read_as_outline, with_plain_braces
from .patched_text import Patched
from .split_items import RawItem, split
from .tree import DEEPEST, Item, Node, ParseBudget, Parsed

#: The most hidden characters reported of a file, because one cause, such as a wrong encoding, makes thousands.
_MOST_HIDDEN = 20
#: The most characters of a file. One of the largest known projects has 3,000,000 in a hundred files.
_LONGEST = 2_000_000
#: The most problems of a file for which repairs are tried. A file with more is probably no plan.
_MOST_REPAIRED = 200
_DECLARED = re.compile(r"\w+[ \t]+([a-z][a-z0-9_]*)")


def parse(source: SourceText) -> Parsed:
    """Parse one file. Bad text raises no error; all problems are in `diagnostics` of the result."""
    if len(source.text) > _LONGEST:
        return Parsed(source, (), (), (diagnose("file-too-long", Span(source, 0, 1), most=_LONGEST),))
    unseen = [
        diagnose("hidden-character", Span(source, found.offset, found.offset + 1), shown=found.shown)
        for found in islice(hidden_in(source.text), _MOST_HIDDEN)
    ]
    if unseen:
        source = SourceText(source.path, without_hidden(source.text))
    text, problems = with_plain_braces(source)
    budget = ParseBudget()
    whole, missing = insert_missing_braces(source, text)
    parsed = _parsed(source, whole, [*unseen, *problems, *missing], budget)
    outline = read_as_outline(source, text) if parsed.diagnostics and budget.left > 0 else None
    if outline is None:
        return parsed
    whole, problem = outline
    better = _parsed(source, whole, [*unseen, *problems, problem], budget)
    return better if len(better.diagnostics) < len(parsed.diagnostics) else parsed


def _parsed(source: SourceText, whole: Patched, problems: list[Diagnostic], budget: ParseBudget) -> Parsed:
    """Parse a text with the braces that were inserted.

    Args:
        source: The file as written.
        whole: Its text with the inserted braces.
        problems: The diagnostics of hidden characters and braces; more are added.
        budget: The characters that may still be parsed.
    """
    raw_items, found = split(source, whole)
    problems += found
    items: list[Item] = []
    undeclared: list[str] = []
    for at, raw in enumerate(raw_items):
        if budget.left <= 0:
            problems.append(diagnose("too-many-mistakes", Span(source, raw.start, raw.start + 1)))
            undeclared += [
                declared.group(1) for other in raw_items[at:] if (declared := _DECLARED.match(other.text.text))
            ]
            break
        node, found, readable = _parse_item(source, raw, budget, with_repairs=len(problems) < _MOST_REPAIRED)
        problems += found
        if node is not None and readable:
            items.append(Item(node, damaged=bool(found or raw.text.edits)))
        else:
            declared = _DECLARED.match(raw.text.text)
            undeclared += [declared.group(1)] if declared else []
    problems.sort(key=lambda item: item.where.start if isinstance(item.where, Span) else 0)
    return Parsed(source, tuple(items), tuple(undeclared), tuple(problems))


def _parse_item(
    source: SourceText, raw: RawItem, budget: ParseBudget, *, with_repairs: bool
) -> tuple[Node | None, list[Diagnostic], bool]:
    """Parse one item.

    Returns:
        The item's tree or None, its diagnostics, and True if its header is readable.
    """
    try:
        node = (
            None
            if raw.text.edits or find_misleading_phrase(raw.text.text)
            else parse_good_item(raw.text.text, raw.start)
        )
    except TooDeep:
        return None, [diagnose("too-deep", Span(source, raw.start, raw.start + 1), most=DEEPEST)], False
    if node is not None:
        return node, [], True
    from .slow_parser import parse_item  # imported here because it imports Lark, which good text does not need

    return parse_item(source, raw, budget, with_repairs=with_repairs)
