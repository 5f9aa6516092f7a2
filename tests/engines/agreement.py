"""Compare what two engines make of a project: the same tables, or refusals for the same reasons."""

from spmlang.data.tables import Tables
from spmlang.diagnostics.diagnostic import Problems
from spmlang.program.program import Program
from spmlang.results import Request, Result
from spmlang.run.run import engine_named
from tests.projects import Project

TABLES = ("payouts", "uncredited", "reconciliation", "pots", "released", "credits", "lines")


def outcome(engine: str, program: Program, tables: Tables, request: Request) -> Result | Problems:
    """Return the tables of an engine, or the problems that it refuses the project for."""
    try:
        return engine_named(engine).run(program, tables, request)
    except Problems as problems:
        return problems


def compare(engine: str, project: Project, lines: bool) -> None:
    """The reference and the engine on one project."""
    with project.opened(lines=lines) as (program, tables, request):
        reference, other = (outcome(name, program, tables, request) for name in ("reference", engine))
    assert_agree(reference, other)


def assert_agree(reference: Result | Problems, other: Result | Problems) -> None:
    """Both have the same tables and notes, or both refuse."""
    if isinstance(reference, Problems) or isinstance(other, Problems):
        assert_refused_alike(reference, other)
        return
    for name in TABLES:
        assert_same_rows(name, reference, other)
    assert set(reference.notes) == set(other.notes)


def assert_refused_alike(reference: Result | Problems, other: Result | Problems) -> None:
    """SQL stops at the first stage with a problem; the interpreter goes on and may find more."""
    assert isinstance(reference, Problems), f"only the SQL engine refuses: {other}"
    assert isinstance(other, Problems), f"only the interpreter refuses: {reference}"
    said = {problem.slug for problem in other.diagnostics}
    assert said
    assert said <= {problem.slug for problem in reference.diagnostics}


def assert_same_rows(name: str, reference: Result, other: Result) -> None:
    """Assert that two tables are equal; a failure shows the rows that differ."""
    left, right = getattr(reference, name), getattr(other, name)
    if left is None:
        assert right is None  # it was not asked for
    elif not left.equals(right):
        rows, others = left.to_pylist(), right.to_pylist()
        only = [_shown(row) for row in rows if row not in others]
        more = [_shown(row) for row in others if row not in rows]
        raise AssertionError("\n".join([f"{name} differ; reference:", *only, "the other:", *more]))


def _shown(row: dict[str, object]) -> str:
    return " ".join(f"{name}={value}" for name, value in row.items() if value is not None)
