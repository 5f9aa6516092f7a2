"""The first start in a clone: what counts as missing, when `.venv` is up to date, and one real start."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from spmlang import bootstrap, bootstrap_venv


@pytest.mark.parametrize(
    ("wanted", "version", "met"),
    [
        ("pandas>=3.0,<4", "3.1.1", True),
        ("pandas>=3.0,<4", "3.0", True),
        ("pandas>=3.0,<4", "2.3.3", False),
        ("pandas>=3.0,<4", "4.0", False),
        ("pandas>=3.10", "3.9", False),
        ("pandas", "0.1", True),
    ],
)
def test_a_package_counts_only_in_a_version_that_is_asked_for(wanted: str, version: str, met: bool) -> None:
    assert bootstrap.missing([wanted], {"pandas": version}) == ([] if met else [wanted])


def test_a_package_that_is_not_there_is_missing() -> None:
    assert bootstrap.missing(["pandas>=3", "lark>=1"], {"lark": "1.3.1"}) == ["pandas>=3"]


def test_names_are_compared_as_package_indexes_do() -> None:
    assert (
        bootstrap.missing(["types-PyYAML>=6.0.12", "Import_Linter"], {"types-pyyaml": "6.0.12.2", "import-linter": "2"})
        == []
    )


def test_packages_are_read_off_their_metadata_folders_first_folder_first(tmp_path: Path) -> None:
    for folder in (
        "one/types_PyYAML-6.0.12.2.dist-info",
        "one/duckdb-2.0.0.dist-info",
        "one/duckdb",
        "two/duckdb-1.4.0.dist-info",
        "two/PyYAML-6.0-py3.11.egg-info",
    ):
        (tmp_path / folder).mkdir(parents=True)
    folders = [str(tmp_path / name) for name in ("one", "absent", "two")]
    assert bootstrap.installed(folders) == {"types-pyyaml": "6.0.12.2", "duckdb": "2.0.0", "pyyaml": "6.0"}


def test_versions_of_this_environment_are_found_without_importing_anything() -> None:
    found = bootstrap.installed(sys.path)
    for name in ("lark", "pydantic-core", "pytest", "types-pyyaml"):
        assert found[name] == metadata.version(name)


def test_requirements_are_those_of_pyproject() -> None:
    project = tomllib.loads((bootstrap.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert bootstrap.requirements(bootstrap.ROOT, "") == project["dependencies"]
    assert bootstrap.requirements(bootstrap.ROOT, "dev") == [
        *project["dependencies"],
        *project["optional-dependencies"]["dev"],
    ]


@pytest.mark.parametrize("extra", ["dev", "spark"])
def test_pyproject_asks_only_in_the_form_that_is_understood(extra: str) -> None:
    for requirement in bootstrap.requirements(bootstrap.ROOT, extra):
        assert re.fullmatch(r"[\w.-]+(>=[\d.]+)?(,<[\d.]+)?", requirement), requirement


def test_the_lock_meets_pyproject_and_names_no_place() -> None:
    lock = (bootstrap.ROOT / ".ci" / "requirements.lock").read_text(encoding="utf-8")
    pins = [line for line in lock.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)
    found = {name.replace("_", "-").lower(): version for name, version in (pin.split("==") for pin in pins)}
    for extra in ("dev", "spark"):
        assert bootstrap.missing(bootstrap.requirements(bootstrap.ROOT, extra), found) == []


def _clone(root: Path) -> Path:
    (root / ".ci").mkdir()
    (root / ".ci" / "requirements.lock").write_text("duckdb==2.0.0\n")
    (root / "pyproject.toml").write_text("[project]\ndependencies = ['duckdb>=2']\n")
    return root


def test_only_a_folder_with_project_file_and_lock_is_a_clone(tmp_path: Path) -> None:
    assert not bootstrap.is_clone(tmp_path)
    assert bootstrap.is_clone(_clone(tmp_path))


@pytest.mark.parametrize("file", ["pyproject.toml", ".ci/requirements.lock"])
def test_the_stamp_changes_with_what_the_environment_is_made_from(tmp_path: Path, file: str) -> None:
    clone = _clone(tmp_path)
    before = bootstrap_venv.stamp(clone)
    assert bootstrap_venv.stamp(clone) == before
    with (clone / file).open("a") as stream:
        stream.write("# changed\n")
    assert bootstrap_venv.stamp(clone) != before


def test_a_stamped_environment_is_used_as_it_is_and_a_forgotten_one_is_not(tmp_path: Path) -> None:
    clone = _clone(tmp_path)
    python = clone / ".venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    python.parent.mkdir(parents=True)
    python.touch()
    (clone / ".venv" / "spmlang-runtime.stamp").write_text(bootstrap_venv.stamp(clone))
    assert bootstrap_venv.prepare(clone, "") == python
    bootstrap_venv.forget(clone)
    with pytest.raises(OSError, match="is not a virtual environment"):
        bootstrap_venv.prepare(clone, "")
    assert python.exists()


def test_without_ensurepip_another_tool_makes_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap_venv, "find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", {"uv": "/bin/uv"}.get)
    assert bootstrap_venv.maker(tmp_path) == ["/bin/uv", "venv", "--seed", "--python", sys.executable, str(tmp_path)]


def test_without_any_tool_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap_venv, "find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(OSError, match="apt install python3-venv"):
        bootstrap_venv.maker(tmp_path)


def _copy_of_this_clone(target: Path) -> Path:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=bootstrap.ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (bootstrap.ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(bootstrap.ROOT / name, target / name)
    return target


def _start(clone: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """`python3 -m spmlang --help` with the Python that this environment was made from."""
    python = sys._base_executable  # type: ignore[attr-defined]
    command = [python, "-m", "spmlang", "--help"]
    return subprocess.run(command, cwd=clone, env={**os.environ, **environment}, capture_output=True, text=True)


@pytest.mark.slow
def test_a_fresh_clone_starts_by_itself(tmp_path: Path) -> None:
    clone = _copy_of_this_clone(tmp_path)
    first = _start(clone)
    assert first.returncode == 0, first.stderr
    assert "run" in first.stdout
    again = _start(clone)
    assert (again.returncode, again.stdout, again.stderr) == (0, first.stdout, "")

    if not (clone / ".venv").exists():  # this machine's own Python has all packages
        return
    assert "spmlang: ready." in first.stderr
    for package in (clone / ".venv").glob("**/duckdb-*.dist-info"):
        shutil.rmtree(package)
    assert "lacks duckdb" in _start(clone).stderr
    repaired = _start(clone)
    assert (repaired.returncode, repaired.stdout) == (0, first.stdout), repaired.stderr


@pytest.mark.slow
def test_without_a_package_index_the_start_ends_with_one_message(tmp_path: Path) -> None:
    clone = _copy_of_this_clone(tmp_path)
    project = clone / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    project.write_text(text.replace("dependencies = [", 'dependencies = ["no-such-package>=1",', 1), encoding="utf-8")
    ended = _start(clone, PIP_NO_INDEX="1", PIP_CONFIG_FILE=os.devnull, PIP_FIND_LINKS="")
    assert ended.returncode == bootstrap.CANNOT_START
    assert "pip could not install the packages:" in ended.stderr
    assert "Traceback" not in ended.stderr
