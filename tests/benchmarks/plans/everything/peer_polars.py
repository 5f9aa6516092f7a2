"""The plan `everything` in Polars. Credits are whole tenths of a cent, because shares are tenths.

The year has 13 slices: its months, with August cut where version 2 starts. A slice earns the entitlement of its version
at the slice's end, less the entitlement of the same version on the day before the slice.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pyarrow as pa

from tests.benchmarks import peers_polars as shared

KEYS = shared.KEYS
SECOND = date(2025, 8, 15)
AUGUST = 8  # the slice of August 1 to 14; version 2 is in force from the next slice on
BASE: tuple[shared.Tiers, ...] = (((0, 120), (50, 240), (100, 400)), ((0, 100), (60, 250), (100, 500)))
GROWTH: tuple[shared.Tiers, ...] = (((0, 20), (80, 40), (100, 60)), ((0, 20), (90, 50), (110, 80)))
TEAM: shared.Tiers = ((0, 50), (100, 100))
OVERALL: shared.Tiers = ((0, 20), (80, 30), (100, 40))
PRIZES = (500_000, 300_000, *(50_000 for _ in range(8)))
POT, BUDGET = 1_000_000, 200_000  # cents


def payouts(data: Path) -> pa.Table:
    """Compute the payouts of both plans."""
    own = shared.computed(_own(data))
    team = shared.up_the_line(own, shared.table(data, "reporting.csv"), "tenths")
    roster = shared.table(data, "roster.csv", cents=("incentive",), basis=("rate",))
    sellers = shared.computed(_slices(data, roster.filter(pl.col("level") == 1), own))
    leaders = shared.computed(_months(data, roster.filter(pl.col("level") >= 2), team))
    return shared.collected(
        shared.payouts(shared.held(_seller_rows(sellers)), "seller"),
        shared.payouts(shared.held(_leader_rows(leaders)), "leader"),
    )


# ---- credits ----------------------------------------------------------------------------------


def _own(data: Path) -> pl.LazyFrame:
    """Return credits by payee and day: bookings in tenths of a cent, and units of the push in June."""
    rates = shared.table(data, "currencies.csv", millionths=("usd",))
    by_month = rates.select("currency", "usd", month=pl.col("from_date").dt.month())
    cents = shared.rounded(pl.col("local") * pl.col("usd"), 1_000_000)
    orders = shared.orders(data).join(by_month, on=["currency", "month"]).with_columns(cents=cents)
    pushed = (pl.col("product") == "P3") & (pl.col("month") == 6)
    push = pl.col("units").filter(pushed).sum()
    first = orders.group_by("payee", "day").agg(tenths=7 * pl.col("cents").sum(), push=push)
    second = orders.group_by(payee="partner", day="day").agg(tenths=3 * pl.col("cents").sum(), push=pl.lit(0, pl.Int64))
    return pl.concat([first, second]).group_by("payee", "day").agg(pl.col("tenths", "push").sum())


def _slices(data: Path, roster: pl.LazyFrame, own: pl.LazyFrame) -> pl.LazyFrame:
    """Return each seller's slices: credits of the slice and to date, with the quotas and limits at its end.

    `late` are the credits since a promotion.
    """
    careers = (
        roster.sort("from_date")
        .group_by("payee")
        .agg(
            rate=pl.col("rate").first(),
            rate_after=pl.col("rate").last(),
            promoted=pl.col("from_date").last(),
        )
    )
    cut = pl.col("day").dt.month() + (pl.col("day") >= SECOND).cast(pl.Int8)
    late = pl.col("tenths").filter(pl.col("day") >= pl.col("promoted")).sum()
    sold = own.join(careers, on="payee").group_by("payee", slice=cut)
    sums = sold.agg(pl.col("tenths", "push").sum(), late=late)
    august = shared.month_ends().filter(pl.col("month") == AUGUST).with_columns(last=SECOND - timedelta(days=1))
    ends = pl.concat([shared.month_ends(), august]).sort("last").with_columns(slice=pl.int_range(1, 14, dtype=pl.Int8))
    grid = shared.at_ends(roster.drop("rate"), ends).join(careers, on="payee")
    grid = grid.join(shared.quotas(data, "own"), on=["payee", "quarter"]).join(sums, on=["payee", "slice"], how="left")
    filled = grid.sort("payee", "slice").with_columns(pl.col("tenths", "late", "push").fill_null(0))
    return filled.with_columns(
        version=pl.when(pl.col("slice") > AUGUST).then(2).otherwise(1),
        ytd=pl.col("tenths").cum_sum().over("payee"),
        qtd=pl.col("tenths").cum_sum().over("payee", "quarter"),
        mtd=pl.col("tenths").cum_sum().over("payee", "month"),
    )


def _months(data: Path, roster: pl.LazyFrame, team: pl.LazyFrame) -> pl.LazyFrame:
    """Return each leader's months, with the quotas and limits at the month's end.

    The credits are those of the line below, to date.
    """
    sums = team.group_by("payee", month=pl.col("day").dt.month()).agg(pl.col("tenths").sum())
    grid = shared.at_ends(roster, shared.month_ends()).join(shared.quotas(data, "team"), on=["payee", "quarter"])
    filled = grid.join(sums, on=KEYS, how="left").sort(KEYS).with_columns(pl.col("tenths").fill_null(0))
    return filled.with_columns(
        ytd=pl.col("tenths").cum_sum().over("payee"), qtd=pl.col("tenths").cum_sum().over("payee", "quarter")
    )


# ---- sellers ----------------------------------------------------------------------------------


def _seller_rows(grid: pl.LazyFrame) -> pl.LazyFrame:
    """Return the earnings of sellers, with the part of each month within the plan's cap as `target`."""
    now = _entitled(pl.col("ytd"), pl.col("qtd"), pl.col("mtd"))
    then = _entitled(*(pl.col(name) - pl.col("tenths") for name in ("ytd", "qtd", "mtd")))
    # Before a month's first day there is no entitlement, not even the minimum.
    then["minimum"] = pl.when(pl.col("slice") == AUGUST + 1).then(then["minimum"]).otherwise(0)
    earned = shared.computed(grid.with_columns(**{name: now[name] - then[name] for name in now}, personal=_personal()))
    to_date = pl.col("base").cum_sum().over("payee")
    limit = shared.rounded(60 * pl.col("incentive"), 100)
    capped = earned.with_columns(base=shared.limited(to_date, to_date - pl.col("base"), limit))
    names = ("base", "growth", "minimum", "personal")
    parts = [_rows(capped, name, pl.col(name)) for name in names]
    rows = shared.computed(pl.concat([*parts, *_by_quarter(capped), _push(grid), _race(grid)]))
    limits = grid.filter(pl.col("slice") != AUGUST).select(*KEYS, limit=shared.rounded(20 * pl.col("incentive"), 100))
    total = pl.col("cents").sum().over(KEYS)
    return rows.join(limits, on=KEYS).with_columns(target=pl.min_horizontal(total, "limit"))


def _rows(frame: pl.LazyFrame, component: str, cents: pl.Expr) -> pl.LazyFrame:
    version = pl.col("version").cast(pl.Int64)
    return frame.select("payee", pl.col("month").cast(pl.Int8), version, component=pl.lit(component), cents=cents)


def _entitled(ytd: pl.Expr, qtd: pl.Expr, mtd: pl.Expr) -> dict[str, pl.Expr]:
    """Return entitlements to date in cents, by the version of each row."""
    quota, quarter_quota = pl.col("quota") * 10, pl.col("quarter_quota") * 10
    base = _by_version([shared.marginal(ytd, quota, tiers) for tiers in BASE])
    growth = _by_version([shared.retroactive(qtd, quarter_quota, tiers) for tiers in GROWTH])
    return {
        "base": shared.rounded(base, 10_000_000),
        "growth": shared.rounded(growth, 100_000),
        "minimum": shared.rounded(mtd, 10_000).clip(2_500, 25_000),
        "quarter_made": 100_000 * (qtd >= quarter_quota).cast(pl.Int64),
        "pot": qtd,
    }


def _by_version(values: list[pl.Expr]) -> pl.Expr:
    return pl.when(pl.col("version") == 1).then(values[0]).otherwise(values[1])


def _personal() -> pl.Expr:
    """Return pay by the old rate before a promotion, and by the new rate after it."""
    start, promoted = pl.col("mtd") - pl.col("tenths"), pl.col("mtd") - pl.col("late")

    def stretch(rate: str, lower: pl.Expr, upper: pl.Expr) -> pl.Expr:
        return shared.rounded(pl.col(rate) * upper, 100_000) - shared.rounded(pl.col(rate) * lower, 100_000)

    return stretch("rate", start, promoted) + stretch("rate_after", promoted, pl.col("mtd"))


def _by_quarter(earned: pl.LazyFrame) -> list[pl.LazyFrame]:
    """Return the bonus, and the pot of each version and quarter, shared by payees with a measure above zero."""
    by = ["payee", "quarter", "version"]
    rows = earned.group_by(by).agg(pl.col("quarter_made", "pot").sum()).with_columns(month=3 * pl.col("quarter"))
    sharing = rows.filter(pl.col("pot") > 0).with_columns(cents=pl.col("pot"), total=pl.lit(POT, pl.Int64))
    shares = shared.apportioned(sharing, ["quarter", "version"], ["payee"], "total")
    others = rows.filter(pl.col("pot") <= 0)
    return [
        _rows(rows, "quarter_made", pl.col("quarter_made")),
        _rows(shares, "pot", pl.col("cents")),
        _rows(others, "pot", pl.lit(0, pl.Int64)),
    ]


def _push(grid: pl.LazyFrame) -> pl.LazyFrame:
    """Return 20.00 USD per unit, within the budget."""
    rows = grid.filter(pl.col("slice") == 6).with_columns(
        cents=2000 * pl.col("push"), all=0, total=pl.lit(BUDGET, pl.Int64)
    )
    beyond = pl.col("cents").sum() > BUDGET
    shares = shared.apportioned(rows.filter(beyond), ["all"], ["payee"], "total")
    return _rows(pl.concat([rows.filter(~beyond), shares]), "push", pl.col("cents"))


def _race(grid: pl.LazyFrame) -> pl.LazyFrame:
    """Return the prizes of the contest.

    Payees with equal scores share the prizes of their places. Cents that cannot be divided are given to the first ones
    by name.
    """
    rows = grid.filter(pl.col("slice") == 10).with_columns(score=pl.col("tenths")).sort("payee")
    racing = rows.filter(pl.col("score") > 0).with_columns(
        place=pl.col("score").rank("min", descending=True).cast(pl.Int64), tied=pl.len().over("score").cast(pl.Int64)
    )

    def prizes(places: pl.Expr) -> pl.Expr:
        sums = {number: sum(PRIZES[:number]) for number in range(len(PRIZES) + 1)}
        return pl.min_horizontal(places, len(PRIZES)).replace_strict(sums, return_dtype=pl.Int64)

    ahead = pl.col("place") - 1
    prize = prizes(ahead + pl.col("tied")) - prizes(ahead)
    turn = pl.int_range(pl.len()).over("score")
    cents = prize // pl.col("tied") + (turn < prize % pl.col("tied")).cast(pl.Int64)
    others = rows.filter(pl.col("score") <= 0)
    return pl.concat([_rows(racing, "race", cents), _rows(others, "race", pl.lit(0, pl.Int64))])


# ---- leaders ----------------------------------------------------------------------------------


def _leader_rows(grid: pl.LazyFrame) -> pl.LazyFrame:
    """Return the earnings of leaders, with the part within the plan's cap of the year as `target`."""
    quota, quarter_quota = pl.col("quota") * 10, pl.col("quarter_quota") * 10
    to_date = grid.with_columns(
        team=shared.rounded(shared.marginal(pl.col("ytd"), quota, TEAM), 10_000_000),
        overall=shared.rounded(shared.retroactive(pl.col("qtd"), quarter_quota, OVERALL), 100_000),
        version=1,
    )
    before = pl.col("overall").shift(1, fill_value=0).over("payee", "quarter")
    limit = shared.rounded(10 * pl.col("incentive"), 100)
    made = 500_000 * (pl.col("ytd") >= quota).cast(pl.Int64)
    rows = pl.concat(
        [
            _rows(to_date, "team", pl.col("team") - pl.col("team").shift(1, fill_value=0).over("payee")),
            _rows(to_date, "overall", shared.limited(pl.col("overall"), before, limit)),
            _rows(to_date.filter(pl.col("month") == 12), "year_made", made),
        ]
    )
    sums = rows.group_by(KEYS).agg(total=pl.col("cents").sum()).sort(KEYS)
    summed = pl.col("total").cum_sum().over("payee")
    limits = grid.select(*KEYS, limit=shared.rounded(105 * pl.col("incentive"), 100))
    targets = (
        sums.join(limits, on=KEYS)
        .sort(KEYS)
        .select(*KEYS, target=shared.limited(summed, summed - pl.col("total"), pl.col("limit")))
    )
    return rows.join(targets, on=KEYS)
