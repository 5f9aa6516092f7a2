"""Good text is parsed without Lark: to the tree that Lark makes of it. Of bad text Lark says what is wrong."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from spmlang.diagnostics.text import SourceText
from spmlang.syntax import slow_parser
from spmlang.syntax.fast_parser import TooDeep, parse_good_item
from spmlang.syntax.grammar import reserved_words
from spmlang.syntax.missing_braces import insert_missing_braces
from spmlang.syntax.split_items import split
from spmlang.syntax.tree import ParseBudget

ROOT = Path(__file__).parents[2]
FILES = sorted([*ROOT.glob("plans/**/*.spm"), *ROOT.glob("stdlib/*.spm"), *ROOT.glob("tests/**/*.spm")])
PIECES = [
    *sorted(reserved_words()),
    ".",
    "-",
    "(",
    ")",
    "{",
    "}",
    "\n",
    "# x\n",
    "1",
    "1.5%",
    ".tiers",
    "so far",
    "x",
    "X",
    "\ufeff",
]


def agree(source: SourceText) -> None:
    """Lark finds nothing wrong with an item where there is a tree, and makes the same one."""
    for raw in split(source, insert_missing_braces(source, source.text)[0])[0]:
        if not raw.text.edits:
            try:
                tree = parse_good_item(raw.text.text, raw.start)
            except TooDeep:
                tree = None
            by_lark, problems, readable = slow_parser.parse_item(source, raw, ParseBudget())
            assert (tree is None) == bool(problems or not readable), raw.text
            assert tree is None or tree == by_lark, raw.text


@pytest.mark.parametrize("folder", sorted({file.relative_to(ROOT).parts[:2] for file in FILES}))
def test_files(folder: tuple[str, ...]) -> None:
    for file in FILES:
        if file.relative_to(ROOT).parts[:2] == folder:
            agree(SourceText(file.name, file.read_text("utf-8", errors="replace")))


@pytest.mark.parametrize("seed", range(8))
def test_files_with_a_piece_more_or_less(seed: int) -> None:
    draw = random.Random(seed)
    texts = [file.read_text("utf-8") for file in ROOT.glob("plans/trailhead_outdoor/*.spm")]
    for _ in range(30):
        text = draw.choice(texts)
        at = draw.randrange(len(text))
        cut = text[at:].lstrip("abcdefghijklmnopqrstuvwxyz_0123456789")
        agree(
            SourceText(
                "a.spm", text[:at] + draw.choice(["", " ", f" {draw.choice(PIECES)} "]) + draw.choice([text[at:], cut])
            )
        )


def deep(levels: int) -> SourceText:
    return SourceText("a.spm", "measure m {\n  sum " + "(" * levels + "1" + ")" * levels + " + 1" * levels + "\n}\n")


def test_what_is_too_deep_is_so_for_lark() -> None:
    for levels in (10, 60, 70, 75, 80, 400):
        agree(deep(levels))


def test_a_long_list_is_not_deep() -> None:
    states = ", ".join(f'"{number}"' for number in range(1_000))
    text = f"territory t of c {{\n  covers state in ({states})\n}}"
    assert parse_good_item(text, 0) is not None


def test_good_text_is_parsed_without_lark() -> None:
    program = (
        "import sys; from spmlang.diagnostics.text import SourceText; from spmlang.syntax.parse import parse; "
        "assert not parse(SourceText('a.spm', 'use std.calendar_year')).diagnostics; assert 'lark' not in sys.modules"
    )
    for _ in range(2):  # the first time the tables may be made
        done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
