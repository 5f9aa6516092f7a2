"""A plan project with generated transactions: the same seed gives the same files."""

from __future__ import annotations

from pathlib import Path

import duckdb

SETTINGS = """\
name: benchmark
roster: roster

sources:
  roster:
    files: roster.csv
    key: [payee]
    dated: {from: from_date}
    columns: {payee: text, name: text, from_date: date}
  targets:
    files: targets.csv
    key: [payee, period]
    columns:
      payee: {type: text, references: roster}
      period: date
      target: {type: money, currency: USD, minimum: 0}
  orders:
    files: orders.parquet
    key: [id]
    columns:
      id: count
      payee: {type: text, references: roster}
      day: date
      amount: {type: money, currency: USD}
      product: text
      units: count
"""

PLAN = """\
use std.calendar_year

measure bookings in USD {
  sum    orders.amount
  on     orders.day
  credit orders.payee
}

measure push_units {
  sum    orders.units
  where  orders.product == "P3"
  on     orders.day
  credit orders.payee
}

quota bookings {
  from targets, each quarter
}

plan account_executive version 1 {
  effective from 2025-01-01
  for       payee.payee != "nobody"
  currency  USD
  cap       6_000.00 USD each period

  commission base {
    on  bookings, year to date
    tiers by attainment, marginal {
      0%   to 50%    : 1.25%
      50%  to 100%   : 2.5%
      100% and above : 5%
    }
    cap 20_000.00 USD each year
  }

  bonus quarter_made {
    each quarter
    when attainment of bookings >= 100%
    pays 1_000.00 USD
  }

  spif push {
    window from 2025-06-01 through 2025-06-30
    pays   5.00 USD per push_units
  }
}
"""


def generate(folder: Path, rows: int, payees: int, seed: int) -> None:
    """Write the project: `rows` orders of 2025 over `payees` payees, the first ones busier, a fifth of them returns."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    (folder / "spm.yaml").write_text(SETTINGS, encoding="utf-8")
    (folder / "plan.spm").write_text(PLAN, encoding="utf-8")
    connection = duckdb.connect()

    def number(salt: int, below: int) -> str:
        return f"cast(hash(i, {seed}, {salt}) % {below} as bigint)"

    # The smaller of two draws: the first payees have more orders than the last.
    payee = f"least({number(1, payees)}, {number(2, payees)})"
    connection.execute(
        f"copy (select i as id, 'E' || lpad(cast({payee} as varchar), 6, '0') as payee, "
        f"date '2025-01-01' + cast({number(3, 365)} as integer) as day, "
        f"cast(cast({number(4, 250_000)} - 50_000 as decimal(18, 2)) * 0.01 as decimal(18, 2)) as amount, "
        f"'P' || {number(5, 10)} as product, 1 + {number(6, 5)} as units from range({rows}) t(i)) "
        f"to '{data / 'orders.parquet'}'"
    )
    name = "'E' || lpad(cast(i as varchar), 6, '0')"
    connection.execute(
        f"copy (select {name} as payee, {name} as name, date '2025-01-01' as from_date from range({payees}) t(i)) "
        f"to '{data / 'roster.csv'}'"
    )
    # About what a payee sells in a quarter, so that every tier is reached by somebody.
    each = max(rows // payees, 1) * 750 // 4
    connection.execute(
        f"copy (select {name} as payee, cast(date '2025-01-15' + to_months(q * 3) as date) as period, "
        f"cast({each} + {number(7, 1 + each)} as decimal(18, 2)) as target from range({payees}) t(i), range(4) s(q)) "
        f"to '{data / 'targets.csv'}'"
    )
