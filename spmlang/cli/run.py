"""`spm run`: compute payouts, and print the cost of each component and the flags of the watches."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

import spmlang
from spmlang.cli.console import WideConsole
from spmlang.cli.interrupt import raise_if_interrupted
from spmlang.cli.outside import outside_lines, outside_values
from spmlang.cli.profile import print_profile
from spmlang.cli.shared import counted, report
from spmlang.cli.unpaid import pot_lines, unpaid_lines, without_payee
from spmlang.outputs.components import ComponentReport, Flag, component_row
from spmlang.outputs.reconciliation import reconciliation_rows, unpaid_rows
from spmlang.outputs.summary import Summary
from spmlang.outputs.unshared_pots import pot_row
from spmlang.outputs.write_folder import note_row
from spmlang.program.program import Figure
from spmlang.run.run import Run
from spmlang.run.verification import Verification
from spmlang.values.money import minor_places, money_text, number_text, rate_text
from spmlang.values.rounding import Mode, div_round


def run(arguments: argparse.Namespace) -> int:
    """Run a project, write the outputs and print a summary."""
    project = spmlang.open(arguments.project)
    with _progress(arguments) as say:

        def begin(step: str) -> None:
            raise_if_interrupted()
            say(step)

        target = arguments.out or Path("out") / project.name
        found = project.run(
            arguments.first,
            arguments.through,
            data=arguments.data,
            engine=arguments.engine,
            lines=arguments.lines,
            verify=arguments.verify,
            out=target,
            partitioned=arguments.partitioned,
            memory=arguments.memory,
            reuse=arguments.reuse,
            profile=arguments.profile,
            progress=begin,
        )
    report(found.warnings)
    done, summary = found.computed, found.summary
    if arguments.format == "json":
        print(json.dumps(_as_json(done, summary, target), indent=2, ensure_ascii=False))
    else:
        _print(done, summary, target)
        if arguments.profile:
            print_profile(done.program, done.result.costs)
    return 0


@contextmanager
def _progress(arguments: argparse.Namespace) -> Iterator[Callable[[str], None]]:
    """Show a spinner with the current step at a terminal, and yield a function that sets the step."""
    console = Console(stderr=True)
    if not console.is_terminal or arguments.format != "text":
        yield lambda words: None
        return
    with console.status("checking the plans …") as status:
        yield lambda words: status.update(f"{words} …")


#: The width in characters that the table of components needs.
_TABLE = 132


# ---- text -------------------------------------------------------------------------------------


def _print(done: Run, summary: Summary, target: Path) -> None:
    """Print the summary for readers."""
    console = WideConsole(_TABLE)
    reports, request = summary.reports, done.request
    payees = len(set(done.result.payouts["payee"].to_pylist()))
    totals = ", ".join(money_text(amount, currency) for currency, amount in _totals(reports).items())
    console.print(
        f"{done.program.name}: {request.first.label} through {request.last.label}, {counted(payees, 'payee')}, "
        f"[bold]{totals or 'nothing to pay'}[/bold]\n"
    )
    console.print(_table(reports))
    flags = [(item, flag) for item in reports for flag in item.flags]
    for item, flag in flags:
        console.print(f"[yellow]flag[/yellow]  {flag_text(item, flag)}", soft_wrap=True)
        console.print(f"      {flag.source}", style="dim")
    if not flags:
        console.print("no component crossed a line")
    said = [(note["text"], note["source"]) for note in (note_row(done.program, note) for note in summary.notes)]
    for text, source in [*said, *((item.text, item.source) for item in summary.unused_plan_items if item.loud)]:
        console.print(f"[yellow]note[/yellow]  {escape(text)}", soft_wrap=True)
        console.print(f"      {source}", style="dim")
    told = [*without_payee(done), *unpaid_lines(done, summary.unpaid), *pot_lines(summary.pots)]
    if told:
        console.print("\n" + "\n".join(told), soft_wrap=True)
    if done.tables.rejects:
        rejected = done.tables.rejected_rows
        console.print(f"{counted(rejected, 'row')} {'was' if rejected == 1 else 'were'} set aside: see rejects.csv")
    for line in outside_lines(summary.elsewhere):
        console.print(line, soft_wrap=True)
    console.print()
    for line in _verified(summary.verification):
        console.print(line, soft_wrap=True)
    console.print(f"\noutputs in {target.as_posix()}/", soft_wrap=True)


def _verified(verification: Verification) -> Iterator[str]:
    """Yield lines on the extent of verification, and on the components without it."""
    if verification.how != "sampled":
        yield verification.result
        return
    yield f"{verification.result}, and {counted(verification.source_rows, 'source row')}"
    if verification.left_out:
        yield f"not in the sample: {', '.join(verification.left_out)}"
    if verification.before_limits:
        yield f"only before caps and what payees share: {', '.join(verification.before_limits)}"


def _totals(reports: Sequence[ComponentReport]) -> dict[str, Fraction]:
    """Return the sum of the components' costs in each currency."""
    found: dict[str, Fraction] = {}
    for item in reports:
        currency = item.version.currency
        found[currency] = found.get(currency, Fraction(0)) + item.cost
    return dict(sorted(found.items()))


def _table(reports: Sequence[ComponentReport]) -> Table:
    """Return the table of components."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("plan", "component"):
        table.add_column(name, no_wrap=True)
    for name in ("cost", "revenue", "cost of\nsales", "payees\npaid", "below\nthreshold", "premium"):
        table.add_column(name, justify="right", no_wrap=True)
    for item in reports:
        currency = item.version.currency
        table.add_row(
            f"{item.version.name} {item.version.version}",
            f"{item.component.name}{' *' if item.flags else ''}",
            f"{_amount(item.cost, currency)} {currency}",
            _amount(item.revenue, currency),
            _share(item.cost_of_sales),
            f"{item.payees_paid} of {item.payees}",
            _share(item.share_below),
            _amount(item.premium, currency),
        )
    return table


def flag_text(item: ComponentReport, flag: Flag) -> str:
    """Return a flag in words.

    An example is `base of rep 1: cost of sales is 4.20%, watched when > 4%; 1,200.00 USD lie beyond the line`.
    """
    currency = item.version.currency
    name = f"{item.component.name} of {item.version.name} {item.version.version}"
    if flag.watch is None or flag.value is None:
        return f"{name}: costs {money_text(item.cost, currency)} and brings no revenue"
    money = flag.figure in (Figure.COST, Figure.PREMIUM)
    value = money_text(flag.value, currency) if money else _share(flag.value)
    line = money_text(flag.watch.limit, currency) if money else rate_text(flag.watch.limit)
    stake = _amount(flag.at_stake, currency)
    what = (
        f"the component costs {stake}"
        if flag.figure is Figure.SHARE_PAID
        else f"{stake} {currency} lie beyond the line"
    )
    return f"{name}: {flag.figure} is {value}, watched when {flag.watch.operator} {line}; {what}"


def _amount(value: Fraction | None, currency: str) -> str:
    """Return money rounded half up to the minor unit, without its currency; `-` for None."""
    if value is None:
        return "-"
    places = minor_places(currency)
    units = value * 10**places
    return number_text(Fraction(div_round(units.numerator, units.denominator, Mode.HALF_UP), 10**places), places)


def _share(ratio: Fraction | None) -> str:
    """Return a ratio as a percentage with two decimals, rounded half up; `-` for None."""
    if ratio is None:
        return "-"
    scaled = ratio * 10_000
    return f"{number_text(Fraction(div_round(scaled.numerator, scaled.denominator, Mode.HALF_UP), 100), 2)}%"


# ---- JSON -------------------------------------------------------------------------------------


def _as_json(done: Run, summary: Summary, target: Path) -> dict[str, object]:
    """Return the summary for JSON. Amounts are texts."""
    components = []
    for item in summary.reports:
        row = component_row(item)
        row["flags"] = [{"text": flag_text(item, flag), "source": flag.source} for flag in item.flags]
        components.append(row)
    return {
        "project": done.program.name,
        "from": done.request.first.label,
        "through": done.request.last.label,
        "payouts": done.result.payouts.num_rows,
        "total": {
            currency: number_text(amount, minor_places(currency)).replace(",", "")
            for currency, amount in _totals(summary.reports).items()
        },
        "components": components,
        "unmet": [asdict(item) for item in summary.unused_plan_items],
        "uncredited": done.uncredited.num_rows,
        "unpaid": unpaid_rows(done, summary.unpaid),
        "reconciliation": reconciliation_rows(done, summary.reconciliation),
        "unshared_pots": [pot_row(pot) for pot in summary.pots],
        "rejects": done.tables.rejected_rows,
        "outside": outside_values(summary.elsewhere),
        "notes": [note_row(done.program, note) for note in summary.notes],
        "verification": summary.verification.as_json(),
        "outputs": target.as_posix(),
        **({"stages": [asdict(cost) for cost in done.result.costs]} if done.request.profile else {}),
    }
