"""A run is believed when the reference interpreter, which shares nothing with the engine but the plan, comes to the same cents.

It recomputes payee-periods and source rows that a hash of the inputs draws; docs/decisions/0010-verification.md.
"""

from __future__ import annotations

from dataclasses import replace

from spmlang.diagnostics.diagnostic import Problems, diagnose
from spmlang.run.run import Run, run_program
from spmlang.run.verification import OFF, Verification

from .differences import compare, payouts_by_key
from .draw import draw_for
from .payouts import Sample
from .source_rows import check_rows

#: So many rows tell as much as is recomputed where nobody says otherwise.
ROWS = 5_000

#: No run has more rows than have so many digits.
_DIGITS = 12


def extent_of(text: str) -> str | int:
    """What `--verify` says: "all", "off" or a number of rows. Raises Problems for anything else."""
    if text in ("all", "off"):
        return text
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS or int(text) == 0:
        raise Problems([diagnose("verify-extent", None, found=text)])
    return int(text)


def verify(run: Run, extent: str | int) -> Verification:
    """Recompute a run: "all", "off", or as much as so many rows tell. Raises Problems for the first thing that differs."""
    if extent == "off":
        return OFF
    if run.engine == "reference":
        return Verification("reference")
    periods = run.result.payouts.group_by(["payee", "period"]).aggregate([]).num_rows
    if extent == "all":
        _compare_all(run)
        payouts = run.result.payouts.num_rows
        return Verification("all", periods, periods, payouts)
    drawn = draw_for(run.program, run.tables)
    checked = check_rows(run, drawn)
    done = Sample(run, drawn, int(extent)).recomputed(checked.credits)
    return Verification(
        "sampled",
        done.agreeing(),
        periods,
        len(done.payouts),
        done.facts.rows_read,
        checked.rows,
        tuple(" ".join(map(str, part)) for part in done.left_out()),
        tuple(" ".join(map(str, part)) for part in done.before_limits()),
    )


def _compare_all(run: Run) -> None:
    """Everything, as the reference has it."""
    alone = replace(run.request, lines=False, profile=False, sink=None)
    expected = run_program(run.program, run.tables, alone, "reference")
    both = (payouts_by_key(item.result.payouts) for item in (expected, run))
    compare(run, *both)
