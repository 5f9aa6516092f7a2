"""The stages of pools and contests, caps, budgets and lines."""

from __future__ import annotations

from spmlang.relations.stage_spec import StageSpec

from .columns import DELTA, LIMITS, PAYOUT, PAYOUT_KEY

COMPONENTS = StageSpec(
    word="components",
    holds="the names of components by number",
    columns=("component", "plan_name", "component_name"),
)
SHARED_COMPONENTS = StageSpec(
    word="shared_components",
    holds="the components with a pool or contest, and those paid into a pool",
    columns=("version", "component", "shared"),
)
TO_SHARE = StageSpec(
    word="to_share",
    holds="the payout rows of these components before pools and contests",
    columns=(*PAYOUT, "shared"),
    optional=LIMITS,
)
WEIGHED = StageSpec(
    word="weighed",
    each="component",
    holds="the shares or scores of payout rows whose weights are exact fractions",
    columns=(*PAYOUT, "shared", "found"),
    optional=(*LIMITS, "pot", "whole_pot"),
    families=("of_slice",),
)
SHARED = StageSpec(
    word="shared",
    each="component",
    holds="the payout rows of a component after its pool or contest",
    columns=PAYOUT,
    optional=LIMITS,
)
SHARED_OUT = StageSpec(
    word="shared_out",
    each="part, if there are many",
    holds="the payout rows of all these components after pools and contests",
    columns=PAYOUT,
    optional=LIMITS,
)
CAPPED = StageSpec(
    word="capped_each",
    each="grain",
    holds="the payout rows of components with a cap of the grain, after it",
    columns=PAYOUT,
    optional=LIMITS,
)

BUDGETED = StageSpec(
    word="budgeted",
    holds="the payout rows of components with a budget, with the budget to pay from",
    columns=(
        *PAYOUT,
        "budget",
        *("budget_of", "latest", "own", "own_way", "own_requested"),
        *("group_budget", "way", "requested", "budget_left", "first_come"),
    ),
    optional=LIMITS,
)
BUDGETED_ROWS = StageSpec(
    word="budgeted_rows",
    holds="the amounts of rows with a first-come budget, with the sum of their line deltas",
    columns=(*PAYOUT_KEY, "amount", "deltas_in_all", "budget_left", "first_come"),
)
BUDGET_LINES = StageSpec(
    word="budget_lines",
    holds="the line deltas of components with a first-come budget that the budget leaves",
    columns=(*DELTA, "delta_minor"),
)
WITHIN_BUDGET = StageSpec(
    word="within_budget",
    holds="the payout rows of components with a budget, after it",
    columns=PAYOUT,
    optional=LIMITS,
)
PLANS_CUT = StageSpec(
    word="plans_cut_each",
    each="grain",
    holds="the sums of plan, payee and period that a plan's cap of the grain lowers, and the part that it leaves",
    columns=("plan", "payee", "period", "sum_of_period", "left"),
)
PLANS_CAPPED = StageSpec(
    word="plans_capped_each",
    each="grain",
    holds="the payout rows of plans with a cap of the grain, after it",
    columns=PAYOUT,
    optional=LIMITS,
)
MOVES_IN_BUDGET = StageSpec(
    word="moves_in_budget",
    holds="the line deltas of all components that first-come budgets leave",
    columns=(*DELTA, "delta_minor"),
)
LINE_ROWS = StageSpec(
    word="line_rows",
    holds="the amounts of payout rows after limits, with the sum of their line deltas",
    columns=(*PAYOUT_KEY, "amount", "deltas_in_all"),
)
LINE_AMOUNTS = StageSpec(
    word="line_amounts",
    holds="the parts of line deltas that caps and budgets leave; none that is zero",
    columns=(*DELTA, "amount_minor"),
)
