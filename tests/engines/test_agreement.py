"""The engines give the same tables, or refuse for the same reasons, whatever the project."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.engines.agreement import compare
from tests.engines.random_projects import examples
from tests.strategies.projects import ProjectText, projects

pytestmark = pytest.mark.properties


@examples()
@given(projects(), st.sampled_from([True, True, False]))
def test_the_engines_agree(project: ProjectText, lines: bool) -> None:
    compare("duckdb", project, lines)


@pytest.mark.spark
@pytest.mark.xdist_group("spark")
@examples(16)
@given(projects(), st.sampled_from([True, True, False]))
def test_spark_agrees(project: ProjectText, lines: bool) -> None:
    compare("spark", project, lines)
