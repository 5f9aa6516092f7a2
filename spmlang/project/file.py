"""Read spm.yaml into a `Project`. All mistakes are collected with their places; none is raised."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

from spmlang.diagnostics.diagnostic import Diagnostic, Label, diagnose, errors
from spmlang.diagnostics.suggest import did_you_mean
from spmlang.diagnostics.text import SourceText, Span

from .columns import make_column
from .contract import Column, ColumnKind, Contract, Dated, Folder, Project
from .formats import FORMATS, format_of
from .reading import Reading, validate
from .roles import MANAGERS, ROSTER, Contracts, check_references, check_role
from .schema import ColumnShape, DatedShape, ProjectShape, SourceShape
from .yaml_places import UNREADABLE, read_yaml

FILE = "spm.yaml"
#: The most folders in a pattern. More would be slow, because each `**` is tried at every place where another one ends.
_MOST_FOLDERS = 30
_LONGEST_NAME = 100  # bytes; while folders are written, their names are longer than the final ones
#: Device names in Windows, which a dot and any suffix do not change.
_DEVICES = {"CON", "PRN", "AUX", "NUL", *(f"{port}{number}" for port in ("COM", "LPT") for number in range(10))}
_KEY_KINDS = (ColumnKind.TEXT, ColumnKind.COUNT, ColumnKind.DATE)


def load_project(folder: Path, keywords: frozenset[str] = frozenset()) -> tuple[Project | None, list[Diagnostic]]:
    """Read the project file of a folder.

    Args:
        folder: The folder of spm.yaml.
        keywords: The words of the language. A source may not have such a name, because plan text could not name it.

    Returns:
        The project, or None if there are errors; and all diagnostics in the order of the file.
    """
    path = folder / FILE
    if not path.is_file():
        return None, [diagnose("no-project", None, folder=folder.as_posix())]
    raw = path.read_bytes()
    source = SourceText(path.as_posix(), raw.decode("utf-8-sig", errors="replace"))
    if "�" in source.text and not _is_utf8(raw):
        at = source.text.index("�")
        return None, [diagnose("yaml-not-utf8", Span(source, at, at + 1))]
    placed = read_yaml(source)
    reading = Reading(placed, list(placed.problems))
    if any(problem.slug in UNREADABLE for problem in reading.problems):
        return None, reading.in_order()
    project = _project(reading, folder.as_posix(), placed.value, keywords)
    return (None if errors(reading.problems) else project), reading.in_order()


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _project(reading: Reading, root: str, value: object, keywords: frozenset[str]) -> Project | None:
    shape = validate(reading, ProjectShape, (), value)
    declared = value.get("sources") if isinstance(value, dict) else None
    contracts: Contracts = {}
    if isinstance(declared, dict):
        contracts = {name: _contract(reading, name, source, keywords) for name, source in declared.items()}
    valid = {name: contract for name, contract in contracts.items() if contract is not None}
    for contract in valid.values():
        check_references(reading, contract, contracts)
    if shape is None:
        return None
    check_role(reading, "roster", shape.roster, columns=ROSTER, contracts=contracts)
    if shape.managers is not None:
        check_role(reading, "managers", shape.managers, columns=MANAGERS, contracts=contracts)
    for index, pattern in enumerate(shape.plans):
        _check_pattern(reading, ("plans", index), pattern)
    if not _is_folder_name(shape.name):
        reading.report("project-name", ("name",), name=shape.name)
    span = reading.placed.span_of(("name",))
    return Project(
        name=shape.name,
        root=root,
        data=shape.data,
        plans=tuple(shape.plans),
        contracts=valid,
        roster=shape.roster,
        managers=shape.managers,
        span=span,
    )


def _is_folder_name(name: str) -> bool:
    """Return True if the name can be a folder's name on every system, because outputs go to a folder of that name."""
    plain = re.fullmatch(r"[^\W_](?:[\w .,&()+-]*[\w)+])?", name)
    return plain is not None and len(name.encode()) <= _LONGEST_NAME and name.split(".")[0].upper() not in _DEVICES


def _contract(reading: Reading, name: str, value: object, keywords: frozenset[str]) -> Contract | None:
    """Build the contract of a source; None if it is too damaged to check other sources against it."""
    at = ("sources", name)
    if name in keywords:
        reading.report("source-reserved", at, key=True, name=name)
    shape = validate(reading, SourceShape, at, value)
    declared = value.get("columns") if isinstance(value, dict) else None
    columns = {}
    for column, options in (declared if isinstance(declared, dict) else {}).items():
        columns[column] = _column(reading, name, column, options)
    valid = tuple(column for column in columns.values() if column is not None)
    _check_headers(reading, name, valid)
    if shape is None:
        return None
    _check_key(reading, name, shape.key, columns)
    if shape.dated is not None:
        _check_dated(reading, name, shape, dated=shape.dated, columns=columns)
    for index, pattern in enumerate(shape.files):
        _check_pattern(reading, (*at, "files", index), pattern)
    formats = {format_of(pattern).name for pattern in shape.files}
    folders = {Folder.PROJECT if pattern.startswith("./") else Folder.DATA for pattern in shape.files}
    if len(formats) > 1 or len(folders) > 1:
        titles = " or ".join(sorted(known.title for known in FORMATS))
        reading.report("files-mixed", (*at, "files"), source=name, formats=titles)
    if len(valid) < len(columns):
        return None
    return Contract(
        name=name,
        files=tuple(pattern.removeprefix("./") for pattern in shape.files),
        folder=folders.pop(),
        format=formats.pop(),
        delimiter=shape.delimiter,
        key=tuple(shape.key),
        dated=Dated(shape.dated.start, shape.dated.through) if shape.dated else None,
        columns=valid,
        bad_rows=shape.bad_rows,
        span=reading.placed.span_of(at, key=True),
    )


def _column(reading: Reading, source: str, name: str, value: object) -> Column | None:
    at = ("sources", source, "columns", name)
    shape = validate(reading, ColumnShape, at, {"type": value} if isinstance(value, str) else value)
    return make_column(reading, at, name, shape) if shape else None


def _check_headers(reading: Reading, source: str, columns: tuple[Column, ...]) -> None:
    """Report two columns that read the same column of the file."""
    first: dict[str, Column] = {}
    for column in columns:
        other = first.setdefault(column.header, column)
        if other is not column:
            why = [Label(other.span, f"`{other.name}` reads it, too")]
            path = ("sources", source, "columns", column.name)
            reading.report("header-twice", (*path, "header"), why, column=column.name, header=column.header)


def _check_key(reading: Reading, source: str, key: list[str], columns: dict[str, Column | None]) -> None:
    for index, name in enumerate(key):
        path = ("sources", source, "key", index)
        if name not in columns:
            reading.report("key-unknown", path, column=name, source=source, hint=did_you_mean(name, columns))
            continue
        column = columns[name]
        if column is not None and (column.optional or column.kind not in _KEY_KINDS):
            reading.report("key-kind", path, column=name)


def _check_dated(
    reading: Reading, source: str, shape: SourceShape, *, dated: DatedShape, columns: dict[str, Column | None]
) -> None:
    at = ("sources", source, "dated")
    for word, name in (("from", dated.start), ("through", dated.through)):
        if name is None:
            continue
        if name not in columns:
            reading.report("dated-unknown", (*at, word), column=name, source=source, hint=did_you_mean(name, columns))
            continue
        column = columns[name]
        if column is not None and (column.kind is not ColumnKind.DATE or (word == "from" and column.optional)):
            reading.report("dated-column", (*at, word), column=name, source=source)
    if not shape.key:
        reading.report("dated-without-key", at, key=True, source=source)


def _check_pattern(reading: Reading, path: tuple[str | int, ...], pattern: str) -> None:
    """Report a pattern that leaves its folder, because a project must be movable as a whole."""
    parts = PurePosixPath(pattern)
    if len(parts.parts) > _MOST_FOLDERS or parts.parts.count("**") > 1:
        reading.report("files-deep", path, pattern=pattern, most=_MOST_FOLDERS)
    if parts.is_absolute() or not parts.name or ".." in parts.parts or "\\" in pattern or ":" in pattern[:2]:
        reading.report("files-pattern", path, pattern=pattern)
