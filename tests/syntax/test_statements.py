"""The table of statements: every class of the tree has a row, and every row's parts fit the fields of its class."""

from __future__ import annotations

import inspect
from dataclasses import fields

import pytest

from spmlang.diagnostics.text import SourceText
from spmlang.syntax import ast
from spmlang.syntax.grammar import keyword_terminals
from spmlang.syntax.parse import parse
from spmlang.syntax.statements import BLOCKS, COMPONENT, PLAN, STATEMENTS, StatementKind, removed_by
from spmlang.syntax.tree import Node
from tests.strategies.plan_files import file_of_all_templates

one_for_each = pytest.mark.parametrize("kind", STATEMENTS, ids=[kind.rule for kind in STATEMENTS])


def test_every_class_of_a_statement_has_a_row() -> None:
    classes = {item for item in vars(ast).values() if inspect.isclass(item) and issubclass(item, ast.Statement)}
    assert {kind.node for kind in STATEMENTS} == classes - {ast.Statement}


def test_no_two_rows_have_one_rule_or_in_one_block_one_class() -> None:
    assert len({kind.rule for kind in STATEMENTS}) == len(STATEMENTS)
    for block in BLOCKS:
        classes = [kind.node for kind in STATEMENTS if kind.is_in(block)]
        assert len(set(classes)) == len(classes) > 0


@one_for_each
def test_the_parts_fit_the_fields(kind: StatementKind) -> None:
    wanted = [str(item.type) for item in fields(kind.node) if item.name != "span"]
    found = [str(part.__annotations__["return"]).replace("ast.", "") for part in kind.parts]
    assert len(found) == len(wanted)
    for part, field in zip(found, wanted, strict=True):
        assert set(part.split(" | ")) <= set(field.split(" | "))


def test_a_version_can_remove_what_the_rows_say() -> None:
    assert removed_by(PLAN, "cap") == removed_by(COMPONENT, "cap") == (ast.Cap,)
    assert removed_by(COMPONENT, "release") == (ast.Release, ast.ReleaseWith)
    assert removed_by(COMPONENT, "pays") == removed_by(PLAN, "currency") == ()


@one_for_each
def test_a_removable_statement_begins_with_a_keyword(kind: StatementKind) -> None:
    assert not kind.removable or kind.keyword in keyword_terminals() or kind.node is ast.Component


def test_the_random_files_draw_every_statement() -> None:
    """So that the formatter and the parser are tried on a new statement, too."""
    parsed = parse(SourceText("all.spm", file_of_all_templates()))
    assert parsed.diagnostics == ()
    drawn = {node.kind for item in parsed.items for node in _nodes(item.node)}
    assert [kind.rule for kind in STATEMENTS if kind.rule not in drawn] == []


def _nodes(node: Node) -> list[Node]:
    return [node, *(inner for child in node.nodes() for inner in _nodes(child))]
