"""The code that the pandas peers share. Money is whole cents (or finer units) in int64, never a float."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.dataset as pa_dataset

from tests.benchmarks.payouts import SCHEMA

Whole = npt.NDArray[np.int64]

#: Tiers by attainment: the lower bound of each, in percent of the quota, and its rate in ten-thousandths.
Tiers = tuple[tuple[int, int], ...]

#: The decimal places of a unit, in whole numbers of which a column is read.
PLACES = {"cents": 2, "basis": 4, "millionths": 6}

MONTHS = range(1, 13)
KEYS = ["payee", "month"]


def orders(data: Path, columns: list[str]) -> pd.DataFrame:
    """Return some columns of all orders.

    Texts are categories, `amount` and `local` are in cents, and `month` is that of the day.
    """
    files = sorted(data.glob("orders_*.parquet"))
    names = ["day" if name == "month" else name for name in columns]
    table = pa_dataset.dataset(files).to_table(columns=list(dict.fromkeys(names)))
    found: dict[str, Any] = {}
    for name, source in zip(columns, names, strict=True):
        column = table[source]
        if name == "month":
            column = pc.month(column).cast(pa.int8())
        elif pa.types.is_decimal(column.type):
            column = pc.multiply(column, pa.scalar(100)).cast(pa.int64())
        elif pa.types.is_string(column.type):
            column = column.dictionary_encode()
        elif pa.types.is_date(column.type):
            column = column.cast(pa.timestamp("s"))
        found[name] = column.to_pandas()
    return pd.DataFrame(found)


def table(data: Path, name: str, *, days: tuple[str, ...] = (), **units: tuple[str, ...]) -> pd.DataFrame:
    """Read a small table.

    Decimals are read exactly. `units` names columns by their unit (see PLACES), of which they become whole numbers.
    """
    places = {column: PLACES[unit] for unit, columns in units.items() for column in columns}
    kinds = {column: pa.decimal128(18, scale) for column, scale in places.items()}
    options = pa_csv.ConvertOptions(column_types={**kinds, **dict.fromkeys(days, pa.date32())})
    read = pa_csv.read_csv(data / name, convert_options=options)
    for index, column in enumerate(read.column_names):
        if column in places:
            whole = pc.multiply(read[column], pa.scalar(10 ** places[column])).cast(pa.int64())
            read = read.set_column(index, column, whole)
        elif column in days:
            read = read.set_column(index, column, read[column].cast(pa.timestamp("s")))
    return read.to_pandas()


def month_ends() -> pd.DataFrame:
    """Return the months of 2025 with their last days."""
    return pd.DataFrame(
        {"month": list(MONTHS), "last": pd.date_range("2025-01-31", periods=12, freq="ME").as_unit("s")}
    )


def at_ends(roster: pd.DataFrame, ends: pd.DataFrame) -> pd.DataFrame:
    """Return each payee beside each of `ends`, with the roster row that holds on its `last` day."""
    grid = roster[["payee"]].drop_duplicates().merge(ends, how="cross").sort_values("last")
    return pd.merge_asof(grid, roster.sort_values("from_date"), left_on="last", right_on="from_date", by="payee")


def quotas(data: Path, kind: str) -> pd.DataFrame:
    """Return each payee's quarters, with the quotas of the quarter and of the year, in cents."""
    targets = table(data, "targets.csv", cents=("target",), days=("period",))
    targets = targets[targets["kind"] == kind].assign(quarter=targets["period"].dt.quarter)
    year = targets.groupby("payee")["target"].transform("sum")
    return targets.assign(quota=year, quarter_quota=targets["target"])[["payee", "quarter", "quota", "quarter_quota"]]


def looked_up(grid: pd.DataFrame, sums: pd.Series) -> Whole:
    """Return the sum for each row of the grid by its keys, or zero if there is none.

    A join would make floats.
    """
    keys = pd.MultiIndex.from_frame(grid[list(sums.index.names)])
    found: Whole = sums.reindex(keys, fill_value=0).to_numpy()
    return found


def rounded(units: Any, per_cent: int) -> Any:
    """Round finer units to cents, of which `per_cent` are one cent. A half is rounded away from zero."""
    return np.sign(units) * ((np.abs(units) + per_cent // 2) // per_cent)


def limited(cumulated: Whole, before: Whole, limit: Whole) -> Whole:
    """Return the part of amounts within a limit, from their running sum and the sum before them."""
    return np.minimum(cumulated, limit) - np.minimum(before, limit)


def marginal(value: pd.Series, quota: pd.Series, tiers: Tiers) -> pd.Series:
    """Return the entitlement of marginal tiers by attainment, in millionths of the value's unit.

    A value below zero is wholly in the first tier.
    """
    found = pd.Series(0, index=value.index)
    tops = [*(low for low, _ in tiers[1:]), None]
    for (low, rate), top in zip(tiers, tops, strict=True):
        upper = 100 * value if top is None else np.minimum(100 * value, top * quota)
        found += rate * np.maximum(upper - low * quota, 0)
    return found.where(value >= 0, 100 * tiers[0][1] * value)


def retroactive(value: pd.Series, quota: pd.Series, tiers: Tiers) -> pd.Series:
    """Return the entitlement of retroactive tiers by attainment, in ten-thousandths of the value's unit."""
    rate = pd.Series(tiers[0][1], index=value.index)
    for low, above in tiers[1:]:
        rate = rate.mask(100 * value >= low * quota, above)
    return rate * value


def apportioned(rows: pd.DataFrame, by: list[str], order: list[str], total: str) -> pd.Series:
    """Share `total` over the rows of each group, in proportion to `cents`.

    The rows with the largest remainders get the cents that are left.

    Args:
        rows: The rows, with columns `cents` and `total`.
        by: The columns of a group.
        order: The columns that decide between equal remainders.
        total: The name of the column with the group's total.
    """
    ordered = rows.sort_values([*by, *order])
    groups = ordered.groupby(by, sort=False, observed=True)
    # Whole numbers of Python, because the product of two amounts may exceed 64 bits.
    whole = groups["cents"].transform("sum").to_numpy(dtype=object)
    exact = ordered["cents"].to_numpy(dtype=object) * ordered[total].to_numpy(dtype=object) * np.sign(whole)
    share, rest = exact // np.abs(whole), exact % np.abs(whole)
    ordered = ordered.assign(share=share.astype(np.int64), rest=-rest.astype(np.int64))
    left = ordered[total] - ordered.groupby(by, sort=False, observed=True)["share"].transform("sum")
    place = ordered.sort_values("rest", kind="stable").groupby(by, sort=False, observed=True).cumcount()
    found: pd.Series = ordered["share"] + (place.reindex(ordered.index) < left).astype(np.int64)
    return found


def held(rows: pd.DataFrame) -> pd.DataFrame:
    """Set each payee's month to its `target`, shared over the month's rows in proportion."""
    total = rows.groupby(KEYS, observed=True)["cents"].transform("sum")
    changed = rows[(total != rows["target"]) & (total != 0)]
    cents = rows["cents"].copy()
    shares = apportioned(changed, KEYS, ["component", "version"], "target")
    cents.loc[shares.index] = shares
    return rows.assign(cents=cents)


def up_the_line(own: pd.DataFrame, reporting: pd.DataFrame) -> pd.DataFrame:
    """Return the credits of the people below each leader, by day.

    A day's credits are passed up one level at a time, by the reporting line of that day.
    """
    amount = own.columns[-1]
    line = reporting.sort_values("from_date")
    found, below = [], own
    while len(below):
        joined = pd.merge_asof(below.sort_values("day"), line, left_on="day", right_on="from_date", by="payee")
        below = joined.dropna(subset="manager").groupby(["manager", "day"])[amount].sum().reset_index()
        below = below.rename(columns={"manager": "payee"})
        found.append(below)
    return pd.concat(found, ignore_index=True)


def payouts(rows: pd.DataFrame, plan: str) -> pa.Table:
    """Return rows (payee, month, version, component, cents) as payouts of a plan."""
    period = "2025-" + rows["month"].astype(str).str.zfill(2)
    named = rows.assign(period=period, plan=plan)[SCHEMA.names]
    return pa.Table.from_pandas(named, preserve_index=False)
