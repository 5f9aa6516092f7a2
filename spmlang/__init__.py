"""spmlang: sales compensation plans as text files that are proven, run and explained to the cent.

The names below are the public Python API (see docs/python.md). They are imported on first use, so that
`import spmlang` takes no time. All other modules may change in any release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spmlang.version import __version__

if TYPE_CHECKING:
    from spmlang.api import Diagnostic, PayoutRun, Problems, Project, open  # noqa: A004 - spmlang.open reads as intended

__all__ = ["Diagnostic", "PayoutRun", "Problems", "Project", "__version__", "open"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'spmlang' has no attribute {name!r}")
    from spmlang import api

    return getattr(api, name)
