"""The sides of the comparison: the engine and its peers, by plan."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from tests.benchmarks import peer_sql
from tests.benchmarks.machine import THREADS

PLANS_FOLDER = Path(__file__).parent / "plans"

#: The plans, from the simplest to the one that combines all.
PLANS = ("flat", "attainment", "territories", "hierarchy", "everything")

ENGINE = "engine"


@dataclass(frozen=True)
class Peer:
    """A peer, which computes the payouts in another way.

    `package` must be installed for it, and `slow` peers get fewer rows. `tolerance` is the largest difference of a
    payout from the engine's, in cents; it is zero for all peers that can be exact.
    """

    name: str
    package: str
    slow: bool = False
    tolerance: int = 0

    @property
    def installed(self) -> bool:
        """True if the peer's package is installed."""
        return importlib.util.find_spec(self.package) is not None

    def knows(self, plan: str) -> bool:
        """Return True if the peer implements the plan."""
        return bool(list((PLANS_FOLDER / plan).glob(f"peer_{self.name}.py"))) or self.name == "sql"

    def payouts(self, plan: str, data: Path) -> pa.Table:
        """Compute the plan's payouts."""
        if self.name == "sql":
            return peer_sql.table(PLANS_FOLDER / plan / "peer.sql", data, THREADS)
        return importlib.import_module(f"tests.benchmarks.plans.{plan}.peer_{self.name}").payouts(data)


def lines_by_hand(plan: str) -> Path | None:
    """Return the hand-written query for the lines of a plan, or None."""
    found = PLANS_FOLDER / plan / "lines.sql"
    return found if found.exists() else None


# OpenFisca's amounts are 32-bit floats, so a sum of 100,000.00 is exact to the cent at best.
PEERS = (
    Peer("sql", "duckdb"),
    Peer("pandas", "pandas"),
    Peer("polars", "polars"),
    Peer("openfisca", "openfisca_core", slow=True, tolerance=100),
    Peer("zen", "zen", slow=True),
)


def peers(plan: str, *, slow: bool, names: tuple[str, ...] | None = None) -> list[Peer]:
    """Return the installed peers that implement the plan, only those in `names` if it is given."""
    return [
        peer
        for peer in PEERS
        if peer.slow is slow and peer.installed and peer.knows(plan) and (names is None or peer.name in names)
    ]
