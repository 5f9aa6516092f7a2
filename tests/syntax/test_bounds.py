"""Reading text of any shape takes seconds, and ends with messages."""

from time import process_time

import pytest

from spmlang.diagnostics.terminal import render_terminal
from spmlang.diagnostics.text import SourceText
from spmlang.syntax.lower import lower
from spmlang.syntax.parse import parse

pytestmark = pytest.mark.slow

SIZE = 400_000
PLAN = 'plan rep version 1 {\n  effective from 2025-01-01\n  for payee.role == "rep"\n  currency USD\n'
BONUS = PLAN + "  bonus base {\n    pays "

SHAPES = {
    "one word": "x" * SIZE,
    "a long line": "x " * (SIZE // 2),
    "tiny statements": PLAN + "x\n" * (SIZE // 2),
    "tiny items": "x\n" * (SIZE // 2),
    "comment signs": PLAN + "  r" + "#0" * 10_000 + "\n}\n",
    "comments": "# a comment\n" * (SIZE // 12),
    "open parentheses": BONUS + "(" * SIZE,
    "nested parentheses": BONUS + "(" * (SIZE // 2) + "1" + ")" * (SIZE // 2) + "\n  }\n}\n",
    "open braces": "{" * SIZE,
    "closing braces": "}" * SIZE,
    "closing braces on lines": "}\n" * (SIZE // 2),
    "a long sum": BONUS + "1 + " * (SIZE // 4) + "1\n  }\n}\n",
    "digits": BONUS + "9" * SIZE,
    "grouped digits": BONUS + "9_" * (SIZE // 2) + "x",
    "blanks within lines": PLAN + ("x" + " " * 900 + "x\n") * (SIZE // 2_000),
    "signs": PLAN + ("= " * 950 + "\n") * 20,
    "calls": PLAN + ("MIN(a," * 300 + "\n") * 20,
    "quotes": '"' * SIZE,
    "hidden characters": "\u200b" * SIZE,
    "members": BONUS + "a" + ".b" * (SIZE // 2),
    "blank lines": "measure m" + "\n" * SIZE + "{",
    "a header of blanks": "measure m" + " " * SIZE + "x",
    "headers without braces": "measure m\n  sum a.b\n" * (SIZE // 20),
    "parameters": "template t(" + "a,\n" * (SIZE // 3),
    "too long": "# " * 1_500_000,
}


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_a_text_of_any_shape_is_read_within_seconds(text: str) -> None:
    start = process_time()
    parsed = parse(SourceText("a.spm", text))
    told = render_terminal([*parsed.diagnostics, *lower(parsed)[1]])
    assert process_time() - start < 15
    assert len(told) < 200_000
    assert ("# " in text) or told


UNITS = [
    *"\"#{}()[],.:;=+-*/%$€<>!&|'`_@~^?\\•–",
    "a, ",
    "A ",
    "a or ",
    '"a", ',
    "000,",
    "000.",
    "$1 ",
    "1% ",
    "up to 1 ",
    "12/",
]
HEADS = {"an item": "", "a statement": PLAN + "  r", "a value": BONUS + "5% of a ", "a header": PLAN + "  component x "}


@pytest.mark.parametrize(("head", "size"), [*((head, 20_000) for head in HEADS.values()), (HEADS["a value"], 1_900)])
def test_a_line_of_one_sign_is_read_at_once(head: str, size: int) -> None:
    """No pattern tries a line in more ways than it has characters."""
    for unit in UNITS:
        for sign in (unit, f"{unit}0"):
            start = process_time()
            parsed = parse(SourceText("a.spm", head + sign * (size // len(sign)) + "\n"))
            lower(parsed)
            assert process_time() - start < 4, sign
