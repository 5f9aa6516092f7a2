"""Payouts that are paid as they fall due, all together: most of them, in most companies. The others are walked by `paying`."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from spmlang.program.program import PlanVersion, Program

#: Sums of smaller amounts, however many, have less than 38 digits.
_MOST_MINOR = 10**28


def paid_at_once(program: Program, dues: pa.Table) -> pa.ChunkedArray:
    """For each due (with columns `period`, `payee`, `plan`, `currency`, `amount_minor`): whether its payment is the plain sum.

    It is where no version of the plan (in its currency) has terms or components that pay at another time, and where the payee
    never has a period below zero, so that nothing is ever carried.
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
    """Whether nothing is held, paid in parts, guaranteed or advanced."""
    terms = version.terms
    at_once = all(component.release is None for component in version.components)
    return at_once and terms.guarantee is None and not terms.draws
