"""Mistakes of one file stay independent: what is wrong in a block's header hides nothing inside, and a mended line is read on."""

from __future__ import annotations

import pytest

from spmlang.diagnostics.text import SourceText, Span
from spmlang.syntax.parse import parse

BLOCK = """\
plan rep version 1 {
  effective from 2024-01-01
  bonus 5 {
    every month
    pays 5,5% of bookings
  }
  commission Base {
    on bookings
    tiers by attainment, marginal
      0% - 50% : 2%
      50%+ : 3 %
    }
    cap $500 per year
  }
}
"""
HEADER = """\
measure 5x {
  sum orders.amount;
  where orders.state in "A", "B"
}
quota x {
  from targets every quarter
}
"""


@pytest.mark.parametrize(
    ("text", "lines"), [(BLOCK, [3, 4, 5, 7, 9, 10, 11, 11, 13, 13]), (HEADER, [1, 2, 3, 6])], ids=["blocks", "headers"]
)
def test_every_mistake_is_told_in_its_line(text: str, lines: list[int]) -> None:
    found = parse(SourceText("a.spm", text)).diagnostics
    assert [problem.where.line for problem in found if isinstance(problem.where, Span)] == lines


def test_an_edit_changes_no_other_place() -> None:
    source = SourceText("a.spm", HEADER)
    fixes = [problem.fix for problem in parse(source).diagnostics if problem.fix is not None]
    assert [fix.span.line for fix in fixes] == [2, 3, 6]
    assert fixes[-1].applied().startswith(HEADER[: HEADER.index("every") - 1])
