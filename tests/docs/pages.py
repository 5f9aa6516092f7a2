"""Markdown pages as the tests see them: fenced blocks with their marks, headings, links."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"

#: Folders that hold no pages of the project.
_NOT_OURS = re.compile(r"^(\.|out$|build$|dist$|node_modules$|__pycache__$|venv$)")

_FENCE = re.compile(r"(?P<indent> *)(?P<ticks>`{3,})(?P<language>[\w-]*) *")
_MARK = re.compile(r"<!-- (?P<kind>file|add|edit|shows|not run): (?P<what>.+?)(, columns (?P<columns>[\w ]+))? -->")
_CODE = re.compile(r"`[^`\n]+`")
_LINK = re.compile(r"!?\[[^\]]*\]\(<?([^)\s>]+)>?\)")
_HEADING = re.compile(r"#{1,6} +(.+?) *#*")


@dataclass(frozen=True, kw_only=True)
class Block:
    """A fenced block: the lines `first` to `end` (from 0, without the fences) of its page, and the mark before it.

    `columns` names the columns of a table that the block shows. A block without them shows the whole file.
    """

    page: Path
    language: str
    first: int
    end: int
    text: str
    mark: str | None = None
    what: str = ""
    columns: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{os.path.relpath(self.page, ROOT)}:{self.first + 1}"


@cache
def all_pages() -> tuple[Path, ...]:
    """Every Markdown file of the project, sorted."""
    found = []
    for folder, below, files in os.walk(ROOT):
        below[:] = sorted(name for name in below if not _NOT_OURS.match(name))
        found += [Path(folder, name) for name in files if name.endswith(".md")]
    return tuple(sorted(found))


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order. Raises ValueError for one that is not closed."""
    return blocks_of(page, page.read_text(encoding="utf-8"))


def blocks_of(page: Path, text: str) -> Iterator[Block]:
    """The fenced blocks of a text that stands (or would stand) in a page."""
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        fence = _FENCE.fullmatch(lines[number])
        if fence is None:
            number += 1
            continue
        first = number + 1
        closing = fence["indent"] + fence["ticks"]
        end = next((index for index in range(first, len(lines)) if lines[index].rstrip() == closing), None)
        if end is None:
            raise ValueError(f"{page}:{first}: the block is not closed")
        before = _MARK.fullmatch(lines[number - 1].strip()) if number else None
        kind, what, columns = (before["kind"], before["what"], before["columns"] or "") if before else (None, "", "")
        body = "".join(line.removeprefix(fence["indent"]) + "\n" for line in lines[first:end])
        yield Block(
            page=page,
            language=fence["language"],
            first=first,
            end=end,
            text=body,
            mark=kind,
            what=what,
            columns=tuple(columns.split()),
        )
        number = end + 1


def with_blocks_replaced(page: Path, changed: dict[Block, str]) -> str:
    """The page's text with the content of some blocks replaced."""
    lines = page.read_text(encoding="utf-8").split("\n")
    for block in sorted(changed, key=lambda block: block.first, reverse=True):
        lines[block.first : block.end] = changed[block].removesuffix("\n").split("\n")
    return "\n".join(lines)


def prose(page: Path) -> list[tuple[int, str]]:
    """The lines outside fenced blocks with their numbers from 1."""
    inside = {number for block in blocks(page) for number in range(block.first - 1, block.end + 1)}
    lines = page.read_text(encoding="utf-8").split("\n")
    return [(number + 1, line) for number, line in enumerate(lines) if number not in inside]


def links(page: Path) -> Iterator[tuple[int, str]]:
    """Every link of a page with its line number; what stands in `code` is no link."""
    for number, line in prose(page):
        for match in _LINK.finditer(_CODE.sub("code", line)):
            yield number, match[1]


@cache
def anchors(page: Path) -> frozenset[str]:
    """The names under which the headings of a page can be linked to."""
    found: dict[str, int] = {}
    names = set()
    for _, line in prose(page):
        heading = _HEADING.fullmatch(line)
        if heading:
            words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading[1]).lower()
            name = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
            again = found.get(name, 0)
            found[name] = again + 1
            names.add(f"{name}-{again}" if again else name)
    return frozenset(names)
