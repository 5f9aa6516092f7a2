"""Payouts that are paid in the pay period in which they fall due, all together, as columns.

These are most payouts in most companies. All others go through `balances`.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from spmlang.program.program import PlanVersion, Program

#: Sums of smaller amounts have less than 38 digits, however many amounts there are.
_MOST_MINOR = 10**28


def paid_at_once(program: Program, dues: pa.Table) -> pa.ChunkedArray:
    """Return for each due whether its payment is simply the sum of the dues of its pay period.

    This is so if no version of the plan (in its currency) has terms, or components that pay later, and if the payee has
    neither a pay period below zero, so that nothing is ever carried forward, nor a due of 10^28 or more.

    Args:
        program: the program.
        dues: payouts with columns `period`, `payee`, `plan`, `currency` and `amount_minor`.

    Returns:
        A boolean for each row of `dues`.
    """
    walked = {f"{version.name} {version.currency}" for version in program.plans if not _plain(version)}
    plans = pc.binary_join_element_wise(dues["plan"], dues["currency"], " ")
    series = pc.binary_join_element_wise(plans, dues["payee"], " ")
    large = pc.greater_equal(pc.abs(dues["amount_minor"]), pa.scalar(_MOST_MINOR, pa.decimal128(38, 0)))
    others = pc.or_(pc.is_in(plans, pa.array(sorted(walked), pa.string())), large)
    few = pa.table({"series": series, "period": dues["period"], "amount": dues["amount_minor"]}).filter(
        pc.invert(others)
    )
    sums = few.group_by(["series", "period"]).aggregate([("amount", "sum")])
    below = sums.filter(pc.less(sums["amount_sum"], pa.scalar(0, pa.decimal128(38, 0))))["series"]
    carried = pa.concat_tables([pa.table({"series": below}), pa.table({"series": series}).filter(others)])["series"]
    return pc.invert(pc.is_in(series, pc.unique(carried)))


def _plain(version: PlanVersion) -> bool:
    """Return True if a version holds, splits, guarantees and advances nothing."""
    terms = version.terms
    at_once = all(component.release is None for component in version.components)
    return at_once and terms.guarantee is None and not terms.draws
