"""Classes of what is credited and pays nobody; decision 11 defines all classes of a reconciliation."""

from __future__ import annotations

#: No component of a plan that the payee is on reads the measure.
NO_PLAN = "no-plan"

#: The payee is not on the roster on the day. Also the reason of such rows in the table of uncredited ones.
NOT_ON_ROSTER = "not-on-roster"

UNPAID = (NO_PLAN, NOT_ON_ROSTER)
