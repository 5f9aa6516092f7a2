"""YAML with the place of every value, so that mistakes in spm.yaml are shown at their line."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice

import yaml
from yaml.constructor import SafeConstructor

from spmlang.diagnostics.diagnostic import Diagnostic, Label, Problems, diagnose
from spmlang.diagnostics.hidden_characters import hidden_in
from spmlang.diagnostics.text import SourceText, Span

Path = tuple[str | int, ...]

#: Problems after which no part of the file is used.
UNREADABLE = ("yaml-syntax", "yaml-hidden", "yaml-too-large")

#: YAML reads these values as float or date. They are kept as text, because the written form counts.
_WHOLE = "tag:yaml.org,2002:int"
_AS_WRITTEN = ("tag:yaml.org,2002:float", "tag:yaml.org,2002:timestamp")


#: The most characters, values (each use of an alias counts its values again) and nested levels of the file.
_LONGEST, _MOST_VALUES, _DEEPEST = 1_000_000, 100_000, 30
#: The most characters of a number, and the most hidden characters that are reported.
_LONGEST_NUMBER, _MOST_HIDDEN = 40, 20


@dataclass(kw_only=True)
class PlacedYaml:
    """The value of a YAML file, with the place of the value and of the key at each path. Keys are texts, as written."""

    source: SourceText
    value: object = None
    values: dict[Path, Span] = field(default_factory=dict)
    keys: dict[Path, Span] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)

    def span_of(self, path: Path, *, key: bool = False) -> Span:
        """Return the place of a path's value (or key); if unknown, the nearest known place that contains it."""
        tables = (self.keys, self.values) if key else (self.values, self.keys)
        while path:
            for table in tables:
                if path in table:
                    return table[path]
            path = path[:-1]
        return Span(self.source, 0, len(self.source.line(1)))


def read_yaml(source: SourceText) -> PlacedYaml:
    """Parse the text of a file.

    `problems` of the result lists syntax mistakes, duplicate keys, hidden characters and a file that is too large. The
    value of a duplicate key is left out.
    """
    placed = PlacedYaml(source=source)
    if len(source.text) > _LONGEST:
        placed.problems.append(diagnose("yaml-too-large", Span(source, 0, 1), what=f"{_LONGEST:,} characters"))
        return placed
    for hidden in islice(hidden_in(source.text), _MOST_HIDDEN):
        _report_hidden(placed, hidden.offset, hidden.shown)
    if placed.problems:
        return placed
    try:
        root = _compose(source.text)
        if root is not None:
            placed.value = _plain(placed, root, ())
    except yaml.MarkedYAMLError as mistake:
        mark = mistake.problem_mark or mistake.context_mark
        _report_syntax(placed, mark.index if mark else 0, mistake.problem or "it cannot be read")
    except Problems as found:
        placed.problems += found.diagnostics
    except yaml.reader.ReaderError as mistake:
        _report_syntax(placed, mistake.position, "a character that cannot stand in YAML")
    return placed


class _Loader(yaml.SafeLoader):
    """A loader that limits how deeply nodes are nested."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Compose one node with its content. Raises MarkedYAMLError below the deepest level."""
        _check_depth(self.depth, self.peek_event().start_mark)  # type: ignore[no-untyped-call]
        self.depth += 1
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _compose(text: str) -> yaml.Node | None:
    """Return the root node of a text. Raises YAMLError."""
    loader = _Loader(text)
    try:
        root: yaml.Node | None = loader.get_single_node()
    except (ValueError, OverflowError) as mistake:  # Python raises these errors for the digits of an escape
        problem = "a number that stands for no character"
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=loader.get_mark()) from mistake
    return root


def _check_depth(depth: int, mark: yaml.Mark) -> None:
    if depth > _DEEPEST:
        raise yaml.MarkedYAMLError(problem=f"more than {_DEEPEST} levels lie within each other", problem_mark=mark)


def _report_hidden(placed: PlacedYaml, at: int, shown: str) -> None:
    placed.problems.append(diagnose("yaml-hidden", Span(placed.source, at, at + 1), shown=shown))


def _report_syntax(placed: PlacedYaml, at: int, problem: str) -> None:
    at = min(at, max(len(placed.source.text) - 1, 0))
    placed.problems.append(diagnose("yaml-syntax", Span(placed.source, at, at + 1), problem=problem))


def _plain(placed: PlacedYaml, node: yaml.Node, path: Path) -> object:
    """Convert a node into a plain value and note its places. Raises Problems if the file has too many values."""
    _check_depth(len(path), node.start_mark)
    if len(placed.values) >= _MOST_VALUES:
        what = f"{_MOST_VALUES:,} values, with what its aliases stand for"
        raise Problems([diagnose("yaml-too-large", _span(placed, node), what=what)])
    placed.values[path] = _span(placed, node)
    if isinstance(node, yaml.MappingNode):
        return _mapping(placed, node, path)
    if isinstance(node, yaml.SequenceNode):
        return [_plain(placed, child, (*path, index)) for index, child in enumerate(node.value)]
    return str(node.value) if node.tag in _AS_WRITTEN else _scalar(placed, node)


def _mapping(placed: PlacedYaml, node: yaml.MappingNode, path: Path) -> dict[str, object]:
    """Convert a mapping into a dict. Keys that are not single words, or are there twice, are reported and left out."""
    result: dict[str, object] = {}
    for key_node, value_node in node.value:
        span = _span(placed, key_node)
        if not isinstance(key_node, yaml.ScalarNode):
            _report_syntax(placed, span.start, "a key must be a single word")
            continue
        key = str(key_node.value)
        _check_hidden(placed, key_node)
        inner = (*path, key)
        if inner in placed.keys:
            placed.problems.append(
                diagnose("yaml-key-twice", span, [Label(placed.keys[inner], "it stands here first")], key=key)
            )
            continue
        placed.keys[inner] = span
        result[key] = _plain(placed, value_node, inner)
    return result


def _scalar(placed: PlacedYaml, node: yaml.Node) -> object:
    """Convert a scalar. Raises MarkedYAMLError for a number that is too long, or a value that does not fit its tag."""
    if node.tag == _WHOLE and len(node.value) > _LONGEST_NUMBER:
        problem = f"a number of {len(node.value):,} characters; {_LONGEST_NUMBER} are the most"
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
    try:
        value: object = SafeConstructor().construct_object(node)
    except (ValueError, KeyError, IndexError) as mistake:  # the written value does not fit its `!!tag`
        problem = f"`{node.value}` is none of the kind {node.tag.rsplit(':', 1)[-1]}"
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from mistake
    _check_hidden(placed, node)
    return value


def _check_hidden(placed: PlacedYaml, node: yaml.Node) -> None:
    """Report the first hidden character of a text that is written as an escape, such as `\\u202e`."""
    for found in islice(hidden_in(str(node.value)), 1):
        _report_hidden(placed, node.start_mark.index, found.shown)


def _span(placed: PlacedYaml, node: yaml.Node) -> Span:
    """Return the place of a node, without the blank lines that YAML includes in a block."""
    start = node.start_mark.index
    text = placed.source.text[start : node.end_mark.index].rstrip()
    return Span(placed.source, start, start + max(len(text), 1))
