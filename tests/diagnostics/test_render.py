"""Diagnostics at a terminal and as JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spmlang.diagnostics.diagnostic import Cell, Diagnostic, Label
from spmlang.diagnostics.terminal import render_json, render_terminal, summary
from spmlang.diagnostics.text import SourceText, Span
from tests.conftest import Accept

from .cases import ALL, DATA, MANY_LINES, ONE_LINE, PLAN, problem, span

HERE = Path(__file__).parent


def test_terminal(accept: Accept) -> None:
    accept(render_terminal(ALL, width=80, color=False), HERE / "terminal.expected")


def test_json(accept: Accept) -> None:
    accept(render_json(ALL), HERE / "json.expected")


def test_nothing_to_say() -> None:
    assert render_terminal([], width=80, color=False) == ""
    assert json.loads(render_json([])) == []


@pytest.mark.parametrize(
    ("diagnostics", "expected"),
    [
        ([], ""),
        ([ONE_LINE], "1 error"),
        ([MANY_LINES], "1 warning"),
        ([MANY_LINES, ONE_LINE, DATA], "2 errors, 1 warning"),
        ([MANY_LINES, MANY_LINES], "2 warnings"),
    ],
)
def test_summary(diagnostics: list[Diagnostic], expected: str) -> None:
    assert summary(diagnostics) == expected


def test_color_changes_nothing_else() -> None:
    colored = render_terminal(ALL, width=80, color=True)
    assert "\x1b[1;31merror[SPM101]\x1b[0m" in colored
    assert "\x1b[1;33mwarning[SPM103]\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == render_terminal(ALL, width=80, color=False)


def shown(source: str, start: int, *, end: int, label: str = "", width: int = 60) -> str:
    """What the terminal shows of a span, between the place and the remedy."""
    where = Span(SourceText("a.spm", source), start, end)
    why = (Label(where, label),) if label else ()
    text = render_terminal(
        [problem("unexpected", "SPM101", message="Wrong.", remedy="", where=None if why else where, why=why)],
        width,
        False,
    )
    return "\n".join(text.split("\n")[3:-3])


@pytest.mark.parametrize(
    ("source", "start", "end", "expected"),
    [
        (
            "\tsum\torders\n",
            5,
            11,
            """
1 |     sum orders
  |         ^^^^^^""",
        ),
        (
            "客户 orders\n",
            3,
            9,
            """
1 | 客户 orders
  |      ^^^^^^""",
        ),
        (
            'label "客户"\n',
            6,
            10,
            """
1 | label "客户"
  |       ^^^^^^""",
        ),
        (
            "e\u0301 x\n",
            3,
            4,
            """
1 | e\u0301 x
  |   ^""",
        ),
        (
            "plan x {\n",
            9,
            9,
            """
2 |
  | ^""",
        ),
        (
            "plan x {",
            8,
            8,
            """
1 | plan x {
  |         ^""",
        ),
        (
            "plan x {\r\n}\r\n",
            5,
            11,
            """
1 | plan x {
  |      ^^^
2 | }
  | ^""",
        ),
        (
            "plan x {\n  a\n  b\n}\n",
            7,
            18,
            """
1 | plan x {
  |        ^
...
4 | }
  | ^""",
        ),
        (
            "x \x1b[31m y\n",
            8,
            9,
            """
1 | x \ufffd[31m y
  |         ^""",
        ),
        (
            "pays " + "a + " * 30 + "b\n",
            125,
            126,
            """
1 | …+ a + a + a + a + a + a + a + a + a + a + a + a + a + b
  |                                                        ^""",
        ),
        (
            "pays " + "a + " * 30 + "b\n",
            5,
            126,
            """
1 | pays a + a + a + a + a + a + a + a + a + a + a + a + a …
  |      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^""",
        ),
        (
            "客" * 100 + "x" + "户" * 100 + "\n",
            100,
            101,
            """
1 | …客客客客客客客客客客客客客客客客客客x户户户户户户户户…
  |                                      ^""",
        ),
    ],
)
def test_a_span_is_underlined(source: str, start: int, end: int, expected: str) -> None:
    assert shown(source, start, end=end) == expected.removeprefix("\n")


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (
            "it is declared here",
            """
1 | measure bookings in USD {
  |         -------- it is declared here""",
        ),
        (
            "it is declared here, a long time before, and nobody has changed it since",
            """
1 | measure bookings in USD {
  |         --------
  | it is declared here, a long time before, and nobody has
  | changed it since""",
        ),
    ],
)
def test_a_reason_stands_after_its_underline(label: str, expected: str) -> None:
    assert shown("measure bookings in USD {\n", 8, end=16, label=label) == expected.removeprefix("\n")


def test_long_texts_are_wrapped_at_the_width() -> None:
    item = problem(
        "unexpected", "SPM101", message="This is wrong. " * 9, remedy="Write it anew. " * 9, where=span(PLAN, "base")
    )
    expected = """\
error[SPM101]: This is wrong. This is wrong. This is wrong.
  This is wrong. This is wrong. This is wrong. This is
  wrong. This is wrong. This is wrong.
 --> plans/account executive.spm:3:14
  |
3 |   commission base {
  |              ^^^^
  |
  = remedy: Write it anew. Write it anew. Write it anew.
    Write it anew. Write it anew. Write it anew. Write it
    anew. Write it anew. Write it anew.

1 error
"""
    assert render_terminal([item], width=60, color=False) == expected


_SOURCES = st.text(st.sampled_from("ab {}\t\n\r客\u0301\x1b\U0001f600"), max_size=60)


@given(_SOURCES, st.data(), st.integers(1, 120))
def test_any_span_can_be_shown(source: str, data: st.DataObject, width: int) -> None:
    start, end = sorted(data.draw(st.tuples(*[st.integers(0, len(source))] * 2)))
    where = Span(SourceText("a.spm", source), start, end)
    item = problem(
        "unexpected", "SPM101", message="Wrong.", remedy="Mend it.", where=where, why=(Label(where, "because"),)
    )
    text = render_terminal([item], width, color=False)
    assert text.count("^") >= 1
    assert text.count("-->") == text.count("because") == 1
    assert "\x1b" not in text


def test_a_cell_shows_what_is_known_of_its_place() -> None:
    cells = [Cell("deals.csv"), Cell("deals.csv", 5), Cell("deals.csv", column="amount")]
    text = render_terminal(
        [problem("data-empty", "SPM510", message="Empty.", remedy="", where=cell) for cell in cells], 80, False
    )
    assert re.findall("--> (.*)", text) == ["deals.csv", "deals.csv, column amount", "deals.csv, row 5"]
