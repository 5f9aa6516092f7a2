"""Regions, and the order of diagnostics."""

from __future__ import annotations

import pytest

from spmlang.diagnostics.positions import in_order, region
from spmlang.diagnostics.text import SourceText, Span

from .cases import ALL, IN_ORDER


@pytest.mark.parametrize(
    ("text", "start", "end", "expected"),
    [
        ("one\ntwo\n", 4, 7, (2, 1, 2, 4)),
        ("one\ntwo\n", 4, 8, (2, 1, 2, 4)),  # the line end does not count
        ("one\r\ntwo\r\n", 0, 10, (1, 1, 2, 4)),
        ("one\ntwo\n", 1, 6, (1, 2, 2, 3)),
        ("one\ntwo\n", 8, 8, (3, 1, 3, 1)),  # the end of a file that ends its last line
        ("one\ntwo", 7, 7, (2, 4, 2, 4)),
        ("", 0, 0, (1, 1, 1, 1)),
        ("客户\U0001f600x\n", 3, 4, (1, 4, 1, 5)),  # code points, neither bytes nor terminal columns
    ],
)
def test_region(text: str, start: int, end: int, expected: tuple[int, int, int, int]) -> None:
    place = region(Span(SourceText("a.spm", text), start, end))
    assert (place.line, place.column, place.end_line, place.end_column) == expected


def test_diagnostics_stand_in_the_order_of_files_and_positions() -> None:
    assert in_order(ALL) == in_order(reversed(ALL)) == IN_ORDER
