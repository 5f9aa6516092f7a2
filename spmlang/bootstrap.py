"""Start of a fresh clone. If packages are missing, the command continues in the clone's own `.venv`.

This file uses only the standard library and syntax of Python 3.6, because it runs on any Python. It runs at every
start, so it imports little.
"""

import os
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CANNOT_START = 3
ENTERED = "SPMLANG_ENTERED_VENV"  # set for the restarted command only, so that it does not restart again


def ensure(extra: str = "") -> None:
    """Return if this Python has the project's packages and those of `extra`; if not, restart the command in `.venv`.

    Exit with status 3 and a message if that is impossible.
    """
    if sys.version_info < (3, 11):  # noqa: UP036 - the message is the purpose
        stop("Python 3.11 or newer is needed; {} is {}.{}.{}.".format(sys.executable, *sys.version_info[:3]))
    if not is_clone(ROOT):
        return  # an installer brought the packages
    entered = os.environ.pop(ENTERED, None)
    lacking = missing(requirements(ROOT, extra), installed(sys.path))
    if not lacking:
        return

    from spmlang import bootstrap_venv  # imported only here because it is slow to import

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
    """Return True if `root` has the files that a `.venv` is made from.

    A clone has them, an installed package does not.
    """
    return (root / "pyproject.toml").is_file() and (root / ".ci" / "requirements.lock").is_file()


def requirements(root: Path, extra: str) -> "list[str]":
    """Return the requirements in pyproject.toml, such as `name>=1.2,<2`, including those of `extra`.

    The lists are found by a regular expression, because importing a TOML reader takes 8 ms.
    """
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    lists = [re.search(rf"^{key} = \[(.*?)^\]", text, re.M | re.S) for key in ("dependencies", extra) if key]
    return [requirement for found in lists if found for requirement in re.findall('"(.+?)"', found.group(1))]


def installed(folders: "list[str]") -> "dict[str, str]":
    """Return name and version of each package in `folders`.

    They come from the names of the metadata folders, which is quick.
    """
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
    """Return the wanted requirements that no package in `found` satisfies."""
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
    """Run the same command with the same options in another Python."""
    command = [python, *sys.orig_argv[1:]]
    environment = {**os.environ, ENTERED: "1"}
    if os.name == "nt":  # exec on Windows would return the console before the command ends
        import subprocess

        sys.exit(subprocess.run(command, env=environment).returncode)
    os.execve(python, command, environment)


def stop(message: str, status: int = CANNOT_START) -> None:
    """Exit with a message on standard error."""
    print("spmlang: " + message, file=sys.stderr)
    sys.exit(status)
