"""The stages of components up to their payout rows before limits."""

from __future__ import annotations

from spmlang.relations.stage_spec import DOTTED, StageSpec

from .columns import DELTA, DELTA_COLUMNS, GRAINS, LIMITS, PAIR, PAYOUT, STARTS

FIRST_ON = StageSpec(
    word="first_on",
    each="plan and accumulation window",
    holds="the first slice of each payee on a plan, per interval",
    columns=("payee", "first"),
    optional=GRAINS,
)
LAST_ON = StageSpec(
    word="last_on",
    each="plan and accumulation window",
    holds="the last slice of each payee on a plan, per interval",
    columns=("payee", "final"),
    optional=GRAINS,
)
SLICES_OF = StageSpec(
    word="slices_of",
    each="component",
    holds="the slices of a component that fall due, with the entitlement before and after each",
    columns=(*PAIR, "due", "first_day", "last_day", "after", "start", "before", "fresh"),
    optional=(
        *GRAINS,
        *STARTS,
        "at_end",
        "first",
        "walked",
        *("file", "row", "days_here", "days_whole", "interval_start", "segment_last", "final"),
        *("whole_after", "whole_start"),
        *(f"{name}_exact" for name in ("after", "start", "walked", "whole_after", "whole_start")),
    ),
    families=(
        DOTTED,
        *("sold", "to_date", "whole", "quota", "stated"),
        *("earned", "earned_before", "by_now", "until_now"),
    ),
)
MOVES_OF = StageSpec(
    word="moves_of",
    each="component",
    holds="the line deltas of a component",
    columns=("payee", "due", *DELTA_COLUMNS, "delta_minor"),
)
DUE = StageSpec(
    word="due",
    each="component",
    holds="the payout rows of a component before limits",
    columns=PAYOUT,
    optional=LIMITS,
)
EARNED = StageSpec(
    word="earned",
    each="part, if there are many",
    holds="the payout rows of all components before limits",
    columns=PAYOUT,
    optional=LIMITS,
)
MOVES = StageSpec(
    word="moves",
    each="part, if there are many",
    holds="the line deltas of all components",
    columns=(*DELTA, "delta_minor"),
)
