"""Each `pairs/NAME.spm` is formatted into `pairs/NAME.expected`. Write the expected files anew with `pytest --accept`."""

from __future__ import annotations

from pathlib import Path

import pytest

from spmlang.diagnostics.text import SourceText
from spmlang.format.api import format_text
from tests.conftest import Accept

PAIRS = sorted((Path(__file__).parent / "pairs").glob("*.spm"))


@pytest.mark.parametrize("path", PAIRS, ids=lambda path: path.stem)
def test_pair(path: Path, accept: Accept) -> None:
    text, problems = format_text(SourceText(path.name, path.read_bytes().decode("utf-8")))
    assert problems == []
    assert text is not None
    accept(text, path.with_suffix(".expected"))


def test_a_byte_order_mark_and_windows_line_ends_are_dropped() -> None:
    source = SourceText("windows.spm", "\ufeffcalendar c {\r\n\tpay monthly # paid\r\n}\r\n\r\n\r\n")
    assert format_text(source) == ("calendar c {\n  pay monthly  # paid\n}\n", [])


def test_a_file_with_syntax_errors_is_left_alone() -> None:
    text, problems = format_text(SourceText("bad.spm", "use shared\nuse 5\n"))
    assert text is None
    assert [(problem.slug, problem.place) for problem in problems] == [("unexpected", "bad.spm:2:5")]
