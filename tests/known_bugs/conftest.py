"""Every test of this folder that asks for `bench` runs with each engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engines.every import QUICK, SPARK_MARKS
from tests.known_bugs.small import Bench


@pytest.fixture(params=[*QUICK, pytest.param("spark", marks=[*SPARK_MARKS, pytest.mark.slow])])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return Bench(tmp_path, request.param)
