"""What all tests share: `--accept` writes the expected files anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Accept = Callable[[str, Path], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--accept", action="store_true", help="write what was produced into the expected files")


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> Accept:
    """Compare a produced text with an expected file; under --accept, write the file instead."""

    def compare(produced: str, expected: Path) -> None:
        if request.config.getoption("--accept"):
            expected.write_text(produced, encoding="utf-8", newline="\n")
        assert produced == expected.read_text(encoding="utf-8")

    return compare
