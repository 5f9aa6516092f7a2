"""The plan `territories` in Polars.

Credits are whole twentieths of a cent, because products count in halves and shares in tenths.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa

from tests.benchmarks import peers_polars as shared

KEYS = shared.KEYS
SHARES = {"payee": 7, "partner": 3, "engineer": 5}  # tenths
HALVES = {"P0": 3, "P1": 3, "P8": 1, "P9": 1}  # other products: 2
TERRITORIES = {
    "central": ["AT", "CH", "DE"],
    "north": ["DK", "NO", "SE"],
    "overseas": ["CA", "US"],
    "south": ["ES", "IT", "PT"],
    "west": ["BE", "FR", "GB", "NL"],
}


def payouts(data: Path) -> pa.Table:
    """Compute the plan's payouts."""
    sellers = shared.table(data, "roster.csv").filter(pl.col("level") == 1).select("payee").unique()
    grid = sellers.join(shared.month_ends(), how="cross").join(shared.quotas(data, "own"), on=["payee", "quarter"])
    joined = grid.join(_credited(data), on=KEYS, how="left").join(_regional(data), on=KEYS, how="left").sort(KEYS)
    filled = joined.with_columns(pl.col("credited", "regional").fill_null(0))
    to_date = filled.with_columns(
        *(pl.col(name).cum_sum().over("payee", "quarter").alias(f"{name}_to_date") for name in ("credited", "regional"))
    )
    now = _entitled(pl.col("credited_to_date"), pl.col("regional_to_date"))
    then = _entitled(pl.col("credited_to_date") - pl.col("credited"), pl.col("regional_to_date") - pl.col("regional"))
    parts = [
        to_date.select(*KEYS, version=1, component=pl.lit(name), cents=now[name] - then[name])
        for name in ("base", "area")
    ]
    return shared.collected(shared.payouts(pl.concat(parts), "account_manager"))


def _credited(data: Path) -> pl.LazyFrame:
    """Return credits by payee and month, in twentieths of a cent."""
    halves = pl.col("product").replace_strict(HALVES, default=2, return_dtype=pl.Int64) * pl.col("amount")
    parts = [
        shared.orders(data).group_by(payee=role, month="month").agg(credited=share * halves.sum())
        for role, share in SHARES.items()
    ]
    return pl.concat(parts).group_by(KEYS).agg(pl.col("credited").sum())


def _regional(data: Path) -> pl.LazyFrame:
    """Return cents by owner and month.

    A region belongs to the territory that covers it, and on each day to the owner of that territory.
    """
    names = {country: name for name, countries in TERRITORIES.items() for country in countries}
    key = pl.col("segment") == "key"
    territory = pl.when(key).then(pl.lit("key_accounts")).otherwise(pl.col("country").replace_strict(names))
    regions = shared.table(data, "regions.csv").select("region", territory=territory)
    by_day = shared.orders(data).group_by("region", "day").agg(pl.col("amount").sum())
    sold = by_day.join(regions, on="region").group_by("territory", "day").agg(regional=pl.col("amount").sum())
    owners = shared.table(data, "owners.csv").sort("from_date")
    owned = sold.sort("day").join_asof(
        owners, left_on="day", right_on="from_date", by="territory", check_sortedness=False
    )
    return owned.group_by("payee", month=pl.col("day").dt.month()).agg(pl.col("regional").sum())


def _entitled(credited: pl.Expr, regional: pl.Expr) -> dict[str, pl.Expr]:
    """Return entitlements to date in cents. Attainment is credited / 20 / quota."""
    reached = [credited * 100 >= bound * 20 * pl.col("quarter_quota") for bound in (80, 100, 120)]
    multiplier = 1 + pl.sum_horizontal(bound.cast(pl.Int64) for bound in reached)  # halves
    gate = credited * 100 >= 50 * 20 * pl.col("quarter_quota")
    area = pl.when(gate).then(4 * regional).otherwise(0)
    return {"base": shared.rounded(multiplier * credited, 2000), "area": shared.rounded(area, 1000)}
