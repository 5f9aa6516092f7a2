"""Random projects, run by an engine: what tests of properties share."""

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from spmlang.data.tables import Tables
from spmlang.diagnostics.diagnostic import Problems
from spmlang.program.program import Program
from spmlang.results import Request, Result
from spmlang.run.run import run_program
from tests.projects import Project

#: Random projects of a test. SPM_EXAMPLES=5000 looks longer.
EXAMPLES = int(os.environ.get("SPM_EXAMPLES", "40"))

engines = st.sampled_from(["duckdb", "reference"])


def examples(part: int = 1) -> settings:
    """Return the settings of a test that looks at one in `part` of the EXAMPLES, because its projects take longer.

    A whole project is larger than what Hypothesis expects of one example.
    """
    large = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(max_examples=max(EXAMPLES // part, 1), suppress_health_check=large, print_blob=False)


few = examples(8)


def result(project: Project, engine: str = "duckdb", threads: int = 1) -> Result | None:
    """The tables; None where the data cannot answer."""
    with project.opened() as (program, tables, request):
        tables.connection.execute(f"set threads = {threads}")
        return run_by(engine, program, tables, request)


def run_by(engine: str, program: Program, tables: Tables, request: Request) -> Result | None:
    """The tables of an engine; None where the data cannot answer."""
    try:
        return run_program(program, tables, request, engine).result
    except Problems:
        return None
