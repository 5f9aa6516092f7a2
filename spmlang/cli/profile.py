"""`spm run --profile`: print the time and rows of each stage of the run."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table

from spmlang.cli.console import WideConsole
from spmlang.program.program import Program
from spmlang.results import Cost

#: The width in characters that the table of stages needs.
_WIDTH = 110


def print_profile(program: Program, costs: Sequence[Cost]) -> None:
    """Print a table of the stages in the order in which they ran, and their sum. The slowest stage is marked."""
    console = WideConsole(_WIDTH)
    if not costs:
        console.print("\nthe reference engine has no stages to tell of")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("stage", "rows", "seconds", "share", "plan line"):
        table.add_column(name, justify="left" if name in ("stage", "plan line") else "right", no_wrap=True)
    whole = sum(cost.seconds for cost in costs)
    slowest = max(costs, key=lambda cost: cost.seconds)
    for cost in costs:
        mark = " *" if cost is slowest else ""
        share = f"{100 * cost.seconds / whole:.0f}%" if whole else "-"
        table.add_row(f"{cost.stage}{mark}", f"{cost.rows:,}", f"{cost.seconds:.3f}", share, program.shown(cost.place))
    table.add_row("all stages (* the slowest)", "", f"{whole:.3f}", "100%", "")
    console.print()
    console.print(table)
