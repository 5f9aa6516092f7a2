"""The stages that put shares into classes."""

from __future__ import annotations

from spmlang.relations.stage_spec import StageSpec

from .columns import GRAINS, PAIR, SLICE, SUMS

READERS = StageSpec(
    word="readers",
    holds="the members of plan versions (by number) in each slice, with its days and intervals",
    columns=("payee", "slice", "reader", "first_day", "last_day"),
    optional=GRAINS,
)
READ_IN_SLICE = StageSpec(
    word="read_in_slice",
    holds="the members of plans per slice, with the measures that their plans read there",
    columns=PAIR,
    families=("read",),
)
READ_OVER = StageSpec(
    word="read_over",
    each="accumulation window",
    holds="the last slice in which each measure counts, per payee and interval",
    columns=("payee",),
    optional=GRAINS,
    families=("counted", "paid"),
)
ROSTER_DAYS = StageSpec(
    word="roster_days",
    holds="the first and last day of each payee on the roster",
    columns=("payee", "joins", "leaves"),
)
WITH_READERS = StageSpec(
    word="with_readers",
    each="stage of credited units",
    holds="the credited units, with the measures that plans read in the slice",
    columns=(*PAIR, "planned"),
    families=(*SUMS, "read"),
)
UNREAD_OF = StageSpec(
    word="unread_of",
    each="stage of credited units",
    holds="the rows with shares that no plan reads, with the columns that decide about their class",
    columns=(
        *SLICE,
        *("payee", "planned", "rostered", "rostered_from", "rostered_through", "joins", "leaves"),
    ),
    optional=GRAINS,
    families=(*SUMS, "read", "counted", "paid"),
)
UNREAD = StageSpec(
    word="unread",
    holds="the shares that no plan reads on their day, with their class",
    columns=("measure", "via", "class", "reason", "payee", "period", "rows", "units", "gone"),
)
GONE = StageSpec(
    word="gone",
    holds="the payees that a measure credits on days off the roster, except by rollup",
    columns=("measure", "payee"),
)
