"""All that a finished run has to say besides its payouts: found once, then written and printed."""

from __future__ import annotations

from dataclasses import dataclass

from spmlang.source.diagnostics import Diagnostic

from .components import ComponentReport, component_reports
from .outside import Outside, outside
from .payments import Payments, payments
from .running import Run
from .unmet import Unmet, unmet
from .verified import OFF, Verification


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What a run has to say: the cost of components, payments, what falls due elsewhere, what nobody met, how much was
    computed a second time, and notes."""

    reports: tuple[ComponentReport, ...]
    paid: Payments
    elsewhere: Outside
    unmet: tuple[Unmet, ...]
    verification: Verification
    notes: tuple[Diagnostic, ...]


def summarized(
    run: Run, verification: Verification = OFF, *, first_named: bool = False, last_named: bool = False
) -> Summary:
    """Find it. `first_named` and `last_named`: a person has named the first, or the last, pay period of the run.

    Raises Problems for a term of payment below zero.
    """
    paid = payments(run)
    return Summary(
        reports=tuple(component_reports(run)),
        paid=paid,
        elsewhere=outside(run, paid, first_named=first_named, last_named=last_named),
        unmet=tuple(unmet(run)),
        verification=verification,
        notes=(*run.result.notes, *paid.notes),
    )
