"""Classes of rows and of credit shares that code refers to. Decision 11 defines all classes of a reconciliation."""

from __future__ import annotations

#: The class of the line with the total of the files. All other lines of rows add up to it.
IN_FILES = "in-files"

#: Rows that count. The lines of credit shares say where their shares went.
COUNTED = "counted"

#: No component of a plan that the payee is on reads the measure.
NO_PLAN = "no-plan"

#: The payee is not on the roster on the day. This is also the reason of such rows in the table of uncredited rows.
NOT_ON_ROSTER = "not-on-roster"

UNPAID = (NO_PLAN, NOT_ON_ROSTER)
