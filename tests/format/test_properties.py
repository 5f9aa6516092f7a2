"""Whatever the file: formatting keeps every word, every comment and the meaning, and formatting twice changes nothing."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings

from spmlang.diagnostics.text import SourceText
from spmlang.format.api import format_text
from spmlang.syntax.lower import lower
from spmlang.syntax.parse import parse
from tests.strategies.plan_files import plan_files

pytestmark = pytest.mark.properties


def formatted(text: str) -> str:
    result, problems = format_text(SourceText("any.spm", text))
    assert problems == []
    assert result is not None
    return result


@settings(max_examples=150)
@given(plan_files())
def test_words_comments_and_meaning_are_kept(text: str) -> None:
    result = formatted(text)
    before, after = parse(SourceText("any.spm", text)), parse(SourceText("any.spm", result))
    assert [token.kind for token in after.tokens()] == [token.kind for token in before.tokens()]
    assert re.sub(r"\s|#", "", result) == re.sub(r"\s|#", "", text)
    assert lower(after)[0] == lower(before)[0]


@settings(max_examples=100)
@given(plan_files())
def test_formatting_twice_changes_nothing(text: str) -> None:
    once = formatted(text)
    assert formatted(once) == once


@settings(max_examples=100)
@given(plan_files())
def test_blanks_are_in_order(text: str) -> None:
    lines = formatted(text).split("\n")
    assert lines.pop() == ""
    assert all(line == line.rstrip() for line in lines)
    assert "" not in lines[:1] + lines[-1:]
    for above, line in pairwise(lines):
        assert above or line, "never two empty lines"
        if not above:
            assert not line.lstrip().startswith("}")
        if not line:
            assert not re.match(r"[^#]*\{(  #.*)?$", above)
