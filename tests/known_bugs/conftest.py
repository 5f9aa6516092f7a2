"""Every test of this folder that asks for `bench` runs with each engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engines.every import ALL_OF_SPARK, EVERY
from tests.known_bugs.small import Bench


@pytest.fixture(params=EVERY if ALL_OF_SPARK else EVERY[:2])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Bench:
    return Bench(tmp_path, request.param)
