"""The stages of payees on the roster, on plans, and in reporting lines."""

from __future__ import annotations

from spmlang.relations.nodes import MANAGER_PAIR
from spmlang.relations.stage_spec import DOTTED, StageSpec

from .columns import PAIR

ON_ROSTER = StageSpec(
    word="on_roster",
    holds="the roster row of each payee in each slice, with the columns that plans read",
    columns=(*PAIR, "first_day", "last_day"),
    families=(DOTTED,),
)
MEMBERS = StageSpec(
    word="members",
    each="plan version",
    holds="the members of a version in each slice, with the columns that the version reads",
    columns=PAIR,
    families=(DOTTED,),
)
ON_PLAN = StageSpec(word="on_plan", holds="the payees and slices with a plan", columns=PAIR)
MANAGERS_OF = StageSpec(
    word="managers_of",
    holds="the manager of each payee in each slice, with the row that says so",
    columns=(*MANAGER_PAIR, "_file", "_row", "day"),
)
LINE_ABOVE = StageSpec(word="line_above", holds="the managers of each payee at all levels", columns=MANAGER_PAIR)
