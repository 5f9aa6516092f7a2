"""Real tables that are not part of the repository: tests use them where they are."""

import os
from pathlib import Path

import pytest

_NEIGHBOUR = Path(__file__).parents[2] / "shared" / "data"


def data_folder() -> Path:
    """The folder that holds the data sets, which may be absent."""
    return Path(os.environ.get("SPM_TEST_DATA", _NEIGHBOUR))


def real_data(name: str) -> Path:
    """The folder of a data set, below the one SPM_TEST_DATA names; the test is skipped where it is absent."""
    folder = data_folder() / name
    if not folder.is_dir():
        pytest.skip(f"the data set {name} is not here (SPM_TEST_DATA names the folder that holds it)")
    return folder
