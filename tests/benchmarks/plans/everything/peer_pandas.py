"""The plan `everything` in pandas. Credits are whole tenths of a cent, because shares are tenths.

The year has 13 slices: its months, with August cut where version 2 starts. A slice earns the entitlement of its version
at the slice's end, less the entitlement of the same version on the day before the slice.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from tests.benchmarks import peers_pandas as shared

KEYS = shared.KEYS
SECOND = pd.Timestamp("2025-08-15")
AUGUST = 8  # the slice of August 1 to 14; version 2 is in force from the next slice on
BASE: dict[int, shared.Tiers] = {1: ((0, 120), (50, 240), (100, 400)), 2: ((0, 100), (60, 250), (100, 500))}
GROWTH: dict[int, shared.Tiers] = {1: ((0, 20), (80, 40), (100, 60)), 2: ((0, 20), (90, 50), (110, 80))}
TEAM: shared.Tiers = ((0, 50), (100, 100))
OVERALL: shared.Tiers = ((0, 20), (80, 30), (100, 40))
PRIZES = (500_000, 300_000, *(50_000 for _ in range(8)))
POT, BUDGET = 1_000_000, 200_000  # cents


def payouts(data: Path) -> pa.Table:
    """Compute the payouts of both plans."""
    own = _own(data)
    line = shared.table(data, "reporting.csv", days=("from_date",))
    team = shared.up_the_line(own[["payee", "day", "tenths"]], line)
    roster = shared.table(data, "roster.csv", cents=("incentive",), basis=("rate",), days=("from_date",))
    sellers = _slices(data, roster[roster["level"] == 1], own)
    leaders = _months(data, roster[roster["level"] >= 2], team)
    return pa.concat_tables(
        [
            shared.payouts(shared.held(_seller_rows(sellers)), "seller"),
            shared.payouts(shared.held(_leader_rows(leaders)), "leader"),
        ]
    )


# ---- credits ----------------------------------------------------------------------------------


def _own(data: Path) -> pd.DataFrame:
    """Return credits by payee and day: bookings in tenths of a cent, and units of the push in June."""
    orders = shared.orders(data, ["payee", "partner", "day", "month", "local", "currency", "product", "units"])
    rates = shared.table(data, "currencies.csv", millionths=("usd",), days=("from_date",))
    rates["month"] = rates["from_date"].dt.month
    by_code = rates.set_index(["currency", "month"])["usd"].unstack()
    places = by_code.index.get_indexer(orders["currency"].cat.categories)[orders["currency"].cat.codes]
    usd = by_code.to_numpy()[places, orders["month"].to_numpy() - 1]
    cents = shared.rounded(orders["local"] * usd, 1_000_000)
    pushed = orders["units"].where((orders["product"] == "P3") & (orders["month"] == 6), 0)
    first = orders[["payee", "day"]].assign(tenths=7 * cents, push=pushed)
    second = orders[["partner", "day"]].rename(columns={"partner": "payee"}).assign(tenths=3 * cents, push=0)
    sums = [part.groupby(["payee", "day"], observed=True).sum().reset_index() for part in (first, second)]
    both = pd.concat([part.astype({"payee": "str"}) for part in sums])
    return both.groupby(["payee", "day"]).sum().reset_index()


def _slices(data: Path, roster: pd.DataFrame, own: pd.DataFrame) -> pd.DataFrame:
    """Return each seller's slices: credits of the slice and to date, with the quotas and limits at its end.

    `late` are the credits since a promotion.
    """
    careers = (
        roster.sort_values("from_date")
        .groupby("payee")
        .agg(rate=("rate", "first"), rate_after=("rate", "last"), promoted=("from_date", "last"))
    )
    sold = own.merge(careers, left_on="payee", right_index=True)
    sold["slice"] = sold["day"].dt.month + (sold["day"] >= SECOND)
    sold["late"] = sold["tenths"].where(sold["day"] >= sold["promoted"], 0)
    sums = sold.groupby(["payee", "slice"])[["tenths", "late", "push"]].sum()
    months = shared.month_ends()
    august = pd.DataFrame({"month": [AUGUST], "last": [SECOND - pd.Timedelta(days=1)]}).astype(months.dtypes)
    ends = pd.concat([months, august]).sort_values("last").assign(slice=range(1, 14))
    grid = shared.at_ends(roster.drop(columns="rate"), ends).merge(careers, left_on="payee", right_index=True)
    grid["version"] = np.where(grid["slice"] > AUGUST, 2, 1)
    grid["quarter"] = (grid["month"] + 2) // 3
    grid = grid.merge(shared.quotas(data, "own"), on=["payee", "quarter"])
    grid = grid.sort_values(["payee", "slice"], ignore_index=True)
    for name in sums.columns:
        grid[name] = shared.looked_up(grid, sums[name])
    return grid.assign(
        ytd=grid.groupby("payee")["tenths"].cumsum(),
        qtd=grid.groupby(["payee", "quarter"])["tenths"].cumsum(),
        mtd=grid.groupby(["payee", "month"])["tenths"].cumsum(),
    )


def _months(data: Path, roster: pd.DataFrame, team: pd.DataFrame) -> pd.DataFrame:
    """Return each leader's months, with the quotas and limits at the month's end.

    The credits are those of the line below, to date.
    """
    grid = shared.at_ends(roster, shared.month_ends()).assign(quarter=lambda rows: (rows["month"] + 2) // 3)
    grid = grid.merge(shared.quotas(data, "team"), on=["payee", "quarter"]).sort_values(KEYS, ignore_index=True)
    sums = team.groupby(["payee", team["day"].dt.month.rename("month")])["tenths"].sum()
    grid["tenths"] = shared.looked_up(grid, sums)
    ytd = grid.groupby("payee")["tenths"].cumsum()
    return grid.assign(ytd=ytd, qtd=grid.groupby(["payee", "quarter"])["tenths"].cumsum())


# ---- sellers ----------------------------------------------------------------------------------


def _seller_rows(grid: pd.DataFrame) -> pd.DataFrame:
    """Return the earnings of sellers, with the part of each month within the plan's cap as `target`."""
    before = grid.assign(**{name: grid[name] - grid["tenths"] for name in ("ytd", "qtd", "mtd")})
    now, then = _entitled(grid), _entitled(before)
    # Before a month's first day there is no entitlement, not even the minimum.
    then["minimum"] = then["minimum"].where(grid["slice"] == AUGUST + 1, 0)
    earned = grid[["payee", "month", "slice", "version", "quarter"]].join(now - then)
    to_date = earned.groupby("payee")["base"].cumsum()
    limit = shared.rounded(60 * grid["incentive"], 100)
    earned["base"] = shared.limited(to_date, to_date - earned["base"], limit)
    earned["personal"] = _personal(grid)
    parts = [
        earned[[*KEYS, "version"]].assign(component=name, cents=earned[name])
        for name in ("base", "growth", "minimum", "personal")
    ]
    rows = pd.concat([*parts, *_by_quarter(earned), _push(grid), _race(grid)], ignore_index=True)
    limits = grid[grid["slice"] != AUGUST].set_index(KEYS)["incentive"]
    total = rows.groupby(KEYS)["cents"].transform("sum")
    return rows.assign(target=np.minimum(total, shared.rounded(20 * shared.looked_up(rows, limits), 100)))


def _entitled(points: pd.DataFrame) -> pd.DataFrame:
    """Return entitlements to date in cents, by the version of each row."""
    first = points["version"] == 1
    base, growth = (
        {version: pay(points[value], points[quota] * 10, tiers[version]) for version in (1, 2)}
        for pay, value, quota, tiers in (
            (shared.marginal, "ytd", "quota", BASE),
            (shared.retroactive, "qtd", "quarter_quota", GROWTH),
        )
    )
    return pd.DataFrame(
        {
            "base": shared.rounded(base[1].where(first, base[2]), 10_000_000),
            "growth": shared.rounded(growth[1].where(first, growth[2]), 100_000),
            "minimum": shared.rounded(points["mtd"], 10_000).clip(2_500, 25_000),
            "quarter_made": 100_000 * (points["qtd"] >= points["quarter_quota"] * 10).astype(np.int64),
            "pot": points["qtd"],
        }
    )


def _personal(grid: pd.DataFrame) -> pd.Series:
    """Return pay by the old rate before a promotion, and by the new rate after it."""
    start, promoted = grid["mtd"] - grid["tenths"], grid["mtd"] - grid["late"]
    stretches = ((grid["rate"], start, promoted), (grid["rate_after"], promoted, grid["mtd"]))
    found: pd.Series = sum(
        shared.rounded(rate * upper, 100_000) - shared.rounded(rate * lower, 100_000)
        for rate, lower, upper in stretches
    )
    return found


def _by_quarter(earned: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the bonus, and the pot of each version and quarter, shared by payees with a measure above zero."""
    rows = earned.groupby(["payee", "quarter", "version"])[["quarter_made", "pot"]].sum().reset_index()
    rows["month"] = 3 * rows["quarter"]
    sharing = rows[rows["pot"] > 0].assign(cents=rows["pot"], total=POT)
    shares = shared.apportioned(sharing, ["quarter", "version"], ["payee"], "total")
    keyed = rows[[*KEYS, "version"]]
    pot = keyed.assign(component="pot", cents=0)
    pot.loc[shares.index, "cents"] = shares
    return [keyed.assign(component="quarter_made", cents=rows["quarter_made"]), pot]


def _push(grid: pd.DataFrame) -> pd.DataFrame:
    """Return 20.00 USD per unit, within the budget."""
    rows = grid[grid["slice"] == 6][[*KEYS, "version"]].assign(
        component="push", cents=2000 * grid["push"], total=BUDGET
    )
    if rows["cents"].sum() > BUDGET:
        rows["cents"] = shared.apportioned(rows.assign(all=0), ["all"], ["payee"], "total")
    return rows.drop(columns="total")


def _race(grid: pd.DataFrame) -> pd.DataFrame:
    """Return the prizes of the contest.

    Payees with equal scores share the prizes of their places. Cents that cannot be divided are given to the first ones
    by name.
    """
    rows = grid[grid["slice"] == 10][[*KEYS, "version"]].assign(component="race", cents=0)
    score = grid.loc[rows.index, "tenths"]
    score = score[score > 0]
    place = score.rank(method="min", ascending=False).astype(np.int64)
    tied = score.groupby(score).transform("size")
    sums = np.concatenate([[0], np.cumsum(PRIZES)])
    prize = sums[np.minimum(place - 1 + tied, len(PRIZES))] - sums[np.minimum(place - 1, len(PRIZES))]
    turn = score.groupby(score).cumcount()  # the grid is in the order of names
    rows.loc[score.index, "cents"] = prize // tied + (turn < prize % tied).astype(np.int64)
    return rows


# ---- leaders ----------------------------------------------------------------------------------


def _leader_rows(grid: pd.DataFrame) -> pd.DataFrame:
    """Return the earnings of leaders, with the part within the plan's cap of the year as `target`."""
    team = shared.rounded(shared.marginal(grid["ytd"], grid["quota"] * 10, TEAM), 10_000_000)
    overall = shared.rounded(shared.retroactive(grid["qtd"], grid["quarter_quota"] * 10, OVERALL), 100_000)
    before = overall.groupby([grid["payee"], grid["quarter"]]).shift(1, fill_value=0)
    limit = shared.rounded(10 * grid["incentive"], 100)
    year = grid[grid["month"] == 12]
    parts = {
        "team": grid[KEYS].assign(cents=team - team.groupby(grid["payee"]).shift(1, fill_value=0)),
        "overall": grid[KEYS].assign(cents=shared.limited(overall, before, limit)),
        "year_made": year[KEYS].assign(cents=500_000 * (year["ytd"] >= year["quota"] * 10).astype(np.int64)),
    }
    rows = pd.concat([part.assign(component=name) for name, part in parts.items()], ignore_index=True)
    total = rows.groupby(KEYS)["cents"].sum()
    to_date = total.groupby("payee").cumsum()
    limits = shared.rounded(105 * grid.set_index(KEYS)["incentive"].reindex(total.index), 100)
    target = pd.Series(shared.limited(to_date, to_date - total, limits), index=total.index)
    return rows.assign(version=1, target=shared.looked_up(rows, target))
