"""Make, repair and update the `.venv` of a clone, with the standard library only.

Progress is printed to standard error. A stamp in `.venv`, written last, shows that it is complete. The stamp depends on
pyproject.toml, the lock file and the clone's folder.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path


class NotPrepared(OSError):
    """The error for a `.venv` that could not be made, with its cause and remedy."""


def prepare(root: Path, extra: str) -> Path:
    """Return the Python of a `.venv` that has the locked packages of the project and of `extra`.

    The `.venv` is made or repaired if necessary.

    Raises:
        OSError: If that fails.
    """
    venv = root / ".venv"
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if python.is_file() and _is_stamped(root, extra):
        return python
    if not _works(python):
        _make(venv, python)
    _say(f"installing packages into {venv} (once; a minute or two) ...")
    _install(python, root, extra)
    for part in {"", extra}:
        _stamp_file(root, part).write_text(stamp(root))
    _say("ready.")
    return python


def forget(root: Path) -> None:
    """Remove the stamps, so that the next start repairs `.venv`."""
    for file in (root / ".venv").glob("*.stamp"):
        file.unlink()


def stamp(root: Path) -> str:
    """Return the text that marks a complete `.venv`."""
    made_from = (
        (root / "pyproject.toml").read_bytes(),
        (root / ".ci" / "requirements.lock").read_bytes(),
        os.fsencode(root),
    )
    return hashlib.sha256(b"\0".join(made_from)).hexdigest()


def maker(venv: Path) -> list[str]:
    """Return the command that makes a virtual environment with this Python.

    Raises:
        OSError: If there is no tool for that.
    """
    if find_spec("ensurepip"):
        return [sys.executable, "-m", "venv", str(venv)]
    for tool, *options in (("uv", "venv", "--seed"), ("virtualenv",)):
        if path := shutil.which(tool):
            return [path, *options, "--python", sys.executable, str(venv)]
    raise NotPrepared(
        f"packages are missing, and {sys.executable} cannot make a virtual environment: it comes without ensurepip.\n"
        "Install that (Debian, Ubuntu: `apt install python3-venv`), or uv, or virtualenv; then start again."
    )


def _stamp_file(root: Path, extra: str) -> Path:
    return root / ".venv" / f"spmlang-{extra or 'runtime'}.stamp"


def _is_stamped(root: Path, extra: str) -> bool:
    file = _stamp_file(root, extra)
    return file.is_file() and file.read_text() == stamp(root)


def _works(python: Path) -> bool:
    probes = ["-c", "import sys; sys.exit(sys.version_info < (3, 11))"], ["-m", "pip", "--version"]
    try:
        return all(_run([str(python), *probe]).returncode == 0 for probe in probes)
    except OSError:  # no Python, or one that does not start
        return False


def _make(venv: Path, python: Path) -> None:
    """Make or repair `.venv`. If the repair does not work, it is deleted and made again."""
    command = maker(venv)
    if venv.is_dir() and any(venv.iterdir()) and not (venv / "pyvenv.cfg").is_file():
        raise NotPrepared(f"{venv} is not a virtual environment. Move it away, then start again.")
    _say(f"making the virtual environment {venv} ...")
    for anew in (False, True):
        if anew and venv.exists():
            shutil.rmtree(venv)
        made = _run(command)
        if _works(python):
            return
    raise NotPrepared(f"`{' '.join(command)}` made no working environment:\n{made.stdout.strip()}")


def _install(python: Path, root: Path, extra: str) -> None:
    lock = root / ".ci" / "requirements.lock"
    project = f"{root}[{extra}]" if extra else str(root)
    command = [str(python), "-m", "pip", "install", "--constraint", str(lock), "--editable", project]
    environment = {**os.environ, "PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    said = []
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in pip.stdout or ():
            said.append(line.strip())
            if package := re.match(r"Collecting ([\w.-]+)", line):
                _say(f"  {package[1]}")
    if pip.returncode:
        reasons = [line for line in said if re.match(r"(ERROR|\w*Error):", line)] or said
        raise NotPrepared(
            "pip could not install the packages:\n  "
            + "\n  ".join(reasons[-5:])
            + "\nThe first start needs the network, or a package index that pip is set up for; start again to go on from here."
        )


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def _say(text: str) -> None:
    print(f"spmlang: {text}", file=sys.stderr, flush=True)
