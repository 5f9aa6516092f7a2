"""Check a run with the reference interpreter, which shares only the plans and the data with the engines.

The reference recomputes payee-periods and source rows drawn by a hash of the inputs (decision 10).
"""

from __future__ import annotations

from dataclasses import replace

from spmlang.diagnostics.diagnostic import Problems, diagnose
from spmlang.run.run import Run, run_program
from spmlang.run.verification import OFF, Verification

from .differences import compare, payouts_by_key
from .payouts import Sample
from .random_choice import draw_for
from .source_rows import check_rows

#: The most digits of a number of rows.
_DIGITS = 12


def extent_of(text: str) -> str | int:
    """Return the extent that `--verify` states: "all", "off" or a number of rows.

    Raises:
        Problems: If the text is anything else.
    """
    if text in ("all", "off"):
        return text
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS or int(text) == 0:
        raise Problems([diagnose("verify-extent", None, found=text)])
    return int(text)


def verify(run: Run, extent: str | int) -> Verification:
    """Recompute a run, as a whole or by a sample.

    Args:
        run: The run.
        extent: "all", "off", or the most source rows to read for the sample.

    Raises:
        Problems: For the first difference.
    """
    if extent == "off":
        return OFF
    if run.engine == "reference":
        return Verification(how="reference")
    periods = run.result.payouts.group_by(["payee", "period"]).aggregate([]).num_rows
    if extent == "all":
        _compare_all(run)
        payouts = run.result.payouts.num_rows
        return Verification(how="all", agree=periods, periods=periods, payouts=payouts)
    drawn = draw_for(run.program, run.tables)
    checked = check_rows(run, drawn)
    done = Sample(run, drawn, int(extent)).recomputed(checked.credits)
    return Verification(
        how="sampled",
        agree=done.agreeing(),
        periods=periods,
        payouts=len(done.payouts),
        rows=done.sources.rows_read,
        source_rows=checked.rows,
        left_out=tuple(" ".join(map(str, part)) for part in done.left_out()),
        before_limits=tuple(" ".join(map(str, part)) for part in done.before_limits()),
    )


def _compare_all(run: Run) -> None:
    """Recompute the whole run by the reference interpreter, and compare all payouts."""
    alone = replace(run.request, lines=False, profile=False, sink=None)
    expected = run_program(run.program, run.tables, alone, "reference")
    both = (payouts_by_key(item.result.payouts) for item in (expected, run))
    compare(run, *both)
