"""Decisions are read in git and in terminals: their lines are short."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import DOCS

_MOST = 100


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("*.md")), ids=lambda page: page.stem)
def test_no_line_is_longer_than_a_terminal(page: Path) -> None:
    """Rows of tables and formulas, which cannot be broken, may be longer."""
    lines = page.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > _MOST and not line.startswith(("|", "    "))] == []
