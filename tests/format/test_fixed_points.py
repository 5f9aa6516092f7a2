"""Every plan file of the house, and every example in its documents, is formatted already."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spmlang.diagnostics.diagnostic import catalogue
from spmlang.diagnostics.text import SourceText
from spmlang.format.api import format_text

ROOT = Path(__file__).parents[2]
FILES = sorted(path for folder in ("plans", "stdlib") for path in (ROOT / folder).rglob("*.spm"))
BLOCK = re.compile(r"^```spm\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks() -> list[tuple[str, str]]:
    """Where it stands and the text, for each ```spm block of docs/ and of the explanations of messages."""
    pages = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").rglob("*.md"))
    }
    pages |= {slug: wording.explain for slug, wording in catalogue().items()}
    return [
        (f"{page}:{number}", text) for page, body in pages.items() for number, text in enumerate(BLOCK.findall(body), 1)
    ]


def assert_formatted(place: str, text: str) -> None:
    formatted, problems = format_text(SourceText(place, text))
    assert problems == []
    assert (formatted or "").splitlines() == text.splitlines(), "run `spm fmt` on it"
    assert formatted == text


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_plan_file_is_formatted(path: Path) -> None:
    assert_formatted(path.name, path.read_bytes().decode("utf-8"))


@pytest.mark.parametrize(("place", "text"), blocks(), ids=[place for place, _ in blocks()])
def test_example_in_a_document_is_formatted(place: str, text: str) -> None:
    assert_formatted(place, text)
