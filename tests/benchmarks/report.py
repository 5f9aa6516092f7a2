"""Print the figures as tables."""

from __future__ import annotations

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from tests.benchmarks.measure import Compared, Figure
from tests.benchmarks.scale import Growth


def print_compared(console: Console, compared: Sequence[Compared]) -> None:
    """Print each plan's sides: time, its ratio to hand-written SQL, memory, and differences of payouts."""
    first = compared[0].figures[0]
    title = f"{first.rows:,} orders, {first.payees:,} payees"
    table = _table(title, ["plan", "side"], ["seconds", "to sql", "CPU s", "to sql", "peak MiB", "payouts", "differ"])
    for each in compared:
        sql = next((figure for figure in each.figures if figure.side == "sql"), None)
        for figure in each.figures:
            table.add_row(
                figure.plan,
                figure.side,
                f"{figure.seconds:.2f}",
                "-" if sql is None else f"{figure.seconds / sql.seconds:.2f}",
                f"{figure.cpu_seconds:.2f}",
                "-" if sql is None else f"{figure.cpu_seconds / sql.cpu_seconds:.2f}",
                "-" if figure.peak_mib is None else f"{figure.peak_mib:,}",
                f"{figure.payouts:,}",
                _differ(figure),
            )
    console.print(table)


def print_before(console: Console, compared: Sequence[Compared]) -> None:
    """Print the engine's time before a run, and for a run with lines."""
    figures = ["check", "load and proof", "with lines", "to run", "by hand", "lines"]
    table = _table("The engine besides its run", ["plan"], figures)
    for each in compared:
        lines, before = each.lines, each.before
        attributed = ["-"] * 4
        if lines is not None:
            by_hand = "-" if lines.by_hand_seconds is None else f"{lines.by_hand_seconds:.2f}"
            attributed = [f"{lines.seconds:.2f}", f"{lines.ratio:.2f}", by_hand, f"{lines.lines:,}"]
        table.add_row(before.plan, f"{before.check_seconds:.2f}", f"{before.load_seconds:.2f}", *attributed)
    console.print(table)


def print_growths(console: Console, growths: Sequence[Growth]) -> None:
    """Print exponents of cost."""
    table = _table(f"Growth with {growths[0].of}", ["plan", "side"], ["exponent", "seconds"])
    for growth in growths:
        seconds = ", ".join(f"{taken:.2f}" for taken in growth.seconds)
        table.add_row(growth.plan, growth.side, f"{growth.exponent:.2f}", seconds)
    console.print(table)


def _table(title: str, names: list[str], figures: list[str]) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left")
    for name in names:
        table.add_column(name, no_wrap=True)
    for name in figures:
        table.add_column(name, justify="right", no_wrap=True)
    return table


def _differ(figure: Figure) -> str:
    if figure.missing:
        return f"{figure.missing:,} missing"
    if figure.different:
        return f"{figure.different:,} by up to {figure.largest} cents"
    return "none"
