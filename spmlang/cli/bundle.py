"""`spm bundle`: write a small project, with made-up names, that reproduces one payee's pay.

The project is to be sent to another person.
"""

from __future__ import annotations

import argparse

from spmlang.cli.shared import counted, report
from spmlang.data.damaged_files import reporting_damage_of
from spmlang.run.open import open_data, open_project
from spmlang.run.run import make_request, named_pay_period, run_program
from spmlang.run.verification import SAMPLE_ROWS
from spmlang.verify.bundle import Amounts, Bundle, bundle
from spmlang.verify.differences import Differs
from spmlang.verify.sample import verify


def run(arguments: argparse.Namespace) -> int:
    """Write the bundle. The exit code is 1 if the bundle does not show what the project shows."""
    if (arguments.payee is None) != (arguments.period is None):
        arguments.misused("--payee and --period go together")
    opened = open_project(arguments.project)
    tables, warnings = open_data(opened, arguments.data)
    payee, label = arguments.payee, arguments.period
    with reporting_damage_of(tables):
        if payee is None:
            done = run_program(opened.program, tables, make_request(opened.program, tables), arguments.engine)
            try:
                verify(done, SAMPLE_ROWS)
            except Differs as differs:
                label, payee = differs.period, differs.payee
            else:
                arguments.misused("the sample of a run agrees, so --payee and --period are required")
        period = named_pay_period(opened.program, label)
        found = bundle(
            opened.program, tables, payee=payee, period=period, engine=arguments.engine, folder=arguments.out
        )
    report([*opened.warnings, *warnings])
    print(f"{counted(found.rows, 'row')} of {payee}, {label}, as {found.payee} in {arguments.out.as_posix()}/")
    print("\n".join(_told(found)))
    return 0 if found.equal else 1


def _told(found: Bundle) -> list[str]:
    """Return the lines that compare the bundle with the project."""
    lines = [f"{item.component}: {_both(item)}" for item in found.after]
    if found.problem is not None:
        return [f"The bundle does not run, so that it shows nothing: {found.problem}"]
    if not found.equal:
        before = "; ".join(f"{item.component} {_both(item)}" for item in found.before)
        return [*lines, f"THE BUNDLE SHOWS SOMETHING ELSE than the project: {before}"]
    same = all(item.engine == item.reference for item in found.after)
    return [
        *lines,
        "The project shows the same: both ways to compute agree." if same else "The project differs in the same way.",
    ]


def _both(item: Amounts) -> str:
    return f"the engine pays {item.engine}, the reference {item.reference}"
