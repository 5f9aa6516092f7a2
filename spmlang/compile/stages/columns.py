"""The columns that several stages have."""

from __future__ import annotations

from spmlang.results import PayoutRow, field_names
from spmlang.values.calendar import Grain

GRAINS = tuple(grain.value for grain in Grain)
STARTS = tuple(f"starts_{grain}" for grain in GRAINS)

#: The columns of every slice, and those of each grain that is not shorter than the pay period (see `slices.Slices`).
SLICE = ("slice", "first_day", "last_day", "period")
SLICE_GRAINS = (*GRAINS, *STARTS, *(f"due_{grain}" for grain in GRAINS))

PAIR = ("payee", "slice")

#: The families of columns with the units that a measure sums, see `credit_shares`.
SUMS = ("sold", "overlay")

#: The columns that identify a payout row.
PAYOUT_KEY = ("period", "payee", "plan", "version", "component")

#: The columns of payout rows that limits never change.
PAYOUT_FIGURES = tuple(name for name in field_names(PayoutRow) if name not in (*PAYOUT_KEY, "amount_minor"))
PAYOUT = (*PAYOUT_KEY, *PAYOUT_FIGURES, "last_slice", "amount")

#: The columns of payout rows that hold limits, see `payout_rows.PayoutKeys.carried`.
LIMITS = ("budget", *(f"{word}_{grain}" for word in ("limit", "plan_limit") for grain in GRAINS))

#: The columns of a line delta besides payee, due period and amount. `timing` orders the deltas of a slice: its start, its
#: credits, its end. A delta of a credit has the credit's number `sequence`.
DELTA_COLUMNS = ("slice", "day", "timing", "sequence")
DELTA = (*PAYOUT_KEY, *DELTA_COLUMNS)

#: The descriptive columns of a credit: its source row, its rule and its amount.
CREDIT_COLUMNS = ("day", "measure", "source", "key", "rule", "via", "territory", "file", "row", "units")
