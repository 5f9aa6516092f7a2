"""Ctrl-C: a run that is stopped leaves what was there before, and nothing of its own."""

import os
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from spmlang.cli import interrupt
from spmlang.cli.main import main
from spmlang.outputs.folder import whole_folder
from tests.benchmarks.generate import generate

pytestmark = pytest.mark.commands

ROOT = Path(__file__).parents[2]
MANIFEST = '{"spmlang": "1", "outputs": {}}'
PLAN = ROOT / "tests" / "benchmarks" / "plans" / "everything"


@pytest.fixture(autouse=True)
def listening() -> Iterator[None]:
    """Whoever starts the tests in the background of a script has them, and all that they start, ignore Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So many orders that a run with every line takes some seconds, in computing and in writing."""
    folder = tmp_path_factory.mktemp("company")
    generate(folder, 20_000, payees=500, seed=1)
    return folder


def interrupted(data: Path, target: Path, when: Callable[[], bool]) -> subprocess.CompletedProcess[str]:
    """Start a run, press Ctrl-C as soon as something is so, and wait."""
    command = [sys.executable, "-m", "spmlang", "run", *map(str, (PLAN, "--data", data, "--lines", "--out", target))]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not when():
            assert process.poll() is None, "the run was over before anybody stopped it"
            time.sleep(0.005)
        process.send_signal(signal.SIGINT)
        try:
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def after(seconds: float) -> Callable[[], bool]:
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


@pytest.mark.parametrize("seconds", [0.6, 1.0, 1.4])
def test_a_run_that_is_stopped_leaves_nothing(data: Path, tmp_path: Path, seconds: float) -> None:
    done = interrupted(data, tmp_path / "out", after(seconds))
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr.strip() == "interrupted; no outputs were written"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("file", ["credits.parquet", "lines.parquet", "payouts.csv"])
def test_a_run_that_is_stopped_while_it_writes_leaves_the_outputs_of_the_one_before(
    data: Path, tmp_path: Path, file: str
) -> None:
    target = tmp_path / "out"
    with whole_folder(target) as folder:
        (folder / "manifest.json").write_text(MANIFEST)
    done = interrupted(data, target, lambda: any(tmp_path.glob(f".out.new.*/{file}")))
    assert done.returncode == 130
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (target / "manifest.json").read_text() == MANIFEST


def test_stopped_between_two_names_the_outputs_of_the_run_before_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    with whole_folder(target) as folder:
        (folder / "manifest.json").write_text(MANIFEST)
    rename = Path.rename

    def stop(path: Path, to: Path) -> Path:
        if path.name.startswith(".out.new"):
            os.kill(os.getpid(), signal.SIGINT)
        return rename(path, to)

    monkeypatch.setattr(Path, "rename", stop)
    with pytest.raises(KeyboardInterrupt), whole_folder(target) as folder:
        (folder / "manifest.json").write_text("new")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (target / "manifest.json").read_text() == MANIFEST


def test_no_ctrl_c_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python drops what is raised in a callback, such as that of a weak reference. Of others that it drops it tells as ever."""
    told: list[type[BaseException]] = []
    monkeypatch.setattr("sys.unraisablehook", lambda dropped: told.append(dropped.exc_type))
    monkeypatch.setattr(interrupt, "_tell", [])  # what is put there would outlive the test
    interrupt.listen()
    called_back(lambda: signal.raise_signal(signal.SIGINT))
    called_back(lambda: [].pop())
    assert told == [IndexError]
    with pytest.raises(KeyboardInterrupt):
        interrupt.raise_if_interrupted()
    interrupt.listen()
    interrupt.raise_if_interrupted()


def called_back(does: Callable[[], object]) -> None:
    """Something done as Python calls back, at the end of an object."""

    class Thing:
        pass

    thing = Thing()
    watched = weakref.ref(thing, lambda _: does())
    del thing
    assert watched() is None


@pytest.mark.parametrize("made", [ValueError("a library's own error"), OSError(5, "a library's own error")])
def test_an_exception_made_of_a_ctrl_c_is_one(
    made: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Pydantic, for one, makes a SchemaError of a KeyboardInterrupt while it builds a model."""

    def run(_arguments: object) -> int:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        raise made

    monkeypatch.setattr("spmlang.cli.check.run", run)
    assert main(["check", "plans"]) == 130
    assert capsys.readouterr().err.strip() == "interrupted; no outputs were written"


def test_no_ctrl_c_is_lost_while_csv_files_are_read(tmp_path: Path) -> None:
    """Arrow's handler lost one in ten."""
    code = dedent(f"""
        import os, random, signal, threading, time
        from pathlib import Path
        from spmlang.cli import interrupt
        from spmlang.data.formats.csv import pacsv

        def press():
            time.sleep(random.random() / 1000)
            os.kill(os.getpid(), signal.SIGINT)

        signal.signal(signal.SIGINT, signal.default_int_handler)
        lost = 0
        for _ in range(300):
            interrupt.listen()
            thread = threading.Thread(target=press)
            try:
                thread.start()
                while thread.is_alive():
                    pacsv.read_csv({str(tmp_path / "rows.csv")!r})
                time.sleep(0.001)
            except KeyboardInterrupt:
                pass
            thread.join()
            lost += not interrupt.was_interrupted()
        print(lost)
    """)
    (tmp_path / "rows.csv").write_text("a,b\n" + "1,2\n" * 2_000)
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("0\n", "")
