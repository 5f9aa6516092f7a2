"""Test that all sides pay the same on all plans: to the cent, or as near as floats allow."""

from __future__ import annotations

from pathlib import Path

import pytest

from spmlang.run.open import open_project
from tests.benchmarks import engine, peer_sql
from tests.benchmarks.generate import generate
from tests.benchmarks.machine import THREADS
from tests.benchmarks.payouts import difference, same_lines
from tests.benchmarks.sides import PEERS, PLANS, PLANS_FOLDER, Peer, lines_by_hand, peers

pytestmark = pytest.mark.plans

#: Rows, payees, seed, files: many sales per payee, few, and hardly any (none of the product that the June push pays).
BUSY, SPARSE, IDLE = (5_000, 120, 1, 2), (3_000, 300, 2, 1), (300, 120, 113, 1)
COMPANIES = (BUSY, SPARSE, IDLE)
PUSHING = ("attainment", "everything")


@pytest.mark.parametrize("company", COMPANIES, ids=lambda company: f"seed{company[2]}")
@pytest.mark.parametrize("plan", PLANS)
def test_the_peers_pay_what_the_engine_pays(plan: str, company: tuple[int, int, int, int], tmp_path: Path) -> None:
    rows, payees, seed, files = company
    generate(tmp_path, rows, payees=payees, seed=seed, files=files)
    opened = open_project(PLANS_FOLDER / plan)
    assert opened.warnings == ()
    paid = engine.payouts(engine.run(opened, engine.load(opened, tmp_path, THREADS)))
    paying = {row["component"] for row in paid.to_pylist() if row["cents"]}
    assert set(paid["component"].to_pylist()) - paying == ({"push"} if company == IDLE and plan in PUSHING else set())
    for peer in [*peers(plan, slow=False), *peers(plan, slow=True)]:
        found = difference(paid, peer.payouts(plan, tmp_path))
        assert found.within(peer.tolerance), (peer.name, found)


@pytest.mark.parametrize("company", COMPANIES, ids=lambda company: f"seed{company[2]}")
@pytest.mark.parametrize("plan", ["flat", "territories"])
def test_the_lines_by_hand_are_those_of_the_engine(
    plan: str, company: tuple[int, int, int, int], tmp_path: Path
) -> None:
    rows, payees, seed, files = company
    generate(tmp_path, rows, payees=payees, seed=seed, files=files)
    opened = open_project(PLANS_FOLDER / plan)
    found = engine.lines(engine.run(opened, engine.load(opened, tmp_path, THREADS), lines=True))
    query = lines_by_hand(plan)
    assert query is not None
    by_hand = peer_sql.table(query, tmp_path, THREADS)
    assert same_lines(found, by_hand)
    assert not same_lines(found, by_hand.slice(1))


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_the_peer_is_compared(peer: Peer) -> None:
    if not peer.installed:
        pytest.skip(f"{peer.name} is not installed: .venv/bin/pip install --editable '.[benchmarks]'")
    plans = [plan for plan in PLANS if peer in peers(plan, slow=peer.slow)]
    assert plans == list(PLANS[:2] if peer.slow else PLANS)
