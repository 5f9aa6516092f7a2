"""`spm test`: evaluate the examples of a project."""

from __future__ import annotations

import argparse
import json

import spmlang
from spmlang.cli.shared import counted, report
from spmlang.outputs.payouts import place


def run(arguments: argparse.Namespace) -> int:
    """Evaluate the examples, and print each difference and a line with the totals."""
    project = spmlang.open(arguments.project)
    outcomes = project.test()
    problems = [problem for outcome in outcomes for problem in outcome.problems]
    if arguments.format == "json":
        found = [
            {
                "example": outcome.example.title,
                "place": place(project.program, outcome.example.span),
                "holds": not outcome.problems,
                "problems": [problem.message for problem in outcome.problems],
            }
            for outcome in outcomes
        ]
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 1 if problems else 0
    code = report([*project.check(), *problems])
    failed = sum(bool(outcome.problems) for outcome in outcomes)
    expected = sum(len(outcome.example.expect) for outcome in outcomes)
    if failed:
        print(f"{failed} of {counted(len(outcomes), 'example')} failed")
    else:
        print(f"{counted(len(outcomes), 'example')} passed, {counted(expected, 'expected amount')}")
    return code
