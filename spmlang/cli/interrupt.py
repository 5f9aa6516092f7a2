"""Handling of Ctrl-C that loses no interrupt.

Python drops a KeyboardInterrupt that is raised in one of its own callbacks, such as one of an import. The handler here
remembers the interrupt, and `raise_if_interrupted` raises it again. Python's message about the dropped exception is suppressed.
"""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from sys import UnraisableHookArgs

_asked = threading.Event()

#: The hook that reports other exceptions that Python drops. The last one counts.
_tell: list[Callable[[UnraisableHookArgs], object]] = []


def listen() -> None:
    """Raise and remember KeyboardInterrupt for Ctrl-C from now on.

    If the process ignores Ctrl-C, it keeps ignoring it.
    """
    _asked.clear()
    ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    if not ignored and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, _interrupted)
        if sys.unraisablehook is not _dropped:
            _tell.append(sys.unraisablehook)
            sys.unraisablehook = _dropped


def was_interrupted() -> bool:
    """Return whether Ctrl-C was pressed since `listen`."""
    return _asked.is_set()


def raise_if_interrupted() -> None:
    """Raise KeyboardInterrupt if Ctrl-C was pressed since `listen`."""
    if was_interrupted():
        raise KeyboardInterrupt


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    """Remember the interrupt and raise it."""
    _asked.set()
    raise KeyboardInterrupt


def _dropped(dropped: UnraisableHookArgs) -> None:
    """Report an exception that Python drops, unless it is a KeyboardInterrupt."""
    if not issubclass(dropped.exc_type, KeyboardInterrupt):
        _tell[-1](dropped)
