"""`spm test`: evaluate the examples of a project."""

from __future__ import annotations

import argparse
import json

from spmlang.cli.shared import counted, report
from spmlang.outputs.payouts import place
from spmlang.run.examples import run_examples
from spmlang.run.open import open_project


def run(arguments: argparse.Namespace) -> int:
    """Evaluate the examples, and print each difference and a line with the totals."""
    opened = open_project(arguments.project)
    outcomes = list(run_examples(opened.program))
    problems = [problem for outcome in outcomes for problem in outcome.problems]
    if arguments.format == "json":
        found = [
            {
                "example": outcome.example.title,
                "place": place(opened.program, outcome.example.span),
                "holds": not outcome.problems,
                "problems": [problem.message for problem in outcome.problems],
            }
            for outcome in outcomes
        ]
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 1 if problems else 0
    code = report([*opened.warnings, *problems])
    failed = sum(bool(outcome.problems) for outcome in outcomes)
    expected = sum(len(outcome.example.expect) for outcome in outcomes)
    if failed:
        print(f"{failed} of {counted(len(outcomes), 'example')} failed")
    else:
        print(f"{counted(len(outcomes), 'example')} passed, {counted(expected, 'expected amount')}")
    return code
