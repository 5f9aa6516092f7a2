"""Plan files: find, read and parse them, and compute which files each one sees through `use`."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.resources import files as package_files
from pathlib import Path, PurePosixPath

from spmlang.diagnostics.diagnostic import MOST_PROBLEMS, Diagnostic, diagnose
from spmlang.diagnostics.suggest import did_you_mean
from spmlang.diagnostics.text import SourceText, Span
from spmlang.project.contract import Project
from spmlang.project.find_files import find
from spmlang.syntax import ast
from spmlang.syntax.lower import lower
from spmlang.syntax.parse import parse

#: The most files that use each other in a chain, and the most files of a project. A large company has some hundred.
_LONGEST_CHAIN, _MOST_FILES = 200, 5_000


@dataclass(kw_only=True)
class PlanFiles:
    """The plan files of a project by path, with the library files that they use.

    `visible` gives for each path the paths that the file may see: itself and the files that it uses, directly or not.
    If that is unknown, they are all files.
    """

    files: dict[str, ast.File] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    visible: dict[str, frozenset[str]] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)
    blind: set[str] = field(default_factory=set)  # files that use a missing one, so that it is unknown what they see


def read_plan_files(project: Project) -> PlanFiles:
    """Read and parse every plan file of a project; `problems` of the result lists all mistakes.

    Raises:
        OSError: A file or folder may not be read.
    """
    found = PlanFiles()
    root = Path(project.root)
    paths = sorted({path for pattern in project.plans for path in find(root, pattern, ignored=root / project.data)})
    if len(paths) > _MOST_FILES:
        found.problems.append(diagnose("too-large", project.span, what=f"more than {_MOST_FILES:,} plan files"))
        return found
    for file in paths:
        _read(found, file.as_posix(), file.read_bytes())
    if not paths:
        found.problems.append(diagnose("no-plan-files", project.span, patterns=", ".join(project.plans)))
    edges = {path: _uses(found, path) for path in list(found.files)}
    for path in [path for path in found.files if path not in edges]:
        edges[path] = _uses(found, path)
    _refuse_circles(found, edges)
    every = frozenset(found.files)
    for path in found.files:
        seen = every if path in found.blind else _reachable(path, edges)
        found.visible[path] = every if seen & found.blind else seen
    return found


def standard_library(name: str) -> tuple[str, bytes] | None:
    """Return the shown path and the content of `std.name`, or None.

    The file comes from the package or, in a checkout, from the top-level folder.
    """
    for folder in (package_files("spmlang").joinpath("_shipped", "stdlib"), Path(__file__).parents[2] / "stdlib"):
        file = folder.joinpath(f"{name}.spm")
        if file.is_file():
            return f"std/{name}.spm", file.read_bytes()
    return None


def standard_names() -> list[str]:
    """Return the names that `use std.…` accepts."""
    names: set[str] = set()
    for folder in (package_files("spmlang").joinpath("_shipped", "stdlib"), Path(__file__).parents[2] / "stdlib"):
        if folder.is_dir():
            names |= {file.name.removesuffix(".spm") for file in folder.iterdir() if file.name.endswith(".spm")}
    return sorted(names)


def module_name(path: str, asking: str) -> str:
    """Return the name by which `use` in the file `asking` refers to the file `path`."""
    if path.startswith("std/"):
        return path.removesuffix(".spm").replace("/", ".")
    folder = PurePosixPath(asking).parent
    shown = PurePosixPath(path)
    inside = shown.relative_to(folder) if shown.is_relative_to(folder) else PurePosixPath(shown.name)
    return inside.as_posix().removesuffix(".spm").replace("/", ".")


def _read(found: PlanFiles, path: str, data: bytes) -> None:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as mistake:
        text = data.decode("utf-8", errors="replace")
        line = data.count(b"\n", 0, mistake.start) + 1
        source = SourceText(path, text)
        start = source.line_starts[line - 1]
        found.problems.append(diagnose("not-utf8", Span(source, start, start + 1)))
    parsed = parse(SourceText(path, text))
    file, problems = lower(parsed)
    found.files[path] = file
    if any(map(_is_use, parsed.diagnostics)):
        found.blind.add(path)
    found.texts[path] = text
    found.problems += [*parsed.diagnostics, *problems]


def _is_use(problem: Diagnostic) -> bool:
    """Return True if the problem is on a line that begins with `use`, or with a word similar to it."""
    if not isinstance(problem.where, Span):
        return False
    word = problem.where.source.line(problem.where.line).split(" ")[0]
    return word != "" and bool(get_close_matches(word, ["use"]))


def _uses(found: PlanFiles, path: str) -> dict[str, ast.Use]:
    """Return the files that a file uses, by path. Files of the standard library are read on first use."""
    edges: dict[str, ast.Use] = {}
    for item in found.files[path].items:
        if not isinstance(item, ast.Use):
            continue
        target = _target(found, path, item)
        if target is not None:
            edges.setdefault(target, item)
            continue
        found.blind.add(path)
        if len(found.problems) > MOST_PROBLEMS:
            break
        name = ".".join(item.path)
        known = [module_name(other, path) for other in found.files if other != path]
        known += [f"std.{name}" for name in standard_names()]
        found.problems.append(diagnose("unknown-file", item.span, name=name, hint=did_you_mean(name, known)))
    return edges


def _target(found: PlanFiles, path: str, item: ast.Use) -> str | None:
    """Return the path of the file that is used, or None if there is no such file."""
    if item.path[0] != "std":
        target = (PurePosixPath(path).parent / f"{'/'.join(item.path)}.spm").as_posix()
        return target if target in found.files else None
    shipped = standard_library("/".join(item.path[1:])) if len(item.path) > 1 else None
    if shipped is None:
        return None
    if shipped[0] not in found.files:
        _read(found, *shipped)
    return shipped[0]


def _refuse_circles(found: PlanFiles, edges: dict[str, dict[str, ast.Use]]) -> None:
    """Report files that use each other in a circle, or in a chain that is too long."""
    done: set[str] = set()

    def visit(path: str, trail: tuple[str, ...]) -> None:
        if path in done:
            return
        for target, use in edges.get(path, {}).items():
            if target in (*trail, path):
                circle = [*trail, path]
                names = [*circle[circle.index(target) :], target]
                shown = " -> ".join(name.rsplit("/", 1)[-1] for name in names)
                found.problems.append(diagnose("use-circle", use.span, circle=shown))
                found.blind.add(path)
            elif len(trail) > _LONGEST_CHAIN:
                what = f"more than {_LONGEST_CHAIN} files use each other in a row"
                found.problems.append(diagnose("too-large", use.span, what=what))
                found.blind.add(path)
            else:
                visit(target, (*trail, path))
        done.add(path)

    for path in edges:
        visit(path, ())


def _reachable(path: str, edges: dict[str, dict[str, ast.Use]]) -> frozenset[str]:
    """Return the file and all files that it uses, directly or through others."""
    seen = {path}
    waiting = [path]
    while waiting:
        for target in edges.get(waiting.pop(), {}):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return frozenset(seen)
