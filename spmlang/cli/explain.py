"""`spm explain`: explain payouts down to the source rows, or the credits of one source row."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from fractions import Fraction

import spmlang
from spmlang.cli.shared import report
from spmlang.explain.payouts import Explanation, Reason
from spmlang.values.money import number_text


def run(arguments: argparse.Namespace) -> int:
    """Explain the payouts of a payee in a period, or with `--transaction` one source row.

    The exit code is 1 if the engine and the reference interpreter differ, or if the data lacks a value.
    """
    if arguments.transaction is not None:
        return _transaction(arguments)
    if arguments.payee is None or arguments.period is None:
        arguments.misused("--payee and --period are required, or --transaction")
    project = spmlang.open(arguments.project)
    engine = arguments.engine or "duckdb"
    asked = (arguments.payee, arguments.period, arguments.component)
    found = project.explain(*asked, data=arguments.data, engine=engine, on_warnings=report)
    if arguments.format == "json":
        print(json.dumps([{**asdict(item), "equal": item.equal} for item in found], indent=2, ensure_ascii=False))
    else:
        print("\n\n".join(_told(item) for item in found))
    return 0 if all(item.equal for item in found) else 1


def _transaction(arguments: argparse.Namespace) -> int:
    """Explain one source row for every measure, in all periods."""
    for name in ("period", "component", "engine"):
        if getattr(arguments, name) is not None:
            arguments.misused(f"--{name} does not go with --transaction")
    source, key = arguments.transaction
    project = spmlang.open(arguments.project)
    found = project.explain_transaction(source, key, arguments.payee, data=arguments.data, on_warnings=report)
    if arguments.format == "json":
        print(json.dumps(asdict(found), indent=2, ensure_ascii=False, default=_plain))
    else:
        asked = f", {found.payee}" if found.payee is not None else ""
        whole = Reason(f"{found.source} {found.key}{asked}", None, f"{found.file}, row {found.row}", found.reasons)
        print("\n".join(_tree(whole, "", "")))
    return 0 if found.answered else 1


def _plain(value: object) -> str:
    """Return a number or day as text for JSON, without commas between thousands."""
    return number_text(value).replace(",", "") if isinstance(value, Fraction) else str(value)


def _told(item: Explanation) -> str:
    """Return the explanation of one payout as text, with the result of the comparison."""
    lines = [f"{item.payee}, {item.period}: {item.amount}", *_tree(item.reason, "", "")]
    if item.equal:
        lines.append(f"The run ({item.engine}) pays the same: {item.engine_amount}.")
    else:
        lines.append(
            f"THE RUN ({item.engine}) DIFFERS: it pays {item.engine_amount}. This is a fault of spmlang; report it."
        )
    return "\n".join(lines)


def _tree(reason: Reason, first: str, rest: str) -> list[str]:
    """Return one line for each reason: the sentence, its amount and its place.

    `first` is the prefix of the reason's own line, and `rest` the prefix of the lines below it.
    """
    amount = f" = {reason.amount}" if reason.amount else ""
    source = f"  [{reason.source}]" if reason.source else ""
    lines = [f"{first}{reason.text}{amount}{source}"]
    for number, child in enumerate(reason.because, 1):
        last = number == len(reason.because)
        lines += _tree(child, f"{rest}{'└─ ' if last else '├─ '}", f"{rest}{'   ' if last else '│  '}")
    return lines
