"""The extent to which a run was computed twice, for the manifest and the printed summary."""

from __future__ import annotations

from dataclasses import dataclass

#: The most source rows that a sample reads by default.
SAMPLE_ROWS = 5_000


@dataclass(frozen=True, kw_only=True)
class Verification:
    """The extent to which a run was recomputed, all of it with equal results.

    Attributes:
        how: "sampled", "all", "off" or "reference".
        agree: The number of payee-periods of which every payout was recomputed, apart from components in `left_out`.
        periods: The number of payee-periods of the run.
        payouts: The number of payouts recomputed.
        rows: The number of source rows read to recompute payouts.
        source_rows: The number of source rows whose credits were recomputed.
        left_out: The components without a recomputed payout.
        before_limits: The components that were recomputed only before caps, budgets, pools and contests.
    """

    how: str
    agree: int = 0
    periods: int = 0
    payouts: int = 0
    rows: int = 0
    source_rows: int = 0
    left_out: tuple[str, ...] = ()
    before_limits: tuple[str, ...] = ()

    @property
    def result(self) -> str:
        """Return one line for readers and for the manifest."""
        if self.how == "off":
            return "off: nothing was recomputed"
        if self.how == "reference":
            return "reference: the interpreter that others are compared with"
        return f"{self.how}: {self.agree:,} of {self.periods:,} payee-periods agree"

    def as_json(self) -> dict[str, object]:
        """Return the values for JSON and the manifest."""
        found: dict[str, object] = {"result": self.result}
        if self.how == "sampled":
            found |= {"payouts": self.payouts, "rows": self.rows, "source_rows": self.source_rows}
            found |= {"left_out": list(self.left_out), "before_limits": list(self.before_limits)}
        return found


OFF = Verification(how="off")
