"""A folder of outputs takes the place of outputs only."""

from pathlib import Path

import pytest

from spmlang.runs.folder import whole_folder
from spmlang.source.diagnostics import Problems


def test_what_came_while_a_run_was_computing_is_not_removed(tmp_path: Path) -> None:
    target = tmp_path / "out"

    def run() -> None:
        with whole_folder(target) as folder:
            (folder / "manifest.json").write_text("{}")
            target.mkdir()
            (target / "notes.txt").write_text("mine")

    with pytest.raises(Problems) as problems:
        run()
    assert [item.slug for item in problems.value.diagnostics] == ["run-folder-taken"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (target / "notes.txt").read_text() == "mine"
