"""The stages of time: slices, days, intervals, and the slices of single payees."""

from __future__ import annotations

from spmlang.relations.nodes import MANAGER_PAIR
from spmlang.relations.stage_spec import DOTTED, StageSpec

from .columns import GRAINS, SLICE, SLICE_GRAINS

SLICES = StageSpec(
    word="slices",
    holds="the slices of the run; with the columns of bases if payees have slices of their own",
    columns=SLICE,
    optional=(*SLICE_GRAINS, "slice_before", "base", "first_of_base", "last_of_base", "day_before"),
)
PERIODS = StageSpec(
    word="periods",
    holds="the pay periods of the run, with the index of the interval of each grain that holds them",
    columns=("period", "period_label", "final_slice"),
    optional=tuple(f"in_{grain}" for grain in GRAINS),
)
DAYS = StageSpec(
    word="days",
    holds="the slice of each day",
    columns=("day", "slice"),
    optional=("base", "last_of_base"),
)
INTERVALS = StageSpec(
    word="intervals_of",
    each="grain",
    holds="the intervals of a grain, for dated tables that are read on their first or last day",
    columns=(),
    optional=tuple(f"{end}_of_{grain}" for grain in GRAINS for end in ("start", "end")),
)
INTERVAL_DAYS = StageSpec(
    word="days_in",
    each="grain",
    holds="the first and last day of the interval of each day",
    columns=("day_in",),
    optional=INTERVALS.optional,
)
EACH_DAY = StageSpec(
    word="each_day",
    each="source",
    holds="the rows of a dated source, once for each day of theirs",
    columns=("held_from", "held_through"),
    families=(DOTTED,),
)
BASE_SLICES = StageSpec(
    word="base_slices",
    holds="the slices of payees whose time no row of their own cuts",
    columns=("base", "first_slice", *SLICE),
    optional=SLICE_GRAINS,
)
EVER_ABOVE = StageSpec(
    word="ever_above", holds="all managers that a payee ever had, at any level", columns=MANAGER_PAIR
)
CUT_POINTS = StageSpec(
    word="cut_points",
    holds="the cuts of single payees' time, each with the first slice after it",
    columns=("payee", "base", "slice"),
)
CUT_SLICES = StageSpec(
    word="cut_slices",
    holds="the slices of payees whose time is cut, by base",
    columns=("payee", "base", "first_slice", "slice"),
)
OWN_SLICES = StageSpec(
    word="own_slices",
    holds="the slices of every payee on the roster; `slice` is the last of the run's slices that each is made of",
    columns=("payee", "base", "first_slice", *SLICE),
    optional=SLICE_GRAINS,
)
