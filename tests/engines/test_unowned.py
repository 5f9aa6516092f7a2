"""Rows that nobody gets: territories with random owners, of which the test itself says who owns what on which day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.engines.random_projects import engines, few, result
from tests.projects import plan_text, small_project

pytestmark = pytest.mark.cases

FIRST, LAST, DAY = date(2025, 1, 1), date(2025, 3, 31), timedelta(days=1)

_SOURCES = """
sources:
  regions:
    files: regions.csv
    key: [region]
    columns:
      region: text
      zone: text
  held:
    files: held.csv
    key: [territory]
    dated: {from: from_date, through: through_date}
    columns:
      territory: text
      payee: {type: text, references: roster}
      from_date: date
      through_date: {type: date, optional: true}
  orders:
    files: orders.csv
    key: [number]
    columns:
      number: count
      day: date
      region: {type: text, references: regionsOPTIONAL}
      amount: {type: money, currency: USD}
"""
_PLAN = """calendar plain {
  year starts January
  pay monthly
}

territory north of regions {
  covers zone == "north"
  owners from held
}

territory south of regions {
  covers zone == "south"
  owners from held
}

measure sold_there in USD {
  sum    orders.amount
  on     orders.day
  credit owner of territory of orders.region
}

""" + plan_text("""
  commission base {
    pays 10% of sold_there
  }
""")

#: Days from 30 before the first one that is paid to 30 after the last.
days = st.integers(-30, (LAST - FIRST).days + 30)
#: Owners follow each other: each begins on a day, and ends on the given one, or the day before the next one begins.
owners = st.dictionaries(days, st.none() | st.integers(0, 60), max_size=4)
#: On every day something is sold everywhere.
ZONES = ("north", "south", "west")
SOLD = [(day, zone) for day in range((LAST - FIRST).days + 1) for zone in ZONES]


def stretches(begins: dict[int, int | None]) -> list[tuple[int, int | None]]:
    """First and last day of each owner; None: for good."""
    ordered = sorted(begins)
    nexts: list[int | None] = [*ordered[1:], None]
    found = []
    for start, after in zip(ordered, nexts, strict=False):
        length = begins[start]
        ends = [] if length is None else [start + length]
        ends += [] if after is None else [after - 1]
        found.append((start, min(ends, default=None)))
    return found


@few
@given(owners, owners, st.sampled_from([(), ((7, ""),)]), engines)
@example({-5: 10, 20: 5, 50: 5}, {}, (), "duckdb")
def test_what_nobody_covers_or_owns_is_told(
    north: dict[int, int | None], south: dict[int, int | None], nowhere: tuple[tuple[int, str], ...], engine: str
) -> None:
    held = {"north": stretches(north), "south": stretches(south)}
    owned = [
        f"{territory},ann,{FIRST + start * DAY},{'' if end is None else FIRST + end * DAY}"
        for territory, own in held.items()
        for start, end in own
    ]
    rows = [*SOLD, *nowhere]
    found = result(
        small_project(
            _PLAN,
            _SOURCES.replace("OPTIONAL", ", optional: true" if nowhere else ""),
            days=(FIRST, LAST),
            roster=["ann,Ann,2024-12-01"],
            regions=["north,north", "south,south", "west,west"],
            held=owned,
            orders=[f"{n},{FIRST + day * DAY},{zone},1.00" for n, (day, zone) in enumerate(rows)],
        ),
        engine,
    )
    assert found is not None
    expected: dict[str, tuple[str, str | None]] = {}
    for number, (day, zone) in enumerate(rows):
        own = held.get(zone)
        if own is None:
            expected[str(number)] = ("no-territory", None)
        elif not any(start <= day and (end is None or day <= end) for start, end in own):
            expected[str(number)] = ("no-owner", zone)
    assert {row["key"]: (row["reason"], row["territory"]) for row in found.uncredited.to_pylist()} == expected
    assert found.uncredited.num_rows == len(expected)
