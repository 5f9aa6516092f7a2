"""No call needs more than four arguments by position: those beyond have names."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import spmlang

_MOST = 4
_PACKAGE = Path(spmlang.__file__).parent


def _parameters(node: ast.FunctionDef) -> int:
    """Return the number of parameters that may be given by position, without `self` and `cls`."""
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    return len(names) - (names[:1] in (["self"], ["cls"]))


def _fields(node: ast.ClassDef) -> int:
    """Return the number of fields of a dataclass that may be given by position."""
    decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
    if not any("dataclass" in text for text in decorators) or any("kw_only=True" in text for text in decorators):
        return 0
    fields = [ast.unparse(item.annotation) for item in node.body if isinstance(item, ast.AnnAssign)]
    return fields.index("KW_ONLY") if "KW_ONLY" in fields else len(fields)


def too_long(text: str) -> list[str]:
    """Return the names of functions and dataclasses that take too many arguments by position."""
    nodes = list(ast.walk(ast.parse(text)))
    functions = [node.name for node in nodes if isinstance(node, ast.FunctionDef) and _parameters(node) > _MOST]
    return functions + [node.name for node in nodes if isinstance(node, ast.ClassDef) and _fields(node) > _MOST]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("def pay(a, b, c, d): ...", []),
        ("def pay(a, b, *, c, d, e): ...", []),
        ("def pay(a, b, c, d, e): ...", ["pay"]),
        ("@dataclass(frozen=True)\nclass Tier:\n    a: int\n    b: int\n    c: int\n    d: int\n    e: int", ["Tier"]),
        ("@dataclass(kw_only=True)\nclass Tier:\n    a: int\n    b: int\n    c: int\n    d: int\n    e: int", []),
    ],
)
def test_a_long_signature_is_found(text: str, found: list[str]) -> None:
    assert too_long(text) == found


def test_no_signature_takes_more_than_four_arguments_by_position() -> None:
    modules = sorted(_PACKAGE.rglob("*.py"))
    found = {str(path.relative_to(_PACKAGE)): too_long(path.read_text(encoding="utf-8")) for path in modules}
    assert {path: names for path, names in found.items() if names} == {}
