"""Fixtures of the tests of commands."""

from pathlib import Path

import pytest

from .spm import spm


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project as `spm new` makes it."""
    folder = tmp_path / "acme"
    assert spm("new", folder).returncode == 0
    return folder
