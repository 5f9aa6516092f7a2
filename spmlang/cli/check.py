"""`spm check`: check the plans of a project."""

from __future__ import annotations

import argparse
import gc

import spmlang
from spmlang.cli.shared import counted, report
from spmlang.diagnostics.diagnostic import Diagnostic, errors


def run(arguments: argparse.Namespace) -> int:
    """Check the project, and print every finding, or one line with the number of things checked."""
    gc.disable()  # nearly all objects live to the end; collecting garbage among them takes a twentieth of the time
    project = spmlang.open(arguments.project)
    problems = project.check()
    sound = not errors(problems)
    gc.freeze()
    gc.enable()
    costs: list[Diagnostic] = []
    if arguments.cost and sound:
        from spmlang.check.performance import row_level_statements

        costs = row_level_statements(project.program)
        problems = (*problems, *costs)
    if arguments.format != "text":
        return report(problems, arguments.format, to_stdout=True)
    code = report(problems)
    if sound:
        program = project.program
        lines = sum(text.count("\n") for text in program.files.values())
        counts = (
            (len({plan.name for plan in program.plans}), "plan"),
            (len(program.plans), "version"),
            (len(program.measures), "measure"),
            (len(program.territories), "territory"),
            (len(program.examples), "example"),
            (len(program.files), "file"),
            (lines, "line"),
        )
        shown = ", ".join(counted(number, word) for number, word in counts if number).replace(
            "territorys", "territories"
        )
        nothing = "; nothing needs single rows" if arguments.cost and not costs else ""
        print(f"{program.name}: {shown}; no errors{nothing}")
    return code
