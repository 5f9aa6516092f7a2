"""The report of a finished run besides its payouts. It is computed once, then written and printed."""

from __future__ import annotations

from dataclasses import dataclass

from spmlang.diagnostics.diagnostic import Diagnostic
from spmlang.run.run import Run
from spmlang.run.verification import OFF, Verification

from .components import ComponentReport, component_reports
from .due_outside import DueOutside, due_outside
from .payments import Payments, payments
from .reconciliation import Line, Unpaid, reconciliation, unpaid
from .unshared_pots import UnsharedPot, unshared_pots
from .without_effect import UnusedPlanItem, unused_plan_items


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The report of a run besides its payouts.

    It has the costs of components, the payments, amounts due outside the run's days, the reconciliation, unpaid
    credits, pots not fully shared, plans and other items without a payee, the extent of verification, and notes.
    """

    reports: tuple[ComponentReport, ...]
    paid: Payments
    elsewhere: DueOutside
    reconciliation: tuple[Line, ...]
    unpaid: tuple[Unpaid, ...]
    pots: tuple[UnsharedPot, ...]
    unused_plan_items: tuple[UnusedPlanItem, ...]
    verification: Verification
    notes: tuple[Diagnostic, ...]


def summarized(
    run: Run, verification: Verification = OFF, *, first_named: bool = False, last_named: bool = False
) -> Summary:
    """Compute the summary of a run.

    Args:
        run: The run.
        verification: The extent to which it was recomputed.
        first_named: True if the user named its first pay period.
        last_named: True if the user named its last pay period.

    Raises:
        Problems: If a payment term gives an amount below zero.
    """
    paid = payments(run)
    return Summary(
        reports=tuple(component_reports(run)),
        paid=paid,
        elsewhere=due_outside(run, paid, first_named=first_named, last_named=last_named),
        reconciliation=tuple(reconciliation(run)),
        unpaid=tuple(unpaid(run)),
        pots=tuple(unshared_pots(run)),
        unused_plan_items=tuple(unused_plan_items(run)),
        verification=verification,
        notes=(*run.result.notes, *paid.notes),
    )
