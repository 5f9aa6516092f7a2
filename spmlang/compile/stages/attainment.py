"""The stages of measures per slice and to date, and of quotas."""

from __future__ import annotations

from spmlang.relations.stage_spec import StageSpec

from .columns import GRAINS, PAIR, SLICE, SLICE_GRAINS, SUMS

SOLD_DIRECTLY = StageSpec(
    word="sold_directly",
    holds="the units credited per payee and slice, except by rollup; only if there are sums",
    columns=PAIR,
    families=SUMS,
)
ROLLED_UP = StageSpec(
    word="rolled_up",
    each="measure",
    holds="the units that a rollup passes to managers per slice, and the number of their shares",
    columns=PAIR,
    families=("sold",),
)
SOLD = StageSpec(word="sold", holds="the units of every measure per payee and slice", columns=PAIR, families=("sold",))
STANDING = StageSpec(
    word="standing",
    each="window; one of its own for all intervals of grains",
    holds="the measures to date of members of plans, in the slices of the window",
    columns=("payee", *SLICE),
    optional=(*SLICE_GRAINS, "base", "first_slice"),
    families=("sold", "to_date"),
)
QUOTA_INTERVALS = StageSpec(
    word="quota_intervals",
    each="quota request",
    holds="the intervals of a quota request, divided into the quota's own intervals (parts)",
    columns=(
        "label",
        "part",
        "part_label",
        "part_start",
        "part_end",
        "given_start",
        "given_end",
        "share",
        "part_days",
    ),
    optional=GRAINS,
    families=("first", "last"),
)
QUOTA_STARTS = StageSpec(
    word="quota_starts",
    each="quota request",
    holds="the intervals in which a ramp can begin",
    columns=("first_part", "first_start", "first_end"),
)
QUOTA_RAMP = StageSpec(
    word="quota_ramp",
    each="quota request",
    holds="the interval in which each payee joined the roster",
    columns=("payee", "first_part"),
)
QUOTA_PARTS = StageSpec(
    word="quota_parts",
    each="quota request",
    holds="the target of each payee and part as it counts",
    columns=("payee", "label", "part", "part_label", "rows", "target"),
    optional=(*GRAINS, "_file", "_row"),
)
QUOTA = StageSpec(
    word="quota",
    each="quota request",
    holds="the quota of each payee and interval, and the attainment that the plan states instead",
    columns=("payee", "label"),
    optional=GRAINS,
    families=("quota", "stated"),
)
