"""Plan text in pages: `spm` blocks are plan files and `spm-part` pieces of one, in the one layout; `spm-wrong` is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import DOCS, ROOT, Block, all_pages, blocks
from tests.docs.snippets import as_file, checked, formatted, mistakes, put_beside

_GENERATED = DOCS / "errors"  # made from the messages, which have their own test


def _snippets(language: str) -> list[Block]:
    pages = [page for page in all_pages() if page.parent != _GENERATED and "tests" not in page.relative_to(ROOT).parts]
    return [block for page in pages for block in blocks(page) if block.language == language]


@pytest.mark.parametrize("block", _snippets("spm"), ids=str)
def test_a_snippet_is_plan_text_in_the_one_layout(block: Block) -> None:
    assert mistakes(block.text, str(block)) == []
    assert formatted(block.text) == block.text


@pytest.mark.parametrize("block", _snippets("spm-part"), ids=str)
def test_a_part_can_stand_in_a_declaration_in_the_one_layout(block: Block) -> None:
    text = as_file(block.text)
    assert text is not None, "it can stand nowhere"
    assert formatted(text) == text


@pytest.mark.parametrize("block", _snippets("spm-wrong"), ids=str)
def test_a_wrong_snippet_is_wrong_and_not_only_for_want_of_names(block: Block, tmp_path: Path) -> None:
    if not mistakes(block.text):
        put_beside(block.text, tmp_path / "project")
        codes = checked(tmp_path / "project")
        assert codes
        assert not any(code.startswith("SPM2") for code in codes)


def test_there_are_snippets() -> None:
    assert len(_snippets("spm")) > 10
    assert len(_snippets("spm-part")) > 10
