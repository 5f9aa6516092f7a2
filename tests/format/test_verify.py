"""The proof refuses a text that says something else; without it the formatter writes nothing."""

from __future__ import annotations

import pytest

from spmlang.diagnostics.text import SourceText
from spmlang.format.verify import difference
from spmlang.syntax.parse import parse

BEFORE = "measure m {\n  sum orders.a or   else 0 * 2  # twice\n}\n"


@pytest.mark.parametrize(
    ("after", "what"),
    [
        ("measure m { sum orders.a or else 0 * 2 #twice\n}", None),
        ("measure m {\n  sum orders.a or else 0 * 3  # twice\n}\n", "its words"),
        ("measure m {\n  sum orders.a or else 0\n}\n", "its words"),
        ("measure m {\n  sum orders.a or else 0 * 2\n}\n", "its comments"),
        ("measure m {\n  sum orders.a or else 0 * 2  # thrice\n}\n", "its comments"),
    ],
)
def test_what_is_lost(after: str, what: str | None) -> None:
    assert difference(parse(SourceText("before.spm", BEFORE)), parse(SourceText("after.spm", after))) == what


def test_a_string_keeps_its_blanks() -> None:
    before, after = 'use a\ncalendar c {\n}\nexample "a  b" {\n}\n', 'use a\ncalendar c {\n}\nexample "a b" {\n}\n'
    assert difference(parse(SourceText("before.spm", before)), parse(SourceText("after.spm", after))) == "its words"
