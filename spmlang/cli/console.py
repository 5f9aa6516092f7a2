"""Standard output for tables and colours at a terminal."""

from __future__ import annotations

from rich.console import Console

from spmlang.cli.shared import width


class WideConsole(Console):
    """Standard output, at least `needed` columns wide.

    In a narrower terminal lines wrap, so that no figure is hidden.
    """

    def __init__(self, needed: int) -> None:
        super().__init__(width=max(width(), needed), highlight=False)

    def on_broken_pipe(self) -> None:
        """Raise BrokenPipeError if the reader has closed the pipe (`spm … | head`), because `main` handles it."""
        raise BrokenPipeError
