"""Ctrl-C that is never lost: Python drops a KeyboardInterrupt that falls into a callback of its own, such as one of an import."""

from __future__ import annotations

import signal
import threading
from types import FrameType

_asked = threading.Event()


def listen() -> None:
    """Remember Ctrl-C from now on, and raise KeyboardInterrupt for it. Where it is ignored it stays ignored."""
    _asked.clear()
    ignored = signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    if not ignored and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, _interrupted)


def heed() -> None:
    """Raise KeyboardInterrupt if somebody has pressed Ctrl-C."""
    if _asked.is_set():
        raise KeyboardInterrupt


def _interrupted(_number: int, _frame: FrameType | None) -> None:
    _asked.set()
    raise KeyboardInterrupt
