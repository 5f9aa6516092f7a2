"""YAML with the place of every value, so that a mistake in spm.yaml is shown where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field

import yaml
from yaml.constructor import SafeConstructor

from spmlang.source.diagnostics import Diagnostic, Label, diagnose
from spmlang.source.text import SourceText, Span

Path = tuple[str | int, ...]

#: YAML would read these as float or date; what is written is what counts here.
_AS_WRITTEN = ("tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp")


@dataclass
class PlacedYaml:
    """The plain value, and where each path (and each key) of it stands. Keys are texts, as written."""

    source: SourceText
    value: object = None
    values: dict[Path, Span] = field(default_factory=dict)
    keys: dict[Path, Span] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)

    def place(self, path: Path, *, key: bool = False) -> Span:
        """The nearest place known for a path: its value (or its key), or what contains it."""
        tables = (self.keys, self.values) if key else (self.values, self.keys)
        while path:
            for table in tables:
                if path in table:
                    return table[path]
            path = path[:-1]
        return Span(self.source, 0, len(self.source.line(1)))


def read_yaml(source: SourceText) -> PlacedYaml:
    """Parse; syntax mistakes and duplicate keys are in `problems`, and what stands at a duplicate key is left out."""
    placed = PlacedYaml(source)
    try:
        root = yaml.compose(source.text, Loader=yaml.SafeLoader)
        if root is not None:
            placed.value = _plain(placed, root, ())
    except yaml.MarkedYAMLError as mistake:
        mark = mistake.problem_mark or mistake.context_mark
        _syntax(placed, mark.index if mark else 0, mistake.problem or "it cannot be read")
    except yaml.reader.ReaderError as mistake:
        _syntax(placed, mistake.position, "a character that cannot stand in YAML")
    except RecursionError:
        _syntax(placed, 0, "a part contains itself, or too many parts lie within each other")
    return placed


def _syntax(placed: PlacedYaml, at: int, problem: str) -> None:
    at = min(at, max(len(placed.source.text) - 1, 0))
    placed.problems.append(diagnose("yaml-syntax", Span(placed.source, at, at + 1), problem=problem))


def _plain(placed: PlacedYaml, node: yaml.Node, path: Path) -> object:
    placed.values[path] = _span(placed, node)
    if isinstance(node, yaml.MappingNode):
        return _mapping(placed, node, path)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(placed, child, (*path, index)) for index, child in enumerate(node.value)]
    return str(node.value) if node.tag in _AS_WRITTEN else _scalar(node)


def _mapping(placed: PlacedYaml, node: yaml.MappingNode, path: Path) -> dict[str, object]:
    result: dict[str, object] = {}
    for key_node, value_node in node.value:
        span = _span(placed, key_node)
        if not isinstance(key_node, yaml.ScalarNode):
            _syntax(placed, span.start, "a key must be a single word")
            continue
        key = str(key_node.value)
        inner = (*path, key)
        if inner in placed.keys:
            placed.problems.append(
                diagnose("yaml-key-twice", span, [Label(placed.keys[inner], "it stands here first")], key=key)
            )
            continue
        placed.keys[inner] = span
        result[key] = _plain(placed, value_node, inner)
    return result


def _scalar(node: yaml.Node) -> object:
    try:
        value: object = SafeConstructor().construct_object(node)
    except ValueError as mistake:
        raise yaml.MarkedYAMLError(problem=str(mistake), problem_mark=node.start_mark) from mistake
    return value


def _span(placed: PlacedYaml, node: yaml.Node) -> Span:
    """Where a node stands, without the blank lines that YAML counts to a block."""
    start = node.start_mark.index
    text = placed.source.text[start : node.end_mark.index].rstrip()
    return Span(placed.source, start, start + max(len(text), 1))
