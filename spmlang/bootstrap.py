"""Lets a fresh clone start by itself: where packages are missing, the command goes on in the clone's own `.venv`.

It runs on whatever Python is there, so it has the standard library only and syntax that Python 3.6 can read; and it runs at
every start, so it imports little.
"""

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CANNOT_START = 3
ENTERED = "SPMLANG_ENTERED_VENV"  # set for the restarted command only: it may not restart once more


def ensure(extra: str = "") -> None:
    """Return if this Python has the project's packages and those of `extra`; if not, restart the command in `.venv`.

    Exits with status 3 and a message where that is impossible.
    """
    if sys.version_info < (3, 11):  # noqa: UP036 - to say so is the point
        stop("Python 3.11 or newer is needed; {} is {}.{}.{}.".format(sys.executable, *sys.version_info[:3]))
    if not is_clone(ROOT):
        return  # an installer brought the packages
    entered = os.environ.pop(ENTERED, None)
    lacking = missing(requirements(ROOT, extra), installed(sys.path))
    if not lacking:
        return

    from spmlang import bootstrap_venv  # only now: it is slow to import

    try:
        if entered:
            bootstrap_venv.forget(ROOT)
            stop("{} still lacks {}. Start again to repair it.".format(sys.prefix, ", ".join(lacking)))
        python = bootstrap_venv.prepare(ROOT, extra)
        _restart(str(python))
    except OSError as problem:
        stop(str(problem))
    except KeyboardInterrupt:
        stop("stopped; the next start goes on from here.", status=130)


def is_clone(root: Path) -> bool:
    """Whether `root` holds what a `.venv` is made from, as it does in a clone and not beside an installed package."""
    return (root / "pyproject.toml").is_file() and (root / ".ci" / "requirements.lock").is_file()


def requirements(root: Path, extra: str) -> "list[str]":
    """What pyproject.toml asks for, `name>=1.2,<2`. Its two lists are picked out here: to import a TOML reader takes 8 ms."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    lists = [re.search(rf"^{key} = \[(.*?)^\]", text, re.M | re.S) for key in ("dependencies", extra) if key]
    return [requirement for found in lists if found for requirement in re.findall('"(.+?)"', found.group(1))]


def installed(folders: "list[str]") -> "dict[str, str]":
    """Name and version of each package in `folders`, read off the names of their metadata folders (a quick way)."""
    found = {}  # type: dict[str, str]
    for folder in folders:
        try:
            entries = os.listdir(folder or ".")
        except OSError:  # a zip file, or a folder that is not there
            continue
        for entry in entries:
            match = re.match(r"([\w.]+)-(\d[^-]*)(-py[\d.]+)?\.(dist|egg)-info$", entry)
            if match:
                found.setdefault(_normal(match.group(1)), match.group(2))
    return found


def missing(wanted: "list[str]", found: "dict[str, str]") -> "list[str]":
    """The wanted requirements that no package in `found` meets."""
    return [requirement for requirement in wanted if not _met(requirement, found)]


def _met(requirement: str, found: "dict[str, str]") -> bool:
    name, *bounds = re.split(r",|(?=[<>])", requirement)
    version = found.get(_normal(name))
    return version is not None and all(
        (_numbers(version) >= _numbers(bound)) == bound.startswith(">=") for bound in bounds if bound
    )


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _numbers(version: str) -> "tuple[int, ...]":
    return tuple(map(int, re.findall(r"\d+", version)))


def _restart(python: str) -> None:
    """The same command with the same options, in another Python."""
    command = [python, *sys.orig_argv[1:]]
    environment = {**os.environ, ENTERED: "1"}
    if os.name == "nt":  # there, exec would hand the console back before the command ends
        import subprocess

        sys.exit(subprocess.run(command, env=environment).returncode)
    os.execve(python, command, environment)


def stop(message: str, status: int = CANNOT_START) -> None:
    """End the command with a message on standard error."""
    print("spmlang: " + message, file=sys.stderr)
    sys.exit(status)
