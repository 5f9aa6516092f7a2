"""The tokens and the text between them give the file back; between them there are only blanks and comments."""

from __future__ import annotations

import re

from hypothesis import given, settings

from spmlang.diagnostics.text import SourceText
from spmlang.syntax.parse import parse
from spmlang.syntax.tree import Node, Token
from tests.strategies.plan_files import plan_files

GAP = re.compile(r"(?:[ \t\r\n\ufeff]|#[^\n]*)*")


@settings(max_examples=150)
@given(plan_files())
def test_tokens_and_gaps_give_the_file_back(text: str) -> None:
    parsed = parse(SourceText("any.spm", text))
    assert parsed.diagnostics == ()
    end, gaps, rebuilt = 0, list[str](), ""
    for token in parsed.tokens():
        gaps.append(text[end : token.start])
        rebuilt += gaps[-1] + token.text
        end = token.end
    gaps.append(text[end:])
    assert rebuilt + gaps[-1] == text
    assert [gap for gap in gaps if not GAP.fullmatch(gap)] == []


@settings(max_examples=50)
@given(plan_files())
def test_a_node_spans_its_children(text: str) -> None:
    def check(node: Node | Token) -> None:
        if isinstance(node, Node):
            assert (node.start, node.end) == (node.children[0].start, node.children[-1].end)
            for child in node.children:
                check(child)

    for item in parse(SourceText("any.spm", text)).items:
        check(item.node)


def test_a_comment_below_a_statement_opens_no_block() -> None:
    text = "plan p version 2 changes version 1 {\n  replace bonus a.pays 5%\n    # why\n}\n"
    assert parse(SourceText("any.spm", text)).diagnostics == ()
