"""Tables and colours for people at a terminal."""

from __future__ import annotations

from rich.console import Console

from spmlang.cli.shared import width


class Page(Console):
    """Standard output, at least `needed` columns wide: a narrower terminal wraps rather than hides figures."""

    def __init__(self, needed: int) -> None:
        super().__init__(width=max(width(), needed), highlight=False)

    def on_broken_pipe(self) -> None:
        """The reader went away (`spm … | head`): what that means is for the command line to say, not for a table."""
        raise BrokenPipeError
