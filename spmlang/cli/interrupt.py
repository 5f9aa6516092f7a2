"""Ctrl-C that is never lost: Python drops a KeyboardInterrupt that falls into a callback of its own, such as one of an import.

Dropped, it is remembered, and raised as soon as somebody heeds; that Python dropped it is not told.
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

#: What tells of other exceptions that Python drops, the last one.
_tell: list[Callable[[UnraisableHookArgs], object]] = []


def listen() -> None:
    """Remember Ctrl-C from now on, and raise KeyboardInterrupt for it. Where it is ignored it stays ignored."""
    _asked.clear()
    ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    if not ignored and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, _interrupted)
        if sys.unraisablehook is not _dropped:
            _tell.append(sys.unraisablehook)
            sys.unraisablehook = _dropped


def heed() -> None:
    """Raise KeyboardInterrupt if somebody has pressed Ctrl-C."""
    if _asked.is_set():
        raise KeyboardInterrupt


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    _asked.set()
    raise KeyboardInterrupt


def _dropped(dropped: UnraisableHookArgs) -> None:
    if not issubclass(dropped.exc_type, KeyboardInterrupt):
        _tell[-1](dropped)
