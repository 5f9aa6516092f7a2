"""Classes of rows and of shares of rows that code asks for; decision 11 defines all classes of a reconciliation."""

from __future__ import annotations

#: The class of the line that holds what the files do: all other lines of rows add up to it.
IN_FILES = "in-files"

#: Rows that count; where their shares went stands in the lines of shares.
COUNTED = "counted"

#: No component of a plan that the payee is on reads the measure.
NO_PLAN = "no-plan"

#: The payee is not on the roster on the day. Also the reason of such rows in the table of uncredited ones.
NOT_ON_ROSTER = "not-on-roster"

UNPAID = (NO_PLAN, NOT_ON_ROSTER)
