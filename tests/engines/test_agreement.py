"""The engines give the same tables, or refuse for the same reasons, whatever the project."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spmlang.data.tables import Tables
from spmlang.diagnostics.diagnostic import Problems
from spmlang.program.program import Program
from spmlang.results import Request, Result
from spmlang.run.run import engine_named
from tests.strategies.projects import ProjectText, projects

TABLES = ("payouts", "uncredited", "reconciliation", "pots", "released", "credits", "lines")

#: SPM_EXAMPLES=5000 looks longer; Spark, slow on small tables, gets a sixteenth.
EXAMPLES = int(os.environ.get("SPM_EXAMPLES", "40"))


def outcome(engine: str, program: Program, tables: Tables, request: Request) -> Result | Problems:
    """What an engine makes of a project: the tables, or why there are none."""
    try:
        return engine_named(engine).run(program, tables, request)
    except Problems as problems:
        return problems


def longer(examples: int) -> settings:
    """How many projects are looked at."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(max_examples=examples, deadline=None, suppress_health_check=slow, print_blob=False)


@longer(EXAMPLES)
@given(projects(), st.sampled_from([True, True, False]))
def test_the_engines_agree(project: ProjectText, lines: bool) -> None:
    compare("duckdb", project, lines)


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
@longer(max(EXAMPLES // 16, 1))
@given(projects(), st.sampled_from([True, True, False]))
def test_spark_agrees(project: ProjectText, lines: bool) -> None:
    compare("spark", project, lines)


def compare(engine: str, project: ProjectText, lines: bool) -> None:
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
    """The same table; where it is not, the rows that differ."""
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
