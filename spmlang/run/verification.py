"""How much of a run was computed a second time: what the manifest and the printed line say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verification:
    """How much of a run was recomputed, all of it with the same result.

    `how`: "sampled", "all", "off" or "reference". `agree` of `periods` payee-periods: all that they pay, but for components that
    were left out. `payouts` were recomputed from `rows` rows, and `source_rows` rows credited. `before_limits`: components
    that were recomputed up to caps, budgets, pools and contests alone.
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
        """One line for people and for the manifest."""
        if self.how == "off":
            return "off: nothing was recomputed"
        if self.how == "reference":
            return "reference: the interpreter that others are compared with"
        return f"{self.how}: {self.agree:,} of {self.periods:,} payee-periods agree"

    def as_json(self) -> dict[str, object]:
        """The same for programs."""
        found: dict[str, object] = {"result": self.result}
        if self.how == "sampled":
            found |= {"payouts": self.payouts, "rows": self.rows, "source_rows": self.source_rows}
            found |= {"left_out": list(self.left_out), "before_limits": list(self.before_limits)}
        return found


OFF = Verification("off")
