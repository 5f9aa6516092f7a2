"""A folder of outputs takes the place of outputs only."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from platform import node

import pytest

from spmlang.diagnostics.diagnostic import Problems
from spmlang.outputs.folder import whole_folder


def run(target: Path, before_the_end: Callable[[], object] = lambda: None) -> None:
    """A run that writes two files, and lists them."""
    with whole_folder(target) as folder:
        (folder / "lines").mkdir()
        (folder / "lines" / "part.parquet").write_text("new")
        (folder / "payouts.csv").write_text("new")
        listed = {"spmlang": "1", "outputs": {"payouts.csv": "hash", "lines/part.parquet": "hash"}}
        (folder / "manifest.json").write_text(json.dumps(listed))
        before_the_end()


def contents(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def refused(target: Path, found: Path) -> None:
    """The run says what it found, and changes nothing."""
    before = contents(target.parent)
    with pytest.raises(Problems) as problems:
        run(target)
    (problem,) = problems.value.diagnostics
    assert problem.slug == "run-folder-taken"
    assert found.as_posix() in problem.message
    assert contents(target.parent) == before


def test_outputs_are_replaced(tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    run(target)
    (target / "payouts.csv").write_text("damaged")
    (target / ".DS_Store").write_text("of a system")
    run(target)
    assert set(contents(tmp_path)) == {"out/manifest.json", "out/payouts.csv", "out/lines/part.parquet"}
    assert (target / "payouts.csv").read_text() == "new"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("notes.txt", "notes.txt"),
        ("lines/mine.parquet", "lines/mine.parquet"),
        ("quarter/manifest.json", "quarter"),
        ("quarter/payouts.csv", "quarter"),
    ],
)
def test_among_outputs_nothing_else_is_removed(tmp_path: Path, name: str, told: str) -> None:
    target = tmp_path / "out"
    run(target)
    (target / name).parent.mkdir(exist_ok=True)
    (target / name).write_text("mine")
    refused(target, target / told)


@pytest.mark.parametrize("text", ['{"name": "a web page"}', "[]", "no JSON", '{"spmlang": "1", "outputs": []}'])
def test_the_manifest_of_something_else_is_not_ours(tmp_path: Path, text: str) -> None:
    target = tmp_path / "web"
    target.mkdir()
    (target / "manifest.json").write_text(text)
    refused(target, target / "manifest.json")


def test_a_folder_that_is_not_ours_is_not_walked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Naming `/` is refused before any folder in it is read."""
    target = tmp_path / "disk"
    for name in ("bin", "home", "var"):
        (target / name / "deep").mkdir(parents=True)
    walked: list[Path] = []
    scan = os.scandir

    def noting(path: Path) -> object:
        walked.append(Path(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", noting)
    with pytest.raises(Problems):
        run(target)
    assert walked == [target]
    run(tmp_path / "out")
    (tmp_path / "out" / "mine" / "deep").mkdir(parents=True)
    walked.clear()
    with pytest.raises(Problems):
        run(tmp_path / "out")
    assert tmp_path / "out" / "mine" not in walked


@pytest.mark.parametrize("name", [".", "..", "sub/..", "/"])
def test_the_folder_one_is_in_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (tmp_path / "here" / "sub").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here" / "sub" if name == "." else tmp_path / "here")
    with pytest.raises(Problems) as problems:
        run(Path(name))
    assert problems.value.diagnostics[0].slug in ("run-folder-here", "run-folder-taken")
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    refused(tmp_path / "out", tmp_path / "out")


def test_a_link_to_a_folder_is_written_through(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    run(tmp_path / "link")
    run(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "real"]
    assert (tmp_path / "real" / "payouts.csv").read_text() == "new"


def test_what_came_while_a_run_was_computing_is_not_removed(tmp_path: Path) -> None:
    target = tmp_path / "out"

    def come() -> None:
        target.mkdir()
        (target / "notes.txt").write_text("mine")

    with pytest.raises(Problems) as problems:
        run(target, come)
    assert [item.slug for item in problems.value.diagnostics] == ["run-folder-taken"]
    assert contents(tmp_path) == {"out/notes.txt": "mine"}


def test_what_a_link_among_outputs_points_to_stays_as_it_is(tmp_path: Path) -> None:
    target, elsewhere = tmp_path / "out", tmp_path / "elsewhere.csv"
    run(target)
    elsewhere.write_text("mine")
    elsewhere.chmod(0o640)
    (target / "payouts.csv").unlink()
    (target / "payouts.csv").symlink_to(elsewhere)
    run(target)
    assert (elsewhere.read_text(), elsewhere.stat().st_mode & 0o777) == ("mine", 0o640)
    assert not (target / "payouts.csv").is_symlink()


def gone() -> int:
    """The number of a process that has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


@pytest.mark.parametrize("word", ["new", "old"])
def test_what_a_killed_run_left_is_removed(tmp_path: Path, word: str) -> None:
    run(tmp_path / "out")
    (tmp_path / f".out.{word}.{gone()}" / "lines").mkdir(parents=True)
    (tmp_path / f".out.{word}.{gone()}@{node()}").mkdir()
    (tmp_path / f".out.{word}.mine").mkdir()
    (tmp_path / f".other.{word}.{gone()}").mkdir()
    run(tmp_path / "out")
    left = sorted(path.name.split(".")[-1] for path in tmp_path.glob(".*"))
    assert len(left) == 2
    assert "mine" in left


def test_outputs_that_a_killed_run_had_put_aside_come_back(tmp_path: Path) -> None:
    """It was killed between the two renamings; this run then stops, and the outputs before are there."""
    run(tmp_path / "out")
    (tmp_path / "out").rename(tmp_path / f".out.old.{gone()}")
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "out", before_the_end=interrupt)
    assert (tmp_path / "out" / "payouts.csv").read_text() == "new"


def interrupt() -> None:
    raise KeyboardInterrupt


def test_what_a_run_may_still_be_writing_stays(tmp_path: Path) -> None:
    alive, elsewhere = tmp_path / f".out.new.{os.getppid()}", tmp_path / f".out.new.{gone()}@another-machine"
    alive.mkdir()
    elsewhere.mkdir()
    run(tmp_path / "out")
    assert alive.is_dir()
    assert elsewhere.is_dir()
    long_ago = time.time() - 8 * 24 * 3600
    os.utime(elsewhere, (long_ago, long_ago))
    run(tmp_path / "out")
    assert alive.is_dir()
    assert not elsewhere.exists()


def test_a_link_in_the_place_of_a_folder_of_ours_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir(mode=0o755)
    (tmp_path / "precious" / "file").write_text("mine")
    (tmp_path / f".out.new.{gone()}").symlink_to(tmp_path / "precious")
    run(tmp_path / "out")
    assert (tmp_path / "precious" / "file").read_text() == "mine"
    assert not list(tmp_path.glob(".*"))
