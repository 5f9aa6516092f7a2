"""Amounts below zero under random terms, of which the test computes the payments itself."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from spmlang.outputs.payments import payments
from spmlang.run.run import run_program
from tests.engines.one_rule import project, usd
from tests.engines.random_projects import few

amounts = st.one_of(st.sampled_from([0, 10_000, -10_000]), st.integers(-30_000, 30_000))


@few
@given(
    st.tuples(amounts, amounts, amounts),
    st.sampled_from(["carried forward", "carried forward", "forgiven", "charged"]),
    st.one_of(st.none(), st.sampled_from([0, 5_000]), st.integers(0, 20_000)),
    st.one_of(st.none(), st.sampled_from(["50%", "0%", "33.3%", "100%"])),
)
def test_what_is_owed_is_carried_so_far_and_comes_off_so_far(
    sold: tuple[int, int, int], rule: str, most: int | None, share: str | None
) -> None:
    limited = rule == "carried forward"
    text = rule
    if limited:
        text += f" at most {usd(most)} USD" if most is not None else ""
        text += f", recover at most {share}" if share is not None else ""
    body = f"  negative {text}\n  commission base {{\n    pays 100% of bookings\n  }}"
    deals = [(date(2025, month, 15), "ann", amount) for month, amount in enumerate(sold, 1)]
    with project(body, ["ann,Ann,2025-01-01,,rep,0"], deals).opened(lines=False) as (program, tables, request):
        found = payments(run_program(program, tables, request))
    wanted, owed = [], 0
    for amount in sold:
        off = owed
        if limited and share is not None and amount > 0:
            off = min(owed, int(Fraction(share.removesuffix("%")) / 100 * amount))
        net, kept = amount - off, 0
        if net < 0 and limited:
            kept = -net if most is None else min(-net, most)
        owed += kept - off
        wanted.append((net if rule == "charged" else max(net, 0), owed))
    assert [(item["paid"], item["owed"]) for item in found.balances.to_pylist()] == wanted
