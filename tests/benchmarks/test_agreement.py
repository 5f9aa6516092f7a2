"""Everybody pays what the engine pays, on every plan: cent for cent, or as near as floats can be."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from spmlang.runs.opening import open_project
from tests.benchmarks import engine
from tests.benchmarks.generate import generate
from tests.benchmarks.machine import THREADS
from tests.benchmarks.payouts import difference
from tests.benchmarks.sides import PEERS, PLANS, PLANS_FOLDER, Peer

#: Rows, payees, seed, files: many sales a payee, few, and a company too small for its levels.
COMPANIES = ((5_000, 120, 1, 2), (3_000, 300, 2, 1), (2_000, 60, 3, 1))


@pytest.fixture(scope="module", params=COMPANIES, ids=lambda company: f"seed{company[2]}")
def data(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    rows, payees, seed, files = request.param
    found = tmp_path_factory.mktemp("company")
    generate(found, rows, payees, seed, files)
    return found


@pytest.fixture(scope="module", params=PLANS)
def plan(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def paid(plan: str, data: Path) -> pa.Table:
    opened = open_project(PLANS_FOLDER / plan)
    assert opened.warnings == ()
    return engine.payouts(engine.run(opened, engine.load(opened, data, THREADS)))


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_the_peer_pays_what_the_engine_pays(peer: Peer, plan: str, data: Path, paid: pa.Table) -> None:
    if not peer.knows(plan):
        assert peer.slow
        return
    if not peer.installed:
        pytest.skip(f"{peer.name} is not installed: .venv/bin/pip install --editable '.[benchmarks]'")
    found = difference(paid, peer.payouts(plan, data))
    assert found.within(peer.tolerance), found


def test_every_component_pays_somebody(plan: str, paid: pa.Table) -> None:
    components = set(paid["component"].to_pylist())
    paying = {row["component"] for row in paid.to_pylist() if row["cents"]}
    assert paying == components
