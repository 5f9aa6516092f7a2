"""The `example` blocks of a project, evaluated one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from spmlang.diagnostics.diagnostic import Diagnostic, Problems, diagnose
from spmlang.program.program import Example, Program
from spmlang.reference.examples import evaluate_example
from spmlang.values.money import money_text


@dataclass(frozen=True)
class Outcome:
    """The outcome of one example. The example holds if there are no problems."""

    example: Example
    problems: tuple[Diagnostic, ...]


def run_examples(program: Program) -> Iterator[Outcome]:
    """Yield the outcome of every example, in the order in which the plan files state them."""
    for example in program.examples:
        try:
            paid = evaluate_example(program, example)
        except Problems as mistakes:
            yield Outcome(example, mistakes.diagnostics)
            continue
        currency = example.plan.currency
        differing = [
            diagnose(
                "example-differs",
                item.span,
                (),
                component=item.component,
                found=money_text(paid[item.component], currency),
                wanted=money_text(item.amount, currency),
            )
            for item in example.expect
            if paid[item.component] != item.amount
        ]
        yield Outcome(example, tuple(differing))
