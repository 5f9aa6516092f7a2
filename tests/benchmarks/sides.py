"""Who is compared: the peers of the engine, by plan."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from tests.benchmarks import peer_sql
from tests.benchmarks.machine import THREADS

PLANS_FOLDER = Path(__file__).parent / "plans"

#: From simple to everything together.
PLANS = ("flat", "attainment", "territories", "hierarchy", "everything")

ENGINE = "engine"


@dataclass(frozen=True)
class Peer:
    """One way to compute the payouts. `package` is what must be installed for it; `slow` ones get fewer rows.

    `tolerance` is how far a payout may be from the engine's, in cents: zero for all that can be exact.
    """

    name: str
    package: str
    slow: bool = False
    tolerance: int = 0

    @property
    def installed(self) -> bool:
        """Whether it can run here."""
        return importlib.util.find_spec(self.package) is not None

    def knows(self, plan: str) -> bool:
        """Whether the plan can be said in it."""
        return bool(list((PLANS_FOLDER / plan).glob(f"peer_{self.name}.py"))) or self.name == "sql"

    def payouts(self, plan: str, data: Path) -> pa.Table:
        """Compute the plan's payouts."""
        if self.name == "sql":
            return peer_sql.table(PLANS_FOLDER / plan / "peer.sql", data, THREADS)
        return importlib.import_module(f"tests.benchmarks.plans.{plan}.peer_{self.name}").payouts(data)


def lines_by_hand(plan: str) -> Path | None:
    """The hand-written query for which order brought which cent, for plans that have one."""
    found = PLANS_FOLDER / plan / "lines.sql"
    return found if found.exists() else None


# OpenFisca's amounts are 32-bit floats: a sum of 100,000.00 is known to the cent at best.
PEERS = (
    Peer("sql", "duckdb"),
    Peer("pandas", "pandas"),
    Peer("polars", "polars"),
    Peer("openfisca", "openfisca_core", slow=True, tolerance=100),
    Peer("zen", "zen", slow=True),
)


def peers(plan: str, *, slow: bool, names: tuple[str, ...] | None = None) -> list[Peer]:
    """The installed peers that know the plan, of the names if there are any."""
    return [
        peer
        for peer in PEERS
        if peer.slow is slow and peer.installed and peer.knows(plan) and (names is None or peer.name in names)
    ]
