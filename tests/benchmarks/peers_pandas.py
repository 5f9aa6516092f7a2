"""What the pandas peers share. Money is whole cents (or finer units) in int64; no float touches it."""

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

Whole = npt.NDArray[np.int64]
MONTHS = range(1, 13)


def orders(data: Path, columns: list[str]) -> pd.DataFrame:
    """These columns of all orders: texts as categories, `amount` and `local` in cents, `month` for `day` where that is asked for."""
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


def table(data: Path, name: str, *, cents: tuple[str, ...] = (), days: tuple[str, ...] = ()) -> pd.DataFrame:
    """A small table; the columns of `cents` are read exactly and become whole cents, those of `days` timestamps."""
    kinds = {**dict.fromkeys(cents, pa.decimal128(18, 2)), **dict.fromkeys(days, pa.date32())}
    read = pa_csv.read_csv(data / name, convert_options=pa_csv.ConvertOptions(column_types=kinds))
    for column in cents:
        units = pc.multiply(read[column], pa.scalar(100)).cast(pa.int64())
        read = read.set_column(read.column_names.index(column), column, units)
    for column in days:
        read = read.set_column(read.column_names.index(column), column, read[column].cast(pa.timestamp("s")))
    return read.to_pandas()


def month_ends() -> pd.DataFrame:
    """The months of 2025 with their last days."""
    return pd.DataFrame({"month": list(MONTHS), "last": pd.date_range("2025-01-31", periods=12, freq="ME").as_unit("s")})


def at_month_end(roster: pd.DataFrame) -> pd.DataFrame:
    """Each payee's twelve months with the roster row that holds on the month's last day."""
    grid = roster[["payee"]].drop_duplicates().merge(month_ends(), how="cross").sort_values("last")
    return pd.merge_asof(grid, roster.sort_values("from_date"), left_on="last", right_on="from_date", by="payee")


def looked_up(grid: pd.DataFrame, sums: pd.Series) -> Whole:
    """For each row of the grid the sum that is indexed by its keys; zero where there is none (a join would make floats)."""
    keys = pd.MultiIndex.from_frame(grid[list(sums.index.names)])
    found: Whole = sums.reindex(keys, fill_value=0).to_numpy()
    return found


def rounded(units: Any, per_cent: int) -> Any:
    """Cents of finer units, of which `per_cent` make one; a half goes away from zero."""
    return np.sign(units) * ((np.abs(units) + per_cent // 2) // per_cent)


def limited(cumulated: Whole, before: Whole, limit: Whole) -> Whole:
    """What a limit leaves of amounts, given their running sum and that before them."""
    return np.minimum(cumulated, limit) - np.minimum(before, limit)


def apportioned(rows: pd.DataFrame, by: list[str], order: list[str], total: str) -> pd.Series:
    """`cents` of the rows made to add up to `total` in each group, in proportion; the largest remainders get the cents that are left."""
    ordered = rows.sort_values([*by, *order])
    whole = ordered.groupby(by, sort=False, observed=True)["cents"].transform("sum").to_numpy()
    # Python's whole numbers: the product of two amounts may go beyond 64 bits.
    exact = ordered["cents"].to_numpy(dtype=object) * ordered[total].to_numpy(dtype=object)
    share, rest = exact // whole, exact % whole
    ordered = ordered.assign(share=share.astype(np.int64), rest=-rest.astype(np.int64))
    left = ordered[total] - ordered.groupby(by, sort=False, observed=True)["share"].transform("sum")
    place = ordered.sort_values("rest", kind="stable").groupby(by, sort=False, observed=True).cumcount()
    found: pd.Series = ordered["share"] + (place.reindex(ordered.index) < left).astype(np.int64)
    return found


def capped(rows: pd.DataFrame, limit: str) -> pd.DataFrame:
    """Each payee's month held at the plan's limit, shared over the month's rows in proportion."""
    by = ["payee", "month"]
    over = rows[rows.groupby(by, observed=True)["cents"].transform("sum") > rows[limit]]
    cents = rows["cents"].copy()
    shares = apportioned(over, by, ["component", "version"], limit)
    cents.loc[shares.index] = shares
    return rows.assign(cents=cents)


def payouts(rows: pd.DataFrame, plan: str) -> pa.Table:
    """Rows (payee, month, version, component, cents) as payouts of a plan."""
    period = "2025-" + rows["month"].astype(str).str.zfill(2)
    return pa.Table.from_pandas(rows.assign(period=period, plan=plan), preserve_index=False)
