"""Run one command on one project, in a process with bounds on time and memory."""

from __future__ import annotations

import os
import re
import resource
import signal
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path

#: The time after which a command counts as hanging.
_LONGEST_WAIT = 300  # seconds of the wall clock
_RAISED = 99
#: The message in each kind of output: as text, JSON or SARIF; about the machine, the usage, the layout or examples.
_MESSAGE = re.compile(
    r'error\[SPM\d+\]|"(?:code|ruleId)": "SPM\d+"|^spm: |^spm \w+: error: |would change|failed', re.MULTILINE
)
_FRAME = re.compile(r'File "[^"]*?((?:spmlang|site-packages)/[^"]+)", line (\d+)')


@dataclass(frozen=True)
class Bounds:
    """The time and memory that a command on input of a given size may use."""

    seconds: float  # of CPU time
    memory: int  # bytes of address space


@dataclass(frozen=True)
class Tried:
    """The outcome of a command: exit code (negative: the signal), output, time and memory."""

    code: int
    said: str
    seconds: float  # of CPU time
    memory: int  # bytes, resident

    def wrong(self, bounds: Bounds) -> str | None:
        """Return the finding in a line that is equal for all inputs with the same cause, or None."""
        if "Traceback (most recent call last)" in self.said:
            frames = [f"{file}:{line}" for file, line in _FRAME.findall(self.said)]
            own = [frame for frame in frames if frame.startswith("spmlang")]
            raised = re.findall(r"^(\w[\w.]*)(?::|$)", self.said, flags=re.MULTILINE)
            return f"traceback {raised[-1] if raised else '?'} at {(own or frames or ['?'])[-1]}"
        if self.code in (-signal.SIGXCPU, -signal.SIGKILL) or self.seconds > bounds.seconds:
            return f"slow: {self.seconds:.0f} s of CPU time"
        if self.code == -signal.SIGALRM:
            return "hangs"
        if self.code not in (0, 1, 2, 3):
            return f"exit code {self.code}"
        if self.code and not _MESSAGE.search(self.said):
            return f"exit code {self.code} without a word"
        return None


def attempt(arguments: list[str], folder: Path, bounds: Bounds) -> Tried:
    """Run `spm` in a folder.

    The process is forked, so the modules imported here need not be imported again.
    """
    told = folder.parent / f"{folder.name}.said"
    child = os.fork()
    if child == 0:
        _run(arguments, folder, told, bounds)
    _, status, used = os.wait4(child, 0)
    said = told.read_text(encoding="utf-8", errors="replace")
    return Tried(os.waitstatus_to_exitcode(status), said, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024)


def _run(arguments: list[str], folder: Path, told: Path, bounds: Bounds) -> None:
    """Run the command as if called from a shell. Never returns."""
    from spmlang.cli.main import main

    code = _RAISED
    try:
        output = os.open(told, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(output, 1)
        os.dup2(output, 2)
        # The streams of a test that captures them are other files.
        sys.stdout, sys.stderr = (open(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))  # noqa: SIM115
        os.chdir(folder)
        seconds = int(bounds.seconds) + 1
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
        resource.setrlimit(resource.RLIMIT_AS, (bounds.memory, bounds.memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.alarm(_LONGEST_WAIT)
        code = main(arguments)
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else 1
    except BaseException:  # the parent finds the traceback in what was printed, and reports it
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
