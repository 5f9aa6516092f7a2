"""What the machine refuses ends with exit code 3, what leads out of the outputs with 1: each is told, and nothing is written."""

import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.projects import case_project

pytestmark = pytest.mark.commands

ROOT = Path(__file__).parents[2]


#: Root may read and write everything, but for one without these rights.
_AS_OTHERS = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.getuid() == 0 else []

permissions = pytest.mark.skipif(
    bool(_AS_OTHERS) and shutil.which("setpriv") is None, reason="root has all permissions, and there is no setpriv"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    case = ROOT / "tests" / "engines" / "cases" / "version_in_mid_period"
    return case_project(case).write(tmp_path / "work" / "project")


def run(project: Path, *more: str, limit: int = resource.RLIM_INFINITY) -> subprocess.CompletedProcess[str]:
    command = [
        *(_AS_OTHERS if shutil.which("setpriv") else []),
        sys.executable,
        "-m",
        "spmlang",
        "run",
        ".",
        *more,
    ]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        command, cwd=project, env=environment, capture_output=True, text=True, check=False, preexec_fn=limited
    )


@permissions
@pytest.mark.parametrize("name", ["data/deals.csv", "plan.spm", "spm.yaml"])
def test_what_may_not_be_read_is_told(project: Path, name: str) -> None:
    (project / name).chmod(0)
    done = run(project)
    assert (done.returncode, "error[SPM657]" in done.stderr) == (3, True), done.stderr
    assert "Permission denied" in done.stderr
    assert not (project / "out").exists()


@permissions
def test_where_nothing_may_be_written_is_told(project: Path) -> None:
    (project / "out").mkdir()
    (project / "out").chmod(0o555)
    done = run(project)
    assert done.returncode == 3
    assert "error[SPM657]" in done.stderr


@permissions
@pytest.mark.parametrize("pattern", ["deals/**/*.csv", "deals/*/*.csv", "**/*.csv"])
def test_a_folder_that_may_not_be_read_is_not_left_out(project: Path, pattern: str) -> None:
    settings = (project / "spm.yaml").read_text()
    (project / "spm.yaml").write_text(settings.replace("files: deals.csv", f"files: '{pattern}'"))
    for name in ("north", "south"):
        (project / "data" / "deals" / name).mkdir(parents=True)
        shutil.copy(project / "data" / "deals.csv", project / "data" / "deals" / name / "deals.csv")
    (project / "data" / "deals" / "south").chmod(0)
    done = run(project)
    assert (done.returncode, "error[SPM657]" in done.stderr, "deals/south" in done.stderr) == (3, True, True), (
        done.stderr
    )
    (project / "data" / "deals" / "south").chmod(0o755)


@permissions
def test_plans_in_a_folder_that_may_not_be_read_are_not_left_out(project: Path) -> None:
    """Plans do not lie in the data folder, which may not be for everybody who writes them."""
    (project / "data" / "closed").mkdir(parents=True)
    (project / "data" / "closed").chmod(0)
    assert run(project).returncode == 0
    (project / "more").mkdir(mode=0)
    done = run(project)
    assert (done.returncode, "more: Permission denied" in done.stderr) == (3, True), done.stderr


@pytest.mark.parametrize("most", [300, 3_000])
def test_a_full_disk_is_told_and_leaves_the_outputs_as_they_were(project: Path, most: int) -> None:
    """A file may have so many bytes and no more: to a program that is what a full disk is."""
    assert run(project).returncode == 0
    folder = project / "out" / "version_in_mid_period"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    done = run(project, "--lines", limit=most)
    told = " ".join(done.stderr.split())  # a long path stands on a line of its own
    assert (done.returncode, "error[SPM657]: " in told, "out/version_in_mid_period" in told) == (3, True, True), told
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert list((project / "out").iterdir()) == [folder]


@pytest.mark.parametrize(
    "name", ["../../evil", "/tmp/evil", "..", ".", "a/b", "CON", "a\\\\b", ".hidden", "x" * 300, "a "]
)
def test_outputs_stay_in_their_folder(project: Path, name: str) -> None:
    settings = (project / "spm.yaml").read_text()
    (project / "spm.yaml").write_text(settings.replace("name: version_in_mid_period", f'name: "{name}"'))
    done = run(project)
    assert done.returncode == 1
    assert "error[SPM035]" in done.stderr
    assert [path.name for path in project.parent.iterdir()] == ["project"]


@pytest.mark.parametrize(
    "period", ["999999999-01", "9" * 5000 + "-01", "0000-01", "-1", "2025-13", "\u0662\u0660\u0662\u0665-01"]
)
def test_a_period_that_is_none_is_told(project: Path, period: str) -> None:
    for option in ("--from", "--through"):
        done = run(project, f"{option}={period}")
        assert done.returncode == 1, done.stderr
        assert "error[SPM" in done.stderr
        assert len(done.stderr) < 5_000
